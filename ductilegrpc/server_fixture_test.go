package ductilegrpc_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilegrpc"
)

// A kindOfCall makes a call of one kind to the end, and returns what the client is told.
type kindOfCall struct {
	name, method string
	call         func(context.Context, testpb.TestServiceClient) (metadata.MD, error)
}

// kindsOfCall are all kinds there are.
func kindsOfCall() []kindOfCall {
	request := &testpb.StreamingOutputCallRequest{}
	return []kindOfCall{
		{"unary", unaryCall, func(ctx context.Context, c testpb.TestServiceClient) (trailer metadata.MD, err error) {
			_, err = c.UnaryCall(ctx, &testpb.SimpleRequest{}, grpc.Trailer(&trailer))
			return trailer, err
		}},
		{"server stream", outputCall, func(ctx context.Context, c testpb.TestServiceClient) (metadata.MD, error) {
			s, err := c.StreamingOutputCall(ctx, request)
			if err != nil {
				return nil, err
			}
			for err == nil {
				_, err = s.Recv()
			}
			return s.Trailer(), orEnd(err)
		}},
		{"client stream", inputCall, func(ctx context.Context, c testpb.TestServiceClient) (metadata.MD, error) {
			s, err := c.StreamingInputCall(ctx)
			if err != nil {
				return nil, err
			}
			_ = s.Send(&testpb.StreamingInputCallRequest{}) // the end says more
			_, err = s.CloseAndRecv()
			return s.Trailer(), err
		}},
		{"duplex", duplexCall, func(ctx context.Context, c testpb.TestServiceClient) (metadata.MD, error) {
			s, err := c.FullDuplexCall(ctx)
			if err != nil {
				return nil, err
			}
			_ = s.Send(request) // the end says more
			for err == nil {
				_, err = s.Recv()
			}
			return s.Trailer(), orEnd(err)
		}},
	}
}

func orEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// shopDoing is a shop that does the same for every kind of call.
func shopDoing(do func(context.Context) error) *shop {
	return &shop{
		unary: func(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
			return &testpb.SimpleResponse{}, do(ctx)
		},
		output: func(_ *testpb.StreamingOutputCallRequest, s grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse]) error {
			_ = s.Send(&testpb.StreamingOutputCallResponse{}) // what is to be seen is the end
			return do(s.Context())
		},
		input: func(s grpc.ClientStreamingServer[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse]) error {
			if err := do(s.Context()); err != nil {
				return err
			}
			return s.SendAndClose(&testpb.StreamingInputCallResponse{})
		},
		duplex: func(s grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) error {
			_ = s.Send(&testpb.StreamingOutputCallResponse{}) // what is to be seen is the end
			return do(s.Context())
		},
	}
}

// shopUntouched is a shop whose handlers must not be reached.
func shopUntouched(t *testing.T) *shop {
	t.Helper()
	return shopDoing(func(context.Context) error {
		assert.Fail(t, "a handler was started")
		return nil
	})
}

// around is an interceptor of both kinds that does the same for both.
func around(do func(ctx context.Context, next func(context.Context) error) error) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (reply any, err error) {
			err = do(ctx, func(ctx context.Context) (err error) {
				reply, err = handle(ctx, request)
				return err
			})
			return reply, err
		}),
		grpc.ChainStreamInterceptor(func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
			return do(s.Context(), func(ctx context.Context) error { return handle(srv, &streamOf{s, ctx}) })
		}),
	}
}

type streamOf struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *streamOf) Context() context.Context { return s.ctx }

// watched returns the options of a server that goes through s, and what its calls end with outside of it, for the interceptors there.
func watched(s *ductilegrpc.Server) ([]grpc.ServerOption, <-chan error) {
	ends := make(chan error, 100)
	return append(around(func(ctx context.Context, next func(context.Context) error) error {
		err := next(ctx)
		ends <- err
		return err
	}), s.ServerOptions()...), ends
}

// retryInfoOf returns the RetryInfo of a status.
func retryInfoOf(err error) (time.Duration, bool) {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration(), true
		}
	}
	return 0, false
}

// pushbackOf returns the pushback in a trailer.
func pushbackOf(t *testing.T, trailer metadata.MD) (time.Duration, bool) {
	t.Helper()
	values := trailer.Get("grpc-retry-pushback-ms")
	if len(values) == 0 {
		return 0, false
	}
	assert.Len(t, values, 1)
	ms, err := strconv.Atoi(values[0])
	assert.NoError(t, err)
	return time.Duration(ms) * time.Millisecond, true
}

// A refusingGate refuses all calls with one error.
type refusingGate struct{ err error }

func (refusingGate) Name() string                              { return "secret gate" }
func (g refusingGate) Acquire(context.Context) (uint64, error) { return 0, g.err }
func (refusingGate) Release(uint64, error)                     {}

// comeBack is an error that knows when to come back.
type comeBack time.Duration

func (comeBack) Error() string                       { return "secret" }
func (c comeBack) RetryAfter() (time.Duration, bool) { return time.Duration(c), true }

// serverOf is a server with a pipeline of these policies.
func serverOf(policies ...ductile.Policy) *ductilegrpc.Server {
	return ductilegrpc.NewServer(ductile.New("secret pipeline", policies...))
}

// openWithHealth is open, with the health service beside the shop.
func (s *shop) openWithHealth(t *testing.T, options ...grpc.ServerOption) *branch {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(options...)
	testpb.RegisterTestServiceServer(server, s)
	healthpb.RegisterHealthServer(server, health.NewServer())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return &branch{Server: server, target: l.Addr().String(), dialer: grpc.EmptyDialOption{}}
}
