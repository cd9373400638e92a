package main

import (
	"time"

	bhope "github.com/bhope/hedge"
	"github.com/failsafe-go/failsafe-go/failsafegrpc"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"
	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"google.golang.org/grpc"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/ductilegrpc/ductilegrpctest"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

// A contestant is what a connection is made with that is judged, as its documentation shows it: with 3 attempts milliseconds apart, or a copy after
// 20 ms. Who can be told which methods may be called twice is told.
type contestant struct {
	name    string
	module  string
	ours    bool
	options func() []grpc.DialOption
}

const (
	us        = "github.com/ductile-go/ductile"
	failsafe  = "github.com/failsafe-go/failsafe-go"
	wait      = time.Millisecond
	most      = 10 * time.Millisecond
	copyAfter = 20 * time.Millisecond
)

// repeatable says to ours what may be called twice.
func repeatable() ductilegrpc.ClientOption {
	return ductilegrpc.Methods(ductilegrpc.NoSideEffects, ductilegrpctest.CacheableUnaryCall, ductilegrpctest.StreamingOutputCall)
}

// newStandard returns the ready pipeline with quicker waits.
func newStandard() *ductile.Pipeline {
	return standard.Client("kit", standard.Retry(retry.Constant(wait), retry.OverloadBase(wait), retry.Budget(budget.Unlimited())))
}

// retryPolicy is how gRPC itself is told.
const retryPolicy = `{"methodConfig": [{
	"name": [
		{"service": "grpc.testing.TestService", "method": "CacheableUnaryCall"},
		{"service": "grpc.testing.TestService", "method": "StreamingOutputCall"}
	],
	"retryPolicy": {
		"maxAttempts": 3, "initialBackoff": ".001s", "maxBackoff": ".01s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]
	}
}]}`

// contestants returns who is judged, ours first.
func contestants() []contestant {
	return []contestant{
		{"ductilegrpc, standard.Client", us, true, func() []grpc.DialOption {
			return ductilegrpc.NewClient(newStandard(), repeatable()).DialOptions()
		}},
		{"ductilegrpc, told nothing", us, true, func() []grpc.DialOption {
			return ductilegrpc.NewClient(newStandard()).DialOptions()
		}},
		{"ductilegrpc, hedge", us, true, func() []grpc.DialOption {
			return ductilegrpc.NewClient(ductile.NewConcurrent("kit", timeout.New(time.Minute),
				hedge.New(hedge.After(copyAfter), hedge.Budget(budget.Unlimited()))), repeatable()).DialOptions()
		}},
		{"gRPC itself, retryPolicy", "", false, func() []grpc.DialOption {
			return []grpc.DialOption{grpc.WithDefaultServiceConfig(retryPolicy)}
		}},
		{"failsafegrpc, retry", failsafe, false, func() []grpc.DialOption {
			return []grpc.DialOption{grpc.WithUnaryInterceptor(failsafegrpc.NewUnaryClientInterceptor(
				failsafegrpc.NewRetryPolicyBuilder[any]().WithBackoff(wait, most).Build()))}
		}},
		{"failsafegrpc, hedge", failsafe, false, func() []grpc.DialOption {
			return []grpc.DialOption{grpc.WithUnaryInterceptor(failsafegrpc.NewUnaryClientInterceptor(
				hedgepolicy.NewBuilderWithDelay[any](copyAfter).Build()))}
		}},
		{"go-grpc-middleware, retry", "github.com/grpc-ecosystem/go-grpc-middleware/v2", false, func() []grpc.DialOption {
			options := []middleware.CallOption{middleware.WithMax(3), middleware.WithBackoff(middleware.BackoffLinear(wait))}
			return []grpc.DialOption{
				grpc.WithUnaryInterceptor(middleware.UnaryClientInterceptor(options...)),
				grpc.WithStreamInterceptor(middleware.StreamClientInterceptor(options...)),
			}
		}},
		{"bhope/hedge", "github.com/bhope/hedge", false, func() []grpc.DialOption {
			return []grpc.DialOption{grpc.WithUnaryInterceptor(bhope.NewUnaryClientInterceptor())} // a copy after 10 ms, while it knows little
		}},
	}
}
