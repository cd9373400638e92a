package ductilegrpc

import (
	"context"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
)

// What the goroutine of the pipeline does.

// ending is how a stream's call has ended.
type ending struct {
	over     bool
	err      error             // nil for a success
	instead  grpc.ClientStream // what a fallback answered
	panicked *ductile.Panic
	exited   bool
}

// run takes the stream through the pipeline, until it has ended.
func (s *stream) run(ctx context.Context, p ductile.Composed) {
	var end ending
	returned := false
	defer func() {
		if !returned {
			end = broken(recover())
		}
		s.finished(end)
	}()
	end.instead, end.err = ductile.DoConcurrent(ctx, p, s.attempt)
	returned = true
}

// broken is the end of a call whose function did not return: it is raised where the caller waits.
func broken(recovered any) ending {
	switch p := recovered.(type) {
	case nil:
		return ending{exited: true}
	case *ductile.Panic:
		return ending{panicked: p}
	default:
		return ending{panicked: &ductile.Panic{Value: p, Stack: debug.Stack()}}
	}
}

// attempt creates the stream once, and returns when it has ended. It has no value: that is for a fallback.
func (s *stream) attempt(ctx context.Context) (grpc.ClientStream, error) {
	t := &try{ended: make(chan struct{})}
	made, err := s.create(resent(ctx, int(s.sends.Add(1))-1), s.desc, s.cc, s.method, s.places(&t.told)...)
	if err != nil {
		return nil, s.judge(ctx, err, nil)
	}
	t.ClientStream = made
	if !s.replays {
		s.sent() // it may have arrived
	}
	if s.use(ctx, t) {
		select {
		case <-t.ended:
		case <-ctx.Done():
		}
	}
	if s.leave(t) {
		return nil, s.judge(ctx, t.end, t.Trailer())
	}
	return nil, s.judge(ctx, status.FromContextError(ctx.Err()).Err(), nil)
}

// judge notes how an attempt has ended, and returns that as policies have to take it.
func (s *stream) judge(ctx context.Context, end error, trailer metadata.MD) error {
	s.mu.Lock()
	s.failure = end
	s.mu.Unlock()
	if end == nil {
		return nil
	}
	return s.client.judge(ctx, end, trailer)
}

// use hands an attempt to the caller, after what the caller has sent to the one before was sent to it; unless the attempt was given up meanwhile.
// Where sending fails, receiving tells why.
func (s *stream) use(ctx context.Context, t *try) bool {
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.wrote {
		_ = t.SendMsg(s.request)
	}
	if s.closed {
		_ = t.CloseSend()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	s.current, s.last = t, t
	s.announce()
	return true
}

// leave takes an attempt from the caller, and reports whether the caller has learned how it ended.
func (s *stream) leave(t *try) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == t {
		s.current = nil
		s.announce()
	}
	return ended(t)
}

// announce wakes who waits for a change. It is called under mu.
func (s *stream) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// finished says how the call has ended: first to who asked by an option, and then to who waits.
func (s *stream) finished(end ending) {
	left := s.caller.Err()
	s.cancel()
	s.mu.Lock()
	last, failure, delivered := s.last, s.failure, s.delivered
	s.mu.Unlock()
	end.over = true
	switch {
	case end.panicked != nil, end.exited:
	case end.err != nil:
		end.err, end.instead = outcome(left, end.err), nil
	case end.instead != nil && !delivered:
	case failure != nil:
		end.err, end.instead = failure, nil // which a policy has taken for less than it is
	case last == nil:
		end.err = status.Errorf(codes.Internal, "ductilegrpc: the pipeline returned neither a stream of %s nor an error", s.method)
	}
	if last != nil && ended(last) {
		s.tell(&last.told)
	}
	s.finish(end.err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = end
	s.announce()
}

func ended(t *try) bool {
	select {
	case <-t.ended:
		return true
	default:
		return false
	}
}
