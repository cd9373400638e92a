package ductilegrpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/timeout"
)

// What a call costs besides what gRPC and the handler do: nothing, until a policy needs something.
func TestServerAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	full := bulkhead.New(1)
	_, err := full.Acquire(t.Context())
	require.NoError(t, err)
	gates := []ductile.Policy{bulkhead.New(10), breaker.New()}
	perKey := keyed.New(func(string) *ductile.Pipeline { return serverPipeline(gates...) })
	answer := status.Error(codes.NotFound, "none")
	for _, test := range []struct {
		name          string
		server        *ductilegrpc.Server
		method        string
		end           error
		unary, stream float64
	}{
		{"no policies", serverOf(), unaryCall, nil, 0, 0},
		{"gates", serverOf(gates...), unaryCall, nil, 0, 0},
		{"an answer", serverOf(gates...), unaryCall, answer, 0, 0},
		{"a timeout", serverOf(timeout.New(time.Hour), bulkhead.New(1)), unaryCall, nil, 1, 3},   // its context, the stream that has it, and its end
		{"a pipeline for each method", ductilegrpc.NewKeyedServer(perKey), unaryCall, nil, 1, 1}, // what its policies are
		{"exempt", serverOf(full), "/grpc.health.v1.Health/Check", nil, 0, 0},
		{"refused", serverOf(full), unaryCall, nil, 3, 3}, // the error, and gRPC's status
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := t.Context()
			info, handle := &grpc.UnaryServerInfo{FullMethod: test.method}, func(context.Context, any) (any, error) { return nil, test.end }
			assert.InDelta(t, test.unary, testing.AllocsPerRun(1000, func() { _, _ = test.server.Unary(ctx, nil, info, handle) }), 0, "unary")
			var stream grpc.ServerStream = &streamOf{nil, ctx}
			streamInfo, handleStream := &grpc.StreamServerInfo{FullMethod: test.method}, func(any, grpc.ServerStream) error { return test.end }
			assert.InDelta(t, test.stream, testing.AllocsPerRun(1000, func() { _ = test.server.Stream(nil, stream, streamInfo, handleStream) }), 0, "stream")
		})
	}
}
