package ductile

import (
	"context"
	"fmt"
	"reflect"
)

// DoConcurrent calls fn through the policies of p, which may be of either kind, and returns what the copy that won returned, or what a
// fallback answered. Everything that [Do] says of errors and values holds, and besides:
//
// fn may be called concurrently with itself, and may still run when DoConcurrent has returned: a copy that lost, or one that a detached
// timeout no longer waits for. So it must not write what it captures, calling it twice must be safe, and it must heed its context,
// which is canceled at the moment the call is decided. Values that are not returned go to the function of [Discard]. Read the body of an HTTP
// response inside of fn; where it is to be returned unread, see [Retain].
//
// The first copy runs on the caller's goroutine unless [Async] says otherwise, and so does the copy that replaces one that failed there.
// It costs half as much, and a call that needs no hedge starts no goroutine; but a copy on the caller's goroutine that does not heed its
// context holds the winner back.
//
// A panic on the caller's goroutine passes through untouched, one in another copy is raised in the caller as a *[Panic], and a Goexit in a copy
// is one of the caller. Those of a copy that has lost are contained, and observers are told.
//
// A call through a hedge that is not needed allocates five times, and as often as context.WithCancel besides where fn waits on its
// context. A plain *[Pipeline] costs two allocations.
func DoConcurrent[T any](ctx context.Context, p Composed, fn func(context.Context) (T, error), options ...Option[T]) (T, error) {
	if fn == nil {
		panic("ductile: DoConcurrent was given a nil function")
	}
	if isNil(p) {
		panic("ductile: DoConcurrent was given a nil pipeline: make one by NewConcurrent")
	}
	f := &whole[T]{frame: frame[T]{fn: fn, pipeline: p.Name()}}
	for i, option := range options {
		if option == nil {
			panic(fmt.Sprintf("ductile: DoConcurrent: option %d is nil: leave it out instead", i+1))
		}
		option(&f.settings)
	}
	f.joint.async = f.settings.async
	returned := false
	defer func() {
		if !returned {
			f.drop()
		}
	}()
	err := p.composed().runConcurrent(ctx, &f.frame, &f.joint)
	returned = true
	return f.value, err
}

// WrapConcurrent returns fn behind p: a function of the same type, each call of which is a [DoConcurrent].
func WrapConcurrent[Req, Res any](
	p Composed, fn func(context.Context, Req) (Res, error), options ...Option[Res],
) func(context.Context, Req) (Res, error) {
	if isNil(p) || fn == nil {
		panic("ductile: WrapConcurrent was given a nil pipeline or function")
	}
	return func(ctx context.Context, req Req) (Res, error) {
		return DoConcurrent(ctx, p, func(ctx context.Context) (Res, error) { return fn(ctx, req) }, options...)
	}
}

// An Option changes one [DoConcurrent]: [Discard] or [Async].
type Option[T any] func(*settings[T])

type settings[T any] struct {
	discard func(T)
	async   bool
}

// Discard sets a function for the values of fn that are not returned: of copies that lost, of failed attempts, of calls that nobody waits
// for any more. It is called exactly once for each, on whichever goroutine has it, at the latest when fn has returned; not for one that is nil.
// Close what fn opens there, such as the body of a response.
func Discard[T any](discard func(T)) Option[T] {
	if discard == nil {
		panic("ductile: Discard was given a nil function: leave it out instead")
	}
	return func(s *settings[T]) { s.discard = discard }
}

// Async makes the first copy of a hedged call run on a goroutine of its own, too: for functions that may not heed their context in time.
// The call then ends when it is decided, or when its own context ends, whatever its copies do. Give it as it is: DoConcurrent(ctx, p, fn,
// ductile.Async).
func Async[T any](s *settings[T]) { s.async = true }

// A cell is where a copy of a call keeps its value. The driver has no type parameter, so it sees no more than this. A cell belongs to one
// goroutine at a time.
type cell interface {
	body(ctx context.Context, f Fallback, cause error) (by string, err error)
	fork() cell // an empty one for another copy of the call
	// take makes the value of from, which may be nil, its own. Where there is none it keeps what it has from an attempt before, unless the
	// call has an answer: that is then without a value.
	take(from cell, answer bool)
	drop() // discards the value, which will not be returned
}

// whole is what a call has on the heap, in one piece.
type whole[T any] struct {
	frame[T]
	joint joint
}

// A frame is a cell for values of a type.
type frame[T any] struct {
	fn       func(context.Context) (T, error)
	pipeline string
	settings[T]

	value T
	held  bool // there is a value
	fns   bool // it is fn's, and to be discarded where it is not returned
}

func (f *frame[T]) fork() cell {
	return &frame[T]{fn: f.fn, pipeline: f.pipeline, settings: f.settings}
}

// body is what the driver runs inside the policies of the last segment, see [body]: fn's next value replaces the one before.
func (f *frame[T]) body(ctx context.Context, fallback Fallback, cause error) (by string, err error) {
	switch {
	case fallback == nil:
		f.drop()
		f.value, err = f.fn(ctx)
		f.held, f.fns = true, true
		return "", err
	case cause == nil:
		if !fallback.Accepts((*T)(nil)) {
			return "", &MismatchError{Pipeline: f.pipeline, Policy: fallback.Name(), Type: reflect.TypeFor[T]().String()}
		}
		return "", nil
	default:
		out := new(T)
		if by, err = fallback.Recover(ctx, cause, out); by != "" && err == nil {
			f.put(*out, false)
		}
		return by, err
	}
}

func (f *frame[T]) take(from cell, answer bool) {
	g, ok := from.(*frame[T])
	switch {
	case g == f:
	case ok && g.held:
		f.put(g.empty())
	case answer:
		f.drop()
	}
}

// put replaces the value. The new one is in its place before the old one is discarded, which is the user's code and may panic.
func (f *frame[T]) put(value T, fns bool) {
	old, discard := f.empty()
	f.value, f.held, f.fns = value, true, fns
	f.toss(old, discard)
}

func (f *frame[T]) drop() { f.toss(f.empty()) }

// empty takes the value out.
func (f *frame[T]) empty() (value T, fns bool) {
	value, fns = f.value, f.fns
	var zero T
	f.value, f.held, f.fns = zero, false, false
	return value, fns
}

// toss discards a value of fn.
func (f *frame[T]) toss(value T, fns bool) {
	if fns && f.discard != nil && !isNil(value) {
		f.discard(value)
	}
}
