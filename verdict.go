package ductile

import (
	"context"
	"errors"
	"fmt"

	"github.com/ductile-go/ductile/fault"
)

// seen returns err as a policy has to take it whose context is ctx, and before which fn had been started so often.
func (c *call) seen(ctx context.Context, started int, err error) error {
	return seenAt(ctx, c.started > started, err)
}

// seenAt returns err as a layer has to take it whose context is ctx. Whose context ended only the driver can know, and each layer
// may have another:
//
//   - a layer whose own context is alive takes a context.Canceled out of fn for a failure like any other;
//   - where fn was never reached, a dead context is nobody's fault, not even a deadline;
//   - a deadline that passed while fn worked is a timeout, unless fn had an answer all the same;
//   - otherwise the caller has gone, whatever fn's error was.
//
// The mark is for policies: the caller gets err.
func seenAt(ctx context.Context, reached bool, err error) error {
	class := fault.Of(err)
	switch dead := ctx.Err(); {
	case dead == nil && class == fault.ClassCanceled:
		return fault.End(err, fault.ClassTransient)
	case dead == nil:
		return err
	case !reached, !errors.Is(dead, context.DeadlineExceeded):
		return fault.End(err, fault.ClassCanceled)
	case answered(class):
		return err
	default:
		return fault.End(err, fault.ClassTimeout)
	}
}

// answered reports whether fn's error was an answer.
func answered(class fault.Class) bool {
	return class == fault.ClassPermanent || class == fault.ClassIgnored
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

// endOf returns why a context is dead: its error, and the cause where that says more.
func endOf(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
