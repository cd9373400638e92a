package ductilegrpc

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
)

// Unary is a grpc.UnaryServerInterceptor: see [Server.ServerOptions].
func (s *Server) Unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (reply any, err error) {
	if s.exempts(info.FullMethod) {
		return handle(ctx, request)
	}
	err = s.serve(ctx, info.FullMethod, func(ctx context.Context) (err error) {
		reply, err = handle(ctx, request)
		return err
	}, func(trailer metadata.MD) {
		_ = grpc.SetTrailer(ctx, trailer) // fails where the client is told nothing anyway
	})
	return reply, err
}

// Stream is a grpc.StreamServerInterceptor: see [Server.ServerOptions].
func (s *Server) Stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if s.exempts(info.FullMethod) {
		return handle(srv, stream)
	}
	own := stream.Context()
	return s.serve(own, info.FullMethod, func(ctx context.Context) error {
		if sameContext(ctx, own) {
			return handle(srv, stream)
		}
		within := &streamWithin{ServerStream: stream, ctx: ctx, single: !info.IsServerStream, over: make(chan struct{})}
		defer close(within.over)
		return handle(srv, within)
	}, stream.SetTrailer)
}

// serve takes a call through its pipeline, and returns what it ends with: what the handler returned, or why it has not been asked.
//
// It does without ductile.Once, though nothing is repeated: that would hold for what the handler calls with its context, too.
func (s *Server) serve(ctx context.Context, method string, handle func(context.Context) error, setTrailer func(metadata.MD)) error {
	p, err := s.pick(ctx, method)
	if err != nil {
		return err
	}
	var answer error
	started := false
	err = ductile.Run(ctx, p, func(ctx context.Context) error {
		started = true
		answer = handle(ctx)
		return s.judge(ctx, answer)
	})
	if started && !timedOut(answer, err) {
		return answer
	}
	e := refusal(ctx, started, err)
	if s.reject != nil {
		if other := s.reject(ctx, method, e); other != nil && other != error(e) { //nolint:errorlint // the very same, and not what wraps it
			return other
		}
	}
	if e.trailer != nil {
		setTrailer(e.trailer)
	}
	return e
}

// timedOut reports whether a timeout of the pipeline has ended a call, of which the handler says no more than that its context has ended. err is
// what the pipeline returned. Where the handler answers by a status, or says what went wrong, that is the answer.
func timedOut(answer, err error) bool {
	if answer == nil || err == nil {
		return false
	}
	if _, own := err.(*failed); own { //nolint:errorlint // what the pipeline wraps is another matter
		return false
	}
	if _, own := errors.AsType[*interrupted](answer); own {
		return true
	}
	if _, ok := status.FromError(answer); ok {
		return false
	}
	return errors.Is(answer, context.DeadlineExceeded) || errors.Is(answer, context.Canceled)
}
