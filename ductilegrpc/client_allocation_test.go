package ductilegrpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
)

// ready answers at once, and allocates nothing.
func ready(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return nil }

// What a call costs besides what gRPC does. It is one piece of memory, and what the context has to say besides.
func TestUnaryAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	serial := []ductile.Policy{retry.New(), breaker.New(), bulkhead.New(8)}
	hedged := append([]ductile.Policy{hedge.New(hedge.After(time.Minute), hedge.Budget(budget.Unlimited()))}, serial...)
	for _, row := range []struct {
		name  string
		p     ductile.Composed
		level ductilegrpc.Idempotency
		want  float64
	}{
		{"no side effects", ductile.New("test", serial...), ductilegrpc.NoSideEffects, 1},
		{"idempotent", ductile.New("test", serial...), ductilegrpc.Idempotent, 2},
		{"unknown", ductile.New("test", serial...), ductilegrpc.Unknown, 5},
		{"concurrent, no hedge", ductile.NewConcurrent("test", serial...), ductilegrpc.NoSideEffects, 7},
		{"concurrent, a hedge that is not needed", ductile.NewConcurrent("test", hedged...), ductilegrpc.NoSideEffects, 10},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := ductilegrpc.NewClient(row.p, ductilegrpc.Methods(row.level, unaryCall))
			request, reply, ctx := new(testpb.SimpleRequest), new(testpb.SimpleResponse), t.Context()
			options := []grpc.CallOption{grpc.StaticMethod(), grpc.WaitForReady(true)}
			assert.Equal(t, row.want, testing.AllocsPerRun(1000, func() {
				if err := c.Unary(ctx, unaryCall, request, reply, nil, ready, options...); err != nil {
					t.Error(err)
				}
			}))
		})
	}
}

// What a call asks for costs a list each, and the options without it.
func TestUnaryAllocationsOfOptions(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	c := ductilegrpc.NewClient(ductile.New("test"), ductilegrpc.Methods(ductilegrpc.NoSideEffects, unaryCall))
	request, reply, ctx := new(testpb.SimpleRequest), new(testpb.SimpleResponse), t.Context()
	var header, trailer metadata.MD
	options := []grpc.CallOption{grpc.StaticMethod(), grpc.Header(&header), grpc.Trailer(&trailer)}
	assert.Equal(t, 4.0, testing.AllocsPerRun(1000, func() {
		if err := c.Unary(ctx, unaryCall, request, reply, nil, ready, options...); err != nil {
			t.Error(err)
		}
	}))
}
