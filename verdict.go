package ductile

import (
	"context"
	"fmt"
	"runtime"

	"github.com/ductile-go/ductile/fault"
)

// seen returns err as a policy has to take it whose context is ctx, and before which fn had been started so often.
func (c *call) seen(ctx context.Context, started int, err error) error {
	return seenAt(ctx, c.started > started, err)
}

// seenAt returns err as a layer has to take it whose context is ctx. Whose context ended only the driver can know, and each layer
// may have another: see fault.Seen. Where fn was never reached, a dead context is nobody's fault, not even a deadline: the layer's
// own, or that of a timeout inside.
//
// The mark is for policies: the caller gets err. It asks methods of the user's errors, which may panic: a typed nil is enough.
func seenAt(ctx context.Context, reached bool, err error) error {
	if reached {
		return fault.Seen(ctx, err)
	}
	if ctx.Err() != nil {
		return fault.End(err, fault.ClassCanceled)
	}
	switch fault.Of(err) {
	case fault.ClassCanceled, fault.ClassTimeout:
		return fault.End(err, fault.ClassRejected)
	default:
		return err
	}
}

// classAt returns the class of an attempt's or a call's end for those who watch.
func classAt(ctx context.Context, reached bool, end error) fault.Class {
	switch class := fault.Of(end); class {
	case fault.ClassSuccess, fault.ClassAborted, fault.ClassExited:
		return class
	default:
		return fault.Of(seenAt(ctx, reached, end))
	}
}

// abnormalEnd returns what a gate hears of a call that did not return, in a deferred function of that call. What panicked before fn
// was reached was not the dependency.
func abnormalEnd(reached bool) error {
	end := whoUnwinds()
	if !reached {
		return fault.End(end, fault.ClassCanceled)
	}
	return end
}

// whoUnwinds tells a panic from runtime.Goexit. Recovering would tell, too, but a panic is to pass through untouched; so it looks who
// called the deferred function.
func whoUnwinds() error {
	var callers [8]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers[:])])
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

// endOf returns why a context is dead: its error, and the cause where that says more.
func endOf(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == context.Canceled && cause == err || err == context.DeadlineExceeded && cause == err { //nolint:errorlint // these two and no others need no class
		return err
	}
	return &contextError{err, cause}
}

// contextError is a context's end with its cause, or with a copy's failure before. The class is the end's own: the rest may be
// anything, another call's refusal for one.
type contextError struct{ err, cause error }

func (e *contextError) Error() string   { return fmt.Sprintf("%v: %v", e.err, e.cause) }
func (e *contextError) Unwrap() []error { return []error{e.err, e.cause} }
func (e *contextError) Timeout() bool   { return e.Fault() == fault.ClassTimeout }

// Fault returns the class by which Err, and not its cause, has it.
func (e *contextError) Fault() fault.Class {
	if fault.Of(e.err) == fault.ClassTimeout {
		return fault.ClassTimeout
	}
	return fault.ClassCanceled
}
