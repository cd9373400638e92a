package ductilegrpc

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// An attempt at a stream, on the goroutine of the pipeline.

// attempt creates the stream once, and returns when it has ended. It has no value: that is for a fallback.
func (s *stream) attempt(ctx context.Context) (grpc.ClientStream, error) {
	own, cancel := context.WithCancel(ctx)
	defer cancel() // an interceptor inside may have ended it, and gRPC not know
	t, err := s.begin(ctx, own)
	if err != nil {
		return nil, s.judge(ctx, err, nil)
	}
	select {
	case <-t.ended:
	case <-ctx.Done():
	}
	if s.leave(t) {
		return nil, s.judge(ctx, t.end, t.Trailer())
	}
	return nil, s.judge(ctx, status.FromContextError(ctx.Err()).Err(), nil)
}

// judge notes how an attempt has ended, and returns that as policies have to take it.
func (s *stream) judge(ctx context.Context, end error, trailer metadata.MD) error {
	if _, ok := end.(*failed); ok || end == nil { //nolint:errorlint // a refusal of our own, which is no attempt
		return end
	}
	s.mu.Lock()
	s.failure = end
	s.mu.Unlock()
	return s.client.judge(ctx, end, trailer)
}

// begin creates the stream of an attempt, sends it what the caller has sent to the one before, and hands it to the caller.
func (s *stream) begin(ctx, own context.Context) (*try, error) {
	if err := s.may(ctx); err != nil {
		return nil, err
	}
	made, err := s.create(resent(own, int(s.sends.Add(1))-1), s.desc, s.cc, s.method, s.passed...)
	if err != nil {
		return nil, err
	}
	t := &try{ClientStream: made, ctx: ctx, ended: make(chan struct{})}
	if !s.replays {
		s.sent() // it may have arrived
	}
	s.sending.Lock()
	defer s.sending.Unlock()
	if err := s.resend(t); err != nil {
		return nil, err
	}
	return t, s.use(t)
}

// resend sends to a stream what the caller has sent to the one before. It is called with sending held.
func (s *stream) resend(to grpc.ClientStream) error {
	if s.wrote {
		if err := to.SendMsg(s.request); err != nil && !errors.Is(err, io.EOF) {
			return err // receiving would not tell
		}
	}
	if s.closed {
		return to.CloseSend()
	}
	return nil
}
