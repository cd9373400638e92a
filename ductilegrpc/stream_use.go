package ductilegrpc

import (
	"context"
	"runtime"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/fault"
)

// Which attempt the caller uses: where the goroutine of the pipeline and the caller meet.

// use puts an attempt to use, in place of any other.
func (s *stream) use(t *try) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refusal(t.ctx); err != nil {
		return err
	}
	if s.current != nil {
		s.current.learn(status.Error(codes.Canceled, "ductilegrpc: another attempt took its place"))
	}
	s.current, s.last = t, t
	s.changed.Broadcast()
	return nil
}

// may returns why there must be no attempt, before there is one.
func (s *stream) may(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refusal(ctx)
}

// refusal returns why there must be no attempt. Retries and hedges know by themselves, but a middleware may call as often as it likes. It is
// called under mu.
func (s *stream) refusal(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return status.FromContextError(ctx.Err()).Err()
	case s.over, s.delivered != nil, s.last != nil && !s.replays:
		refused := status.Newf(codes.Internal, "ductilegrpc: a middleware called %s again, whose stream was in use already", s.method)
		return &failed{err: refused.Err(), status: refused, class: fault.ClassPermanent, final: true}
	default:
		return nil
	}
}

// leave takes an attempt from the caller, and reports whether it is known how it ended.
func (s *stream) leave(t *try) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == t {
		s.current = nil
	}
	return t.hasEnded()
}

// now returns the attempt in use, and what a fallback answered. Both may be nil.
func (s *stream) now() (*try, grpc.ClientStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current, s.instead
}

// wait returns the attempt in use, and waits for one between attempts. It returns nil once the call is over, and raises what ended the
// goroutine of the pipeline.
func (s *stream) wait() *try {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.over {
		if t := s.current; t != nil && !t.lost && !t.hasEnded() {
			return t
		}
		s.changed.Wait()
	}
	switch {
	case s.panicked != nil:
		panic(s.panicked)
	case s.exited:
		runtime.Goexit()
	}
	return nil
}

// deliver reports whether what the caller has received of an attempt counts: not where the attempt was given up before, and another begins anew.
// There is no other from then on.
func (s *stream) deliver(t *try) bool {
	if s.steady.Load() == t {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.delivered != nil:
		return s.delivered == t
	case s.over, s.current != t:
		return false
	}
	if t.lost = t.lost || t.ctx.Err() != nil; t.lost {
		return false // its end would be that of a stream which lacks a message
	}
	s.sent() // before a second look: who gives the attempt up after it has seen this
	if t.lost = t.ctx.Err() != nil; t.lost {
		return false
	}
	s.delivered = t
	s.steady.Store(t)
	if s.sending.TryLock() { // receiving must not wait for sending
		s.request, s.wrote = nil, false
		s.sending.Unlock()
	}
	return true
}

// learned tells the pipeline how an attempt has ended, and reports false where that was known.
func (s *stream) learned(t *try, end error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return t.learn(end)
}
