package main

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/examples/grpc/shop"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/telemetry"
)

// traced is a service whose first calls fail, or whose first call hangs.
type traced struct {
	shop.UnimplementedInventoryServer
	calls atomic.Int32
	fail  int32
	hang  bool
}

func (s *traced) meet(ctx context.Context) error {
	n := s.calls.Add(1)
	if s.hang && n == 1 {
		<-ctx.Done()
		return ctx.Err()
	}
	if n <= s.fail {
		return status.Error(codes.Unavailable, "not yet")
	}
	return nil
}

func (s *traced) Get(ctx context.Context, a *shop.Article) (*shop.Stock, error) {
	return &shop.Stock{Number: a.GetNumber()}, s.meet(ctx)
}

func (s *traced) Watch(a *shop.Article, stream grpc.ServerStreamingServer[shop.Stock]) error {
	if err := s.meet(stream.Context()); err != nil {
		return err
	}
	return stream.Send(&shop.Stock{Number: a.GetNumber()})
}

// spans makes a call to a service through a pipeline, both of which are traced by the real SDK and otelgrpc, and returns all spans.
func spans(t *testing.T, s *traced, policy ductile.Policy, call func(context.Context, shop.InventoryClient) error) []sdktrace.ReadOnlySpan {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	synctest.Test(t, func(t *testing.T) {
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder), sdktrace.WithSampler(sdktrace.AlwaysSample()))
		by := []otelgrpc.Option{otelgrpc.WithTracerProvider(provider), otelgrpc.WithPropagators(propagation.TraceContext{})}
		n := new(nearby)
		listener, err := n.listen()
		if err != nil {
			t.Fatal(err)
		}
		server := grpc.NewServer(grpc.WaitForHandlers(true), grpc.StatsHandler(otelgrpc.NewServerHandler(by...)))
		shop.RegisterInventoryServer(server, s)
		go func() { _ = server.Serve(listener) }()
		defer server.Stop()

		pipeline := ductile.NewConcurrent("shop", policy).With(telemetry.New(
			telemetry.WithTracerProvider(provider), telemetry.WithoutMetrics(), telemetry.WithoutLogs()))
		options := ductilegrpc.NewClient(pipeline).DialOptions()
		c, err := newClient(n, append(options, grpc.WithStatsHandler(otelgrpc.NewClientHandler(by...)))...)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if err := call(t.Context(), c.inventory); err != nil {
			t.Error(err)
		}
		synctest.Wait() // until the server has noticed how its calls ended
	})
	return recorder.Ended()
}

// kind returns what a span is of.
func kind(s sdktrace.ReadOnlySpan) string {
	switch {
	case s.InstrumentationScope().Name != telemetry.ScopeName:
		return "otelgrpc " + s.SpanKind().String()
	case !s.Parent().IsValid():
		return "call"
	default:
		return "attempt"
	}
}

// Each attempt of a call is a span below the call's, and has the client's span of otelgrpc below it, which has the server's.
func TestSpansNest(t *testing.T) {
	unary := func(ctx context.Context, c shop.InventoryClient) error {
		_, err := c.Get(ctx, &shop.Article{Number: 1})
		return err
	}
	stream := func(ctx context.Context, c shop.InventoryClient) error {
		watched, err := c.Watch(ctx, &shop.Article{Number: 1})
		for err == nil {
			_, err = watched.Recv()
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	repeats := func() ductile.Policy { return retry.New() }
	hedges := func() ductile.Policy {
		return hedge.New(hedge.After(50*time.Millisecond), hedge.Budget(budget.Unlimited()))
	}
	for _, tt := range []struct {
		about    string
		service  *traced
		policy   func() ductile.Policy
		call     func(context.Context, shop.InventoryClient) error
		attempts int
	}{
		{"a call", &traced{}, repeats, unary, 1},
		{"a call of three attempts", &traced{fail: 2}, repeats, unary, 3},
		{"a call of two copies", &traced{hang: true}, hedges, unary, 2},
		{"a stream", &traced{}, repeats, stream, 1},
		{"a stream of three attempts", &traced{fail: 2}, repeats, stream, 3},
	} {
		t.Run(tt.about, func(t *testing.T) {
			all := spans(t, tt.service, tt.policy(), tt.call)
			byID := map[trace.SpanID]sdktrace.ReadOnlySpan{}
			count := map[string]int{}
			for _, s := range all {
				byID[s.SpanContext().SpanID()] = s
				count[kind(s)]++
			}
			want := map[string]int{"call": 1, "attempt": tt.attempts, "otelgrpc client": tt.attempts, "otelgrpc server": tt.attempts}
			for of, n := range want {
				if count[of] != n {
					t.Errorf("%d spans of kind %q, not %d", count[of], of, n)
				}
			}
			above := map[string]string{"attempt": "call", "otelgrpc client": "attempt", "otelgrpc server": "otelgrpc client"}
			children := map[trace.SpanID]int{}
			for _, s := range all {
				if kind(s) == "call" {
					continue
				}
				parent := byID[s.Parent().SpanID()]
				if parent == nil || kind(parent) != above[kind(s)] || parent.SpanContext().TraceID() != s.SpanContext().TraceID() {
					t.Errorf("the span %q of kind %q has no parent of kind %q: %v", s.Name(), kind(s), above[kind(s)], parent)
					continue
				}
				if kind(parent) != "call" {
					children[parent.SpanContext().SpanID()]++
				}
			}
			if len(children) != 2*tt.attempts {
				t.Errorf("%d spans have a child, not %d", len(children), 2*tt.attempts)
			}
		})
	}
}
