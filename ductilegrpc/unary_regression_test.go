package ductilegrpc_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fault"
)

// An interceptor inside that finds one server gone and calls another, without the options of the call, had done so three times: gRPC had no
// connection for the call that it made first.
func TestACallThatWentElsewhereRegression(t *testing.T) {
	var calls atomic.Int32
	s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		calls.Add(1)
		return nil, status.Error(codes.Unavailable, "done, and then down")
	}}
	second := s.openInMemory(t).connect(t, nil)
	elsewhere := func(ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if err := invoke(ctx, method, request, reply, cc, options...); status.Code(err) != codes.Unavailable {
			return err
		}
		return second.Invoke(ctx, method, request, reply)
	}
	c := ductilegrpc.NewClient(ductile.New("test", eager()))
	first := &branch{target: gone(t), dialer: grpc.EmptyDialOption{}}
	client := first.client(t, nil, grpc.WithChainUnaryInterceptor(c.Unary, elsewhere))
	_, err := client.UnaryCall(t.Context(), new(testpb.SimpleRequest))
	assert.Equal(t, codes.Unavailable, status.Code(err))
	assert.Equal(t, int32(1), calls.Load())
}

// A class that the user has given a status said what code the error of a retry has, and the status with its details was lost.
func TestTheCodeOfAClassRegression(t *testing.T) {
	for _, class := range []fault.Class{fault.ClassTimeout, fault.ClassRejected, fault.ClassCanceled, fault.ClassTransient, fault.ClassOverload, fault.ClassPermanent} {
		t.Run(class.String(), func(t *testing.T) {
			s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
				s, err := status.New(codes.Aborted, "conflict").WithDetails(&errdetails.ErrorInfo{Reason: "VERSION"})
				assert.NoError(t, err)
				return nil, s.Err()
			}}
			c := ductilegrpc.NewClient(ductile.New("test", eager()), ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall),
				ductilegrpc.Classify(func(*status.Status) (fault.Class, bool) { return class, true }))
			_, err := s.openInMemory(t).client(t, c).UnaryCall(t.Context(), new(testpb.SimpleRequest))
			got, ok := status.FromError(err)
			require.True(t, ok)
			assert.Equal(t, codes.Aborted, got.Code())
			assert.Len(t, got.Details(), 1)
		})
	}
}

// The options of an attempt had room for more, which two calls of an interceptor inside took at once.
func TestOptionsHaveNoRoomRegression(t *testing.T) {
	s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		return new(testpb.SimpleResponse), nil
	}}
	full := func(ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		assert.Equal(t, len(options), cap(options))
		return invoke(ctx, method, request, reply, cc, options...)
	}
	c := ductilegrpc.NewClient(ductile.New("test", eager()))
	client := s.openInMemory(t).client(t, nil, grpc.WithChainUnaryInterceptor(c.Unary, full))
	var header metadata.MD
	options := append(make([]grpc.CallOption, 0, 10), grpc.WaitForReady(true), ductilegrpc.Is(ductilegrpc.Idempotent), grpc.Header(&header))
	for n := range len(options) + 1 {
		_, err := client.UnaryCall(t.Context(), new(testpb.SimpleRequest), options[:n]...)
		require.NoError(t, err)
	}
}

// A pointer to an option is an option, too, and got past: a copy that had lost wrote to the caller's.
func TestPointersToOptionsRegression(t *testing.T) {
	s := &shop{unary: func(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("k", "v"))
		return new(testpb.SimpleResponse), nil
	}}
	var trailer metadata.MD
	var finished sync.WaitGroup
	finished.Add(1) // and twice would panic
	inside := func(ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		for _, option := range options {
			if o, ok := option.(grpc.TrailerCallOption); ok {
				assert.NotSame(t, &trailer, o.TrailerAddr)
			}
			_, got := option.(*grpc.TrailerCallOption)
			assert.False(t, got)
		}
		return invoke(ctx, method, request, reply, cc, options...)
	}
	c := ductilegrpc.NewClient(ductile.New("test", eager()))
	client := s.openInMemory(t).client(t, nil, grpc.WithChainUnaryInterceptor(c.Unary, inside))
	_, err := client.UnaryCall(t.Context(), new(testpb.SimpleRequest), &grpc.TrailerCallOption{TrailerAddr: &trailer},
		&grpc.OnFinishCallOption{OnFinish: func(error) { finished.Done() }})
	require.NoError(t, err)
	finished.Wait()
	assert.Equal(t, []string{"v"}, trailer.Get("k"))
}

// A reply that embeds a protocol buffer has fields of its own, which the second attempt had nowhere to put.
func TestRepliesThatEmbedAProtocolBufferRegression(t *testing.T) {
	type more struct {
		*testpb.SimpleResponse
		Extra int
	}
	attempts := 0
	invoke := func(_ context.Context, _ string, _, reply any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
		if attempts++; attempts == 1 {
			return status.Error(codes.Unavailable, "down")
		}
		to, ok := reply.(*more)
		if assert.True(t, ok, "%T", reply) {
			*to = more{&testpb.SimpleResponse{Username: "me"}, 42}
		}
		return nil
	}
	c := ductilegrpc.NewClient(ductile.New("test", eager()), ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall))
	var reply more
	require.NoError(t, c.Unary(t.Context(), unaryCall, new(testpb.SimpleRequest), &reply, nil, invoke))
	assert.Equal(t, 42, reply.Extra)
	assert.Equal(t, "me", reply.GetUsername())
}
