package ductilegrpctest_test

import (
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/ductilegrpc/ductilegrpctest"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

// again is a retry that does not keep a test waiting.
func again() *retry.Policy {
	return retry.New(retry.Constant(time.Millisecond), retry.OverloadBase(time.Millisecond), retry.Budget(budget.Unlimited()))
}

// copies is a hedge that sends a copy of what is slow.
func copies() *hedge.Policy {
	return hedge.New(hedge.After(20*time.Millisecond), hedge.Budget(budget.Unlimited()))
}

// through returns what connections are made with whose calls go through a pipeline, which is told what may be repeated.
func through[P ductile.Composed](build func() P) func() []grpc.DialOption {
	return func() []grpc.DialOption {
		return ductilegrpc.NewClient(build(),
			ductilegrpc.Methods(ductilegrpc.NoSideEffects, ductilegrpctest.CacheableUnaryCall, ductilegrpctest.StreamingOutputCall)).DialOptions()
	}
}

// A connection without interceptors keeps every promise that is not moot.
func TestNoInterceptors(t *testing.T) {
	t.Parallel()
	ductilegrpctest.Interceptor(t, func() []grpc.DialOption { return nil })
}

// gRPC's own retry, by service config, is the measure of ours.
func TestServiceConfig(t *testing.T) {
	t.Parallel()
	ductilegrpctest.Interceptor(t, func() []grpc.DialOption {
		return []grpc.DialOption{grpc.WithDefaultServiceConfig(`{"methodConfig": [{
			"name": [{"service": "grpc.testing.TestService", "method": "CacheableUnaryCall"},
				{"service": "grpc.testing.TestService", "method": "StreamingOutputCall"}],
			"retryPolicy": {"maxAttempts": 3, "initialBackoff": ".001s", "maxBackoff": ".01s", "backoffMultiplier": 2,
				"retryableStatusCodes": ["UNAVAILABLE"]}
		}]}`)}
	})
}

// Our own interceptors keep what the kit asks of others.
func TestInterceptors(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]func() []grpc.DialOption{
		"nothing":  through(func() *ductile.Pipeline { return ductile.New("kit") }),
		"retry":    through(func() *ductile.Pipeline { return ductile.New("kit", again()) }),
		"timeout":  through(func() *ductile.Pipeline { return ductile.New("kit", timeout.New(2*time.Second)) }),
		"breaker":  through(func() *ductile.Pipeline { return ductile.New("kit", breaker.New()) }),
		"bulkhead": through(func() *ductile.Pipeline { return ductile.New("kit", bulkhead.New(10)) }),
		"hedge":    through(func() *ductile.ConcurrentPipeline { return ductile.NewConcurrent("kit", copies()) }),
		"detached": through(func() *ductile.ConcurrentPipeline {
			return ductile.NewConcurrent("kit", timeout.New(2*time.Second, timeout.Detached()))
		}),
		"untold": func() []grpc.DialOption { return ductilegrpc.NewClient(ductile.New("kit", again())).DialOptions() },
		"standard": through(func() *ductile.Pipeline {
			return standard.Client("kit", standard.Retry(retry.Constant(time.Millisecond),
				retry.OverloadBase(time.Millisecond), retry.Budget(budget.Unlimited())))
		}),
		"all": through(func() *ductile.ConcurrentPipeline {
			return ductile.NewConcurrent("kit", timeout.New(time.Minute), again(), copies(), breaker.New(), bulkhead.New(100),
				timeout.New(2*time.Second))
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ductilegrpctest.Interceptor(t, options)
		})
	}
}
