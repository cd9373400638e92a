package ductile

import (
	"context"
	"runtime"

	"github.com/ductile-go/ductile/fault"
)

// A node is one policy in its place. Exactly one of the shapes is set.
type node struct {
	name     string
	gate     Gate
	retrier  Retrier
	deadline Deadline
	fallback Fallback
	next     *node // nil where fn comes next
}

// A call is what the driver knows of one Do. It stays on Do's stack.
type call struct {
	pipeline *Pipeline
	watch    Watch // nil where nobody watches
	attempt  int   // the number of the current attempt, from 1
	copy     int   // the number of the copy, from 1
	started  int   // how often fn has been started
	once     bool  // the caller says that the call is not to be repeated
}

// run runs the policies from n on, and fn inside them. The methods are called statically, one switch and no interface: only so can
// the compiler see that fn does not escape.
func (n *node) run(ctx context.Context, c *call, fn body) error {
	switch {
	case n == nil:
		return c.invoke(ctx, fn)
	case n.gate != nil:
		return n.runGate(ctx, c, fn)
	case n.retrier != nil:
		return n.runRetrier(ctx, c, fn)
	case n.deadline != nil:
		return n.runDeadline(ctx, c, fn)
	default:
		return n.runFallback(ctx, c, fn)
	}
}

// invoke calls fn, but never on a dead context.
func (c *call) invoke(ctx context.Context, fn body) error {
	if ctx.Err() != nil {
		return endOf(ctx)
	}
	return c.start(ctx, fn)
}

// start calls fn on a context that was alive a moment ago.
func (c *call) start(ctx context.Context, fn body) error {
	if c.started++; c.started == 1 {
		for _, b := range c.pipeline.budgets {
			b.Deposit()
		}
	}
	if c.watch != nil {
		return c.startWatched(ctx, fn)
	}
	_, err := fn(ctx, nil, nil)
	return err
}

func (c *call) startWatched(ctx context.Context, fn body) (err error) {
	attempt, number := c.attempt, c.copy
	ctx = c.watch.AttemptStarted(ctx, AttemptStarted{Attempt: attempt, Copy: number})
	ended := false
	defer func() {
		end := err
		if !ended {
			end = abnormalEnd()
		}
		c.watch.AttemptEnded(ctx, AttemptEnded{Attempt: attempt, Copy: number, Class: classAt(ctx, true, end), Err: end})
	}()
	_, err = fn(ctx, nil, nil)
	ended = true
	return err
}

// runGate is the only place where permits are taken, and given back.
func (n *node) runGate(ctx context.Context, c *call, fn body) (err error) {
	token, err := n.gate.Acquire(ctx)
	if err != nil {
		return n.rejected(ctx, c, err)
	}
	started, ended := c.started, false
	defer func() {
		end := err
		if !ended {
			end = abnormalEnd()
		} else if err != nil {
			end = c.seen(ctx, started, err)
		}
		n.gate.Release(token, end)
	}()
	err = n.next.run(ctx, c, fn)
	ended = true
	return err
}

// rejected returns a gate's refusal as the caller gets it. One that already says it is a rejection is passed on, unallocated.
func (n *node) rejected(ctx context.Context, c *call, err error) error {
	if r, ok := err.(interface{ Fault() fault.Class }); !ok || r.Fault() != fault.ClassRejected {
		err = &RejectedError{Policy: n.name, Err: err}
	}
	if c.watch != nil {
		c.watch.Rejected(ctx, Rejected{Policy: n.name, Err: err})
	}
	return err
}

// runFallback asks for an answer where what is inside failed. The fallback gets this layer's context, not the expired one of an
// attempt.
func (n *node) runFallback(ctx context.Context, c *call, fn body) error {
	if _, err := fn(ctx, n.fallback, nil); err != nil {
		return err
	}
	started := c.started
	err := n.next.run(ctx, c, fn)
	if err == nil {
		return nil
	}
	seen := c.seen(ctx, started, err)
	by, failed := fn(ctx, n.fallback, seen)
	if failed == nil && by == "" {
		return err
	}
	if c.watch != nil {
		c.watch.FellBack(ctx, FellBack{Policy: n.name, By: by, Cause: err, Class: fault.Of(seen), Err: failed})
	}
	if failed != nil {
		return &FallbackError{Policy: n.name, Cause: err, Err: failed}
	}
	return nil
}

// abnormalEnd tells a panic from runtime.Goexit, in a deferred function of a call that did not return. Recovering would tell, too,
// but a panic is to pass through untouched; so it looks who called the deferred function.
func abnormalEnd() error {
	var callers [8]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		frame, more := frames.Next()
		switch frame.Function {
		case "runtime.gopanic":
			return fault.ErrAborted
		case "runtime.Goexit":
			return fault.ErrExited
		}
		if !more {
			return fault.ErrAborted
		}
	}
}
