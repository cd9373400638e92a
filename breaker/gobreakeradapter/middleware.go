package gobreakeradapter

import (
	"context"
	"fmt"

	"github.com/ductile-go/ductile/fault"
)

// A Middleware is a breaker that has only Execute as a middleware, made by [NewMiddleware], for concurrent pipelines. Several may share
// one, and what is not in a pipeline may go on using the breaker itself. It is safe for concurrent use. Where a breaker can be had as a
// [Gate], that is cheaper and goes into any pipeline.
//
// The value of a call does not pass through the breaker, which gets the zero T, so one breaker of any type serves calls of every type.
//
// The functions of its Settings get the call's own error, or one with a mark, as those of a Gate do. Of a call that panicked, gobreaker
// tells them the text only, as an error of its own making, and raises the panic again, with its value. A call that ended its goroutine
// by runtime.Goexit counts as if it had panicked: gobreaker by itself would not hear of it, and a half-open one would refuse every
// call from then on.
//
// A call costs two allocations besides what Execute does.
type Middleware[T any] struct {
	name     string
	breaker  Executor[T]
	refusals refusals
}

// NewMiddleware returns a breaker as a middleware. Its name is the breaker's, or "gobreaker" where that has none. A nil breaker panics.
func NewMiddleware[T any](breaker Executor[T]) *Middleware[T] {
	name := nameOf("NewMiddleware", breaker)
	return &Middleware[T]{name: name, breaker: breaker, refusals: refusalsBy(name)}
}

// Name returns the breaker's name.
func (m *Middleware[T]) Name() string { return m.name }

// String says whose decisions these are, for Pipeline.String.
func (m *Middleware[T]) String() string { return fmt.Sprintf("as a %T decides", m.breaker) }

// Around calls next if the breaker admits it, and returns what next returned, or else a [*RefusedError]. An error that next returned is
// never taken for the breaker's, even if it is gobreaker.ErrOpenState. On a context that is dead already it does not ask the breaker.
func (m *Middleware[T]) Around(ctx context.Context, next func(context.Context) error) error {
	if ctx.Err() != nil {
		return next(ctx) // which will say why it does not begin: that is no news of the dependency
	}
	var call struct {
		err            error
		begun, exiting bool
	}
	defer func() {
		if !call.exiting {
			return
		}
		if p := recover(); p != nil {
			if _, ours := p.(goexit); !ours { // a function of the Settings has panicked over it
				panic(p)
			}
		}
	}()
	_, refusal := m.breaker.Execute(func() (zero T, err error) {
		call.begun = true
		returned := false
		defer func() {
			if returned {
				return
			}
			p := recover()
			if p == nil {
				call.exiting, p = true, goexit{}
			}
			panic(p)
		}()
		call.err = next(ctx)
		returned = true
		return zero, seen(ctx, call.err)
	})
	if !call.begun {
		return m.refusals.of(refusal)
	}
	return call.err // and not what Execute returned: the mark is for the breaker
}

// goexit is what a call panics with that ends its goroutine. gobreaker counts panics and no Goexit; when the panic has passed it and is
// recovered, the Goexit goes on.
type goexit struct{}

// String is what gobreaker tells the functions of its Settings.
func (goexit) String() string { return fault.ErrExited.Error() }

// seen returns err as the breaker has to take it. A refusal by a policy inside stays one: its call did not reach the function, so that a
// deadline that has passed meanwhile is no timeout of the dependency.
func seen(ctx context.Context, err error) error {
	if ctx.Err() != nil && fault.Of(err) == fault.ClassRejected {
		return err
	}
	return unmarked(fault.Seen(ctx, err))
}
