package ductile

import (
	"context"
	"reflect"
)

// Do calls fn through the policies of p and returns what fn returned last, or what a fallback answered. See [DoConcurrent] for hedged
// requests.
//
// fn is never called concurrently with itself, nor after Do has returned, so it may write variables that it captures. It must heed
// the context it is given, which carries the deadlines of p's timeouts and may be canceled as soon as it returns: read an HTTP body inside of fn, or see
// [Retain]. Its value is returned together with its error.
//
// The error reaches, by errors.Is and errors.As, what fn returned last, and what the policies had to say: see [RejectedError],
// [RetryError], [FallbackError], and the errors of the policies' own packages. A panic of fn passes through untouched.
//
// A call that succeeds at once allocates once for each timeout in p, and otherwise nothing but what a policy's own documentation says. A function that waits on its
// context, as net/http does, pays for a timer and a channel besides, as with context.WithTimeout.
func Do[T any](ctx context.Context, p *Pipeline, fn func(context.Context) (T, error)) (T, error) {
	if fn == nil {
		panic("ductile: Do was given a nil function")
	}
	var value T
	err := p.run(ctx, func(ctx context.Context, f Fallback, cause error) (by string, err error) {
		switch {
		case f == nil:
			value, err = fn(ctx)
			return "", err
		case cause == nil:
			if !f.Accepts((*T)(nil)) {
				return "", &MismatchError{Pipeline: p.name, Policy: f.Name(), Type: reflect.TypeFor[T]().String()}
			}
			return "", nil
		default:
			out := new(T) // not &value, which would then be on the heap for calls without a fallback, too
			if by, err = f.Recover(ctx, cause, out); by != "" && err == nil {
				value = *out
			}
			return by, err
		}
	})
	return value, err
}

// Run is [Do] for a function without a value.
func Run(ctx context.Context, p *Pipeline, fn func(context.Context) error) error {
	if fn == nil {
		panic("ductile: Run was given a nil function")
	}
	_, err := Do(ctx, p, func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) })
	return err
}

// Wrap returns fn behind p: a function of the same type, each call of which is a [Do].
func Wrap[Req, Res any](p *Pipeline, fn func(context.Context, Req) (Res, error)) func(context.Context, Req) (Res, error) {
	if p == nil || fn == nil {
		panic("ductile: Wrap was given a nil pipeline or function")
	}
	return func(ctx context.Context, req Req) (Res, error) {
		return Do(ctx, p, func(ctx context.Context) (Res, error) { return fn(ctx, req) })
	}
}

// A body is what the driver runs inside the policies: fn, with its value kept in Do's frame. With a fallback it asks whether that
// accepts the value's type (no cause), or lets it recover. It travels as a parameter, never in a struct: there it would escape to
// the heap, and fn with it.
type body func(ctx context.Context, f Fallback, cause error) (by string, err error)
