package ductile

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// A node is one policy in its place. Exactly one of the shapes is set.
type node struct {
	name     string
	gate     Gate
	timed    timedGate // the gate, where it takes the driver's reading of the clock
	retrier  Retrier
	deadline Deadline
	fallback Fallback
	next     *node // nil where fn comes next, or a cut

	// The shapes of concurrent pipelines.
	hedger     Hedger
	middleware Middleware
	detached   bool // the deadline does not wait
}

// A call is what the driver knows of one Do, or of one copy of a DoConcurrent. It stays on the stack.
type call struct {
	pipeline *Pipeline
	watch    Watch        // nil where nobody watches
	attempt  int          // the number of the current attempt, from 1
	copy     int          // the number of the copy, from 1
	started  int          // how often fn has been started
	once     bool         // the caller says that the call is not to be repeated
	single   bool         // the caller says that it has no copies
	sent     *atomic.Bool // nil, or not to be repeated once it is true
	owed     bool         // the budgets have not had their share of the first attempt yet

	now time.Time // when fn last returned, zero where that is long ago or not known

	together // of a concurrent call
}

// timedGate is a gate that wants to know when the call ended. A reading of the clock is a quarter of what a call costs, so the driver
// makes one for all who want it.
type timedGate interface {
	ReleaseAt(token uint64, at time.Time, err error)
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
	if c.cut { // what comes next counts for itself
		_, err := fn(ctx, nil, nil)
		return err
	}
	var err error
	if c.watch != nil {
		err = c.startWatched(ctx, fn)
	} else {
		c.count()
		_, err = fn(ctx, nil, nil)
	}
	if c.pipeline.shareClock {
		c.now = c.pipeline.base.Add(time.Since(c.pipeline.base))
	}
	if c.owed {
		c.deposit()
	}
	return err
}

// count notes that fn is started. The first time earns a share of the budgets, once fn has returned, panicked or exited.
func (c *call) count() {
	c.started++
	c.owed = c.started == 1 && c.pipeline.budgets != nil
	for r := c.reach; r != nil; r = r.outer {
		r.reached.Store(true)
	}
}

// deposit gives the budgets their share of the first attempt.
func (c *call) deposit() {
	c.owed = false
	if c.joint != nil && c.joint.deposited.Swap(true) {
		return
	}
	for _, b := range c.pipeline.budgets {
		if c.now.IsZero() {
			b.Deposit()
		} else {
			b.DepositAt(c.now)
		}
	}
}

func (c *call) startWatched(ctx context.Context, fn body) (err error) {
	e := AttemptEnded{Attempt: c.attempt, Copy: c.copy}
	started, ended := c.started, false
	defer func() {
		if !ended {
			e.Err, e.Class = whoUnwinds(), fault.ClassAborted
			if e.Err == fault.ErrExited { //nolint:errorlint // the marker itself
				e.Class = fault.ClassExited
			}
		}
		if c.started > started {
			c.watch.AttemptEnded(ctx, e)
		}
	}()
	ctx = c.watch.AttemptStarted(ctx, AttemptStarted{Attempt: e.Attempt, Copy: e.Copy})
	c.count()
	_, err = fn(ctx, nil, nil)
	e.Err, e.Class = err, classAt(ctx, true, err)
	ended = true
	return err
}

// runGate is the only place where permits are taken, and given back.
func (n *node) runGate(ctx context.Context, c *call, fn body) (err error) {
	token, err := n.gate.Acquire(ctx)
	if err != nil {
		return n.rejected(ctx, c, err)
	}
	started := c.started
	end, ended := error(nil), false
	defer func() {
		if !ended {
			end = abnormalEnd(c.started > started)
		}
		if n.timed != nil && !c.now.IsZero() {
			n.timed.ReleaseAt(token, c.now, end)
		} else {
			n.gate.Release(token, end)
		}
	}()
	if err = n.next.run(ctx, c, fn); err != nil {
		end = c.seen(ctx, started, err) // not in the deferred function: it may panic, and the permit comes back all the same
	}
	ended = true
	return err
}

// rejection is an error that may say by itself that it is one. It is asked directly: errors.Is would cost a quarter of a refusal.
type rejection interface {
	Fault() fault.Class
	Is(target error) bool
}

// rejected returns a gate's refusal as the caller gets it. One that already says it is a rejection is passed on, unallocated.
func (n *node) rejected(ctx context.Context, c *call, err error) error {
	if r, ok := err.(rejection); !ok || r.Fault() != fault.ClassRejected || !r.Is(fault.ErrRejected) {
		err = &RejectedError{Pipeline: c.pipeline.name, Policy: n.name, Err: err}
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
	c.now = time.Time{} // a fallback may take its time
	by, failed := fn(ctx, n.fallback, seen)
	if failed == nil && by == "" {
		return err
	}
	if failed != nil {
		by = ""
	}
	if c.watch != nil {
		c.watch.FellBack(ctx, FellBack{Policy: n.name, By: by, Cause: err, Class: fault.Of(seen), Err: failed})
	}
	if failed != nil {
		return &FallbackError{Pipeline: c.pipeline.name, Policy: n.name, Cause: err, Err: failed}
	}
	return nil
}
