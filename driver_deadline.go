package ductile

import (
	"context"
	"time"

	"github.com/ductile-go/ductile/internal/deadline"
)

// runDeadline limits the time of what is inside. It waits for fn, which runs on this goroutine and has to heed its context. Where the
// enclosing deadline is sooner there is nothing to add.
func (n *node) runDeadline(ctx context.Context, c *call, fn body) error {
	after := n.deadline.Timeout(ctx)
	if after <= 0 {
		return n.next.run(ctx, c, fn)
	}
	at := time.Now().Add(after)
	if outer, ok := ctx.Deadline(); ok && !at.Before(outer) {
		return n.next.run(ctx, c, fn)
	}
	limited := deadline.New(ctx, at, after, n.deadline)
	defer limited.End()
	started := c.started
	var err error
	switch {
	case n.next != nil, after < fresh:
		err = n.next.run(limited, c, fn)
	case ctx.Err() != nil:
		err = endOf(ctx)
	default:
		err = c.start(limited, fn) // without a look at the clock for a context that began a moment ago
	}
	if err == nil && c.watch == nil || c.started == started || !limited.RanOut() {
		return err
	}
	return n.late(ctx, c, after, err, err)
}

// late returns the error of a call whose time has passed, which is err without the deadline's own opinion. cause is what fn returned,
// nil while it still runs.
func (n *node) late(ctx context.Context, c *call, after time.Duration, err, cause error) error {
	if err != nil {
		if late := n.deadline.Exceeded(after, cause); late != nil {
			err = late
		}
	}
	if c.watch != nil {
		c.watch.TimedOut(ctx, TimedOut{Policy: n.name, After: after, Err: err})
	}
	return err
}

// runDetached limits the time of what is inside, and does not wait for it beyond. What is inside runs on a goroutine of its own.
func (s *segment) runDetached(ctx context.Context, c *call, v cell) error {
	n := s.cut
	after := n.deadline.Timeout(ctx)
	if after <= 0 {
		return s.rest.run(ctx, c, v)
	}
	at := time.Now().Add(after)
	if outer, ok := ctx.Deadline(); ok && !at.Before(outer) {
		return newRace(ctx, c, s, v).run(c)
	}
	limited := deadline.New(ctx, at, after, n.deadline)
	defer limited.End()
	started := c.started
	r := newRace(limited, c, s, v)
	err := r.run(c)
	switch {
	case err == nil && c.watch == nil, c.started == started, !limited.RanOut():
		return err
	case r.left:
		return n.late(ctx, c, after, err, nil)
	default:
		return n.late(ctx, c, after, err, err)
	}
}

// fresh is a time in which a call gets from its timeout to its function, and a clock need not be read to know that it did.
const fresh = time.Millisecond

// Retain keeps the context of an attempt alive after its call has ended, until release is called: for adapters whose value is still
// read through it, such as the body of an HTTP response. It holds every context that the pipelines around the call made. Deadlines go
// on running, as http.Client.Timeout does, and so does the caller's own cancellation. Calling release again does nothing; not
// calling it keeps a timer until its deadline.
func Retain(ctx context.Context) (release func()) { return deadline.Retain(ctx) }
