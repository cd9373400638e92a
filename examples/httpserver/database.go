package main

import (
	"context"
	"sync/atomic"
	"time"
)

// What a server can do is what its database can.
const (
	connections = 8
	takes       = 40 * time.Millisecond // a query
	capacity    = float64(connections) / (float64(takes) / float64(time.Second))
)

// A database has a few connections, as those of real servers. Who finds all of them taken waits for one: first come, first served. It heeds
// contexts: who leaves keeps nobody waiting, and a query whose caller has left ends at once.
type database struct {
	idle            chan *connection
	begun, finished atomic.Int64 // queries
}

// A connection makes one query after the other.
type connection struct {
	free time.Time // from when on
}

func newDatabase() *database {
	d := &database{idle: make(chan *connection, connections)}
	for range connections {
		d.idle <- new(connection)
	}
	return d
}

// query waits for a connection and makes a query.
func (d *database) query(ctx context.Context) error {
	asked := time.Now()
	select {
	case c := <-d.idle:
		defer func() { d.idle <- c }()
		return d.run(ctx, c, asked)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run makes a query. The database is a machine of its own: a query begins when its connection is free, even where this machine is busy and
// notices only later, so that what the database can do is always the same.
func (d *database) run(ctx context.Context, c *connection, asked time.Time) error {
	d.begun.Add(1)
	if c.free.Before(asked) {
		c.free = asked
	}
	c.free = c.free.Add(takes)
	done := time.NewTimer(time.Until(c.free))
	defer done.Stop()
	select {
	case <-done.C:
		d.finished.Add(1)
		return nil
	case <-ctx.Done():
		c.free = time.Now()
		return ctx.Err()
	}
}
