package ductilegrpc

import (
	"context"
	"net/http"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
)

// ending is how a stream's call has ended.
type ending struct {
	over     bool
	err      error             // nil for a success
	instead  grpc.ClientStream // what a fallback answered
	panicked any               // is raised where the caller waits
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
		s.publish(end)
	}()
	end = s.conclude(ductile.DoConcurrent(ctx, p, s.attempt))
	returned = true
}

// broken is the end of a call whose pipeline, or whose grpc.OnFinish, did not return.
func broken(recovered any) ending {
	switch p := recovered.(type) {
	case nil:
		return ending{exited: true}
	case *ductile.Panic:
		return ending{panicked: p}
	default:
		if p == http.ErrAbortHandler { //nolint:errorlint // raised as itself, see ductile.Panic
			return ending{panicked: p}
		}
		return ending{panicked: &ductile.Panic{Value: p, Stack: debug.Stack()}}
	}
}

// conclude returns how a call has ended that the pipeline has returned from, after it said so to who asked by an option.
func (s *stream) conclude(instead grpc.ClientStream, err error) (end ending) {
	left := s.ctx.Err()
	s.mu.Lock()
	last, delivered, failure := s.last, s.delivered != nil, s.failure
	s.mu.Unlock()
	ended := last != nil && last.hasEnded()
	switch {
	case err != nil:
		end.err = outcome(left, err)
	case instead != nil && !delivered:
		if end.err = outcome(left, s.replace(instead)); end.err == nil {
			end.instead = instead
			s.finish(nil)
			return end
		}
	case ended && last.end == nil:
	case failure != nil:
		end.err = failure // which a policy has taken for less than it is
	default:
		end.err = status.Errorf(codes.Internal, "ductilegrpc: the pipeline returned neither a stream of %s nor an error", s.method)
	}
	s.cancel() // so that nothing of the attempt is waited for
	if last != nil {
		s.tell(s.told(last, ended))
	}
	s.finish(end.err)
	return end
}

// replace hands what a fallback answered to the caller.
func (s *stream) replace(instead grpc.ClientStream) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if err := s.resend(instead); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instead = instead
	return nil
}

// told returns what the deciding attempt was told besides its messages. Where only its context has ended, there is no trailer, and
// where it might yet come gRPC would write it.
func (s *stream) told(t *try, ended bool) *told {
	a := &told{}
	if len(s.headers)+len(s.trailers)+len(s.peers) == 0 {
		return a
	}
	a.header, _ = t.Header()
	if ended {
		a.trailer = t.Trailer()
	}
	if p, ok := peer.FromContext(t.Context()); ok {
		a.peer = *p
	}
	return a
}

// publish says to who waits how the call has ended.
func (s *stream) publish(end ending) {
	if end.instead == nil { // which may have been made with a context of the call
		s.cancel()
	}
	end.over = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = end
	s.steady.Store(nil)
	s.changed.Broadcast()
}
