package ductilegrpc_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
)

func TestSmoke(t *testing.T) {
	calls := 0
	s := &shop{unary: func(ctx context.Context, r *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		calls++
		md, _ := metadata.FromIncomingContext(ctx)
		_ = grpc.SetTrailer(ctx, metadata.Pairs("n", string(rune('0'+calls))))
		if calls < 3 {
			return nil, status.Error(codes.Unavailable, "down")
		}
		assert.Equal(t, []string{"2"}, md.Get("grpc-previous-rpc-attempts"))
		return &testpb.SimpleResponse{Username: "me"}, nil
	}, output: func(r *testpb.StreamingOutputCallRequest, out grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse]) error {
		calls++
		if calls < 3 {
			return status.Error(codes.Unavailable, "down")
		}
		_ = out.Send(&testpb.StreamingOutputCallResponse{Payload: r.GetPayload()})
		return nil
	}}
	b := breaker.New()
	c := ductilegrpc.NewClient(ductile.New("x", retry.New(retry.Constant(time.Millisecond)), b), ductilegrpc.Methods(ductilegrpc.Idempotent, "/grpc.testing.TestService/"))
	client := s.open(t).client(t, c)
	var md metadata.MD
	reply, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{}, grpc.Trailer(&md))
	require.NoError(t, err)
	assert.Equal(t, "me", reply.GetUsername())
	assert.Equal(t, []string{"3"}, md.Get("n"))
	assert.Equal(t, uint64(2), b.Snapshot().Counts.Failures)

	calls = 0
	stream, err := client.StreamingOutputCall(t.Context(), &testpb.StreamingOutputCallRequest{Payload: &testpb.Payload{Body: []byte("x")}})
	require.NoError(t, err)
	m, err := stream.Recv()
	require.NoError(t, err)
	assert.Equal(t, "x", string(m.GetPayload().GetBody()))
	_, err = stream.Recv()
	require.Equal(t, io.EOF, err)
	assert.Equal(t, 3, calls)
	assert.Equal(t, uint64(4), b.Snapshot().Counts.Failures)

	// hedge
	h := ductile.NewConcurrent("h", hedge.New(hedge.After(10*time.Millisecond), hedge.Budget(budget.Unlimited())))
	var slow atomic.Bool
	slow.Store(true)
	s.unary = func(ctx context.Context, r *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		if slow.Swap(false) {
			<-ctx.Done()
		}
		return &testpb.SimpleResponse{Username: "quick"}, nil
	}
	for range 20 {
		reply, err = client.UnaryCall(t.Context(), &testpb.SimpleRequest{}, ductilegrpc.Through(h), ductilegrpc.Is(ductilegrpc.NoSideEffects))
		require.NoError(t, err)
	}
	assert.Equal(t, "quick", reply.GetUsername())
}
