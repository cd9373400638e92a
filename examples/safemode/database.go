package main

import (
	"context"
	"sync/atomic"
	"time"
)

// A database is what all services of a shop share, and what the shop can do is what its database can. It has a few connections, each of
// which makes one query after the other. Who finds all of them taken waits for one: first come, first served. Who leaves while waiting
// keeps nobody waiting. But a query that has begun runs to its end, wanted or not: most databases do not hear that a caller has left.
type database struct {
	idle  chan *connection
	times atomic.Int64 // so many times longer a query takes
}

type connection struct {
	free time.Time // from when on
}

func newDatabase() *database {
	d := &database{idle: make(chan *connection, connections)}
	d.times.Store(1)
	for range connections {
		d.idle <- new(connection)
	}
	return d
}

// query waits for a connection, and makes a query that takes so long while all is well.
//
// The database is a machine of its own: a query begins when its connection is free, even where this machine is busy and notices only
// later, so that what the database can do is always the same.
func (d *database) query(ctx context.Context, takes time.Duration) error {
	asked := time.Now()
	select {
	case c := <-d.idle:
		if c.free.Before(asked) {
			c.free = asked
		}
		c.free = c.free.Add(takes * time.Duration(d.times.Load()))
		time.Sleep(time.Until(c.free))
		d.idle <- c
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
