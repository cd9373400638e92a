package main

import (
	"context"
	"time"
)

// What a server can do is what its stockroom can.
const (
	connections = 4
	takes       = 20 * time.Millisecond // a query
	capacity    = connections * int(time.Second/takes)
)

// A stockroom is a database with a few connections, as those of real servers. Who finds all of them taken waits for one: first come, first
// served. Who leaves while waiting keeps nobody waiting; but a query that has begun takes its time, whoever has left meanwhile.
type stockroom struct{ idle chan *connection }

// A connection makes one query after the other.
type connection struct {
	free time.Time // from when on
}

func newStockroom() *stockroom {
	s := &stockroom{idle: make(chan *connection, connections)}
	for range connections {
		s.idle <- new(connection)
	}
	return s
}

// query waits for a connection and makes a query.
func (s *stockroom) query(ctx context.Context) error {
	asked := time.Now()
	select {
	case c := <-s.idle:
		defer func() { s.idle <- c }()
		return c.run(ctx, asked)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run makes a query. The stockroom is a machine of its own: a query begins when its connection is free, even where this machine is busy and
// notices only later, so that what the stockroom can do is always the same.
func (c *connection) run(ctx context.Context, asked time.Time) error {
	if c.free.Before(asked) {
		c.free = asked
	}
	c.free = c.free.Add(takes)
	time.Sleep(time.Until(c.free))
	return ctx.Err()
}

// wait waits, unless the context ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
