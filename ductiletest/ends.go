package ductiletest

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// An end is a way in which a call ends.
type end struct {
	name   string
	heard  error // what the gate hears of it, as near as it can be made without a call
	blames bool  // the gate may refuse others for it
	// call makes one call through a pipeline, which ends so, and reports whether the gate admitted it.
	call func(ctx context.Context, c *caller, gate ductile.Gate) bool
}

var errDown = errors.New("ductiletest: the dependency is down")

func success() end { return returning("success", nil, false) }
func failing() end { return returning("an error", errDown, true) }
func canceling() end {
	return end{"a cancellation", fault.End(context.Canceled, fault.ClassCanceled), false, canceled}
}

// ends returns all ends there are.
func ends() []end {
	return []end{
		success(),
		failing(),
		returning("an error marked permanent", fault.Permanent(errDown), false),
		returning("an error marked ignored", fault.Ignore(errDown), false),
		returning("a timeout", fault.Timeout(errDown), true),
		returning("overload", fault.Overload(errDown, time.Second), true),
		{"a refusal by a gate inside", closed{}.refusal(), false, refusedInside},
		canceling(),
		{"a cancellation before the function is called", fault.End(context.Canceled, fault.ClassCanceled), false, canceledBefore},
		{"the caller's deadline", fault.End(context.DeadlineExceeded, fault.ClassTimeout), true, outOfTime},
		{"a panic", fault.ErrAborted, true, panicking},
		{"Goexit", fault.ErrExited, false, exiting},
		losing("losing to a faster copy", false),
		losing("losing to a faster copy after the hedge's delay", true),
	}
}

// returning is the end of a function that returns err.
func returning(name string, err error, blames bool) end {
	return end{name, err, blames, func(ctx context.Context, c *caller, gate ductile.Gate) bool {
		return c.run(ctx, gate, nil, func(context.Context) error { return err })
	}}
}

// losing is the end of a copy that a faster one makes unnecessary, which cancels it with that for a cause.
func losing(name string, outlasted bool) end {
	cause := fault.Superseded(outlasted)
	return end{name, cause, outlasted, func(ctx context.Context, c *caller, gate ductile.Gate) bool {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		return c.run(ctx, gate, nil, func(ctx context.Context) error {
			cancel(cause)
			return ctx.Err()
		})
	}}
}

func refusedInside(ctx context.Context, c *caller, gate ductile.Gate) bool {
	return c.run(ctx, gate, closed{}, nil)
}

func canceled(ctx context.Context, c *caller, gate ductile.Gate) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return c.run(ctx, gate, nil, func(ctx context.Context) error {
		cancel()
		return ctx.Err()
	})
}

func canceledBefore(ctx context.Context, c *caller, gate ductile.Gate) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return c.run(ctx, gate, hook{cancel}, nil)
}

func outOfTime(ctx context.Context, c *caller, gate ductile.Gate) bool {
	limited := &expiring{}
	limited.Context, limited.cancel = context.WithCancel(ctx)
	defer limited.cancel()
	return c.run(limited, gate, nil, func(ctx context.Context) error {
		limited.expire()
		return ctx.Err()
	})
}

// expiring is a context whose deadline passes when it is told to: no time passes, in which other things happen.
type expiring struct {
	context.Context
	cancel context.CancelFunc
	passed atomic.Bool
}

func (e *expiring) expire() {
	e.passed.Store(true)
	e.cancel()
}

func (e *expiring) Err() error {
	if e.passed.Load() {
		return context.DeadlineExceeded
	}
	return e.Context.Err()
}

// thrown is what the functions of this package panic with.
type thrown struct{}

func panicking(ctx context.Context, c *caller, gate ductile.Gate) (admitted bool) {
	defer func() {
		if r := recover(); r == (thrown{}) {
			admitted = true
		} else if r != nil {
			panic(r)
		}
	}()
	return c.run(ctx, gate, nil, func(context.Context) error { panic(thrown{}) })
}

// exiting ends another goroutine, as a t.FailNow within a call does.
func exiting(ctx context.Context, c *caller, gate ductile.Gate) (admitted bool) {
	<-c.x.spawn(func(c *caller) {
		c.run(ctx, gate, nil, func(context.Context) error {
			admitted = true
			runtime.Goexit()
			return nil
		})
	})
	return admitted
}

// run makes a call through a pipeline of the gate and what is inside it, and reports whether the gate admitted it.
func (c *caller) run(ctx context.Context, gate ductile.Gate, inside ductile.Gate, fn func(context.Context) error) bool {
	admitted := false
	witness := hook{func() { admitted = true }}
	policies := []ductile.Policy{contained{gate, c}, witness}
	if inside != nil {
		policies = append(policies, inside)
	}
	if fn == nil {
		fn = func(context.Context) error { return nil }
	}
	_ = ductile.Run(ctx, ductile.New("", policies...), fn)
	return admitted
}

// hook is a gate that admits all, and does something first.
type hook struct{ do func() }

func (hook) Name() string                              { return "hook" }
func (h hook) Acquire(context.Context) (uint64, error) { h.do(); return 0, nil }
func (hook) Release(uint64, error)                     {}

// closed is a gate that refuses all.
type closed struct{}

func (closed) Name() string                              { return "closed" }
func (g closed) Acquire(context.Context) (uint64, error) { return 0, g.refusal() }
func (closed) Release(uint64, error)                     {}
func (closed) refusal() error                            { return &ductile.RejectedError{Policy: "closed", Err: errDown} }
