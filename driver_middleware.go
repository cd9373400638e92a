package ductile

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/deadline"
)

// around is one call of a Middleware, and the calls of next that it made.
type around struct {
	segment *segment
	part    call
	reach   reach
	values  cell // the caller's, which is not touched until Around has returned

	mu      sync.Mutex
	calls   int
	attempt int // the highest so far
	running map[*deadline.Context]struct{}
	last    cell // of the next that returned last
	over    bool
}

// runMiddleware calls Around with what is inside as its next.
func (s *segment) runMiddleware(ctx context.Context, c *call, v cell) (err error) {
	a := &around{segment: s, values: v, attempt: c.attempt, running: map[*deadline.Context]struct{}{}}
	a.part = c.part(&a.reach)
	started, finished := c.started, false
	defer func() {
		last, left := a.end()
		if c.sent != nil && left && a.reach.reached.Load() {
			c.sent.Store(true) // by what still runs, for all that is known
		}
		c.join(&a.reach, started, a.attempt)
		c.now = time.Time{}
		switch {
		case finished:
			v.take(last, err == nil)
		case last != nil:
			last.drop()
		}
	}()
	err = s.cut.middleware.Around(ctx, a.next)
	finished = true
	if c.watch != nil && a.untouched() && fault.Of(err) == fault.ClassRejected {
		c.watch.Rejected(ctx, Rejected{Policy: s.cut.name, Err: err})
	}
	return err
}

// untouched reports whether next has not been called.
func (a *around) untouched() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls == 0
}

// errOver is what a Middleware gets that calls next after it has returned.
var errOver = errors.New("ductile: next was called after Around had returned: nothing was called")

// next makes the call that is inside the Middleware.
func (a *around) next(ctx context.Context) error {
	if ctx == nil {
		panic("ductile: next was called with a nil context: give it Around's, or one made from it")
	}
	own := deadline.NewCopy(ctx)
	c, ok := a.begin(own)
	if !ok {
		return errOver
	}
	v := a.values.fork()
	returned := false
	defer func() {
		if !returned {
			if c.owed {
				c.deposit()
			}
			v.drop()
		}
		own.End()
	}()
	inner := context.Context(own)
	if attempt, copy := c.pipeline.Attempt(ctx); attempt != c.attempt || copy != c.copy {
		inner = atAttempt(own, &c)
	}
	err := a.segment.rest.run(inner, &c, v)
	returned = true
	if old := a.returned(own, c.attempt, v); old != nil {
		old.drop()
	}
	return err
}

// begin enters a call of next, unless it comes too late. Each call after the first is another attempt.
func (a *around) begin(own *deadline.Context) (c call, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return c, false
	}
	if a.calls++; a.calls > 1 {
		a.attempt++
	}
	a.running[own] = struct{}{}
	c = a.part
	c.attempt = a.attempt
	return c, true
}

// returned takes the value of a call of next, and returns the one to discard: that of the call before, or its own if it comes too late.
func (a *around) returned(own *deadline.Context, attempt int, v cell) (discard cell) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return v
	}
	delete(a.running, own)
	a.attempt = max(a.attempt, attempt)
	discard, a.last = a.last, v
	return discard
}

// end cancels the calls of next that still run, and returns the value of the one that returned last, and whether any were left running.
func (a *around) end() (last cell, left bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	for own := range a.running {
		own.Cancel(nil)
	}
	return a.last, len(a.running) > 0
}
