package benchmarks

import (
	"errors"

	bhope "github.com/bhope/hedge"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/failsafegrpc"
	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"google.golang.org/grpc"
)

// newFailsafeGuarded returns failsafe-go's form of newGuarded.
func newFailsafeGuarded() (grpc.UnaryClientInterceptor, circuitbreaker.CircuitBreaker[any]) {
	b, r := failsafeOpening(circuitbreaker.NewBuilder[any]()), failsafeRepeating(failsafegrpc.NewRetryPolicyBuilder[any]())
	return failsafegrpc.NewUnaryClientInterceptor(r, b), b
}

func failsafeGuarding(to func() destination) func() Caller {
	return func() Caller {
		i, b := newFailsafeGuarded()
		return to().calls(func(n int) error {
			return errors.Join(want("calls", n, b.Metrics().Executions()), want("failures", 0, b.Metrics().Failures()))
		}, i)
	}
}

// newMiddleware returns go-grpc-middleware's form of newRetrying.
func newMiddleware() grpc.UnaryClientInterceptor {
	return middleware.UnaryClientInterceptor(middleware.WithMax(attempts),
		middleware.WithBackoff(middleware.BackoffExponentialWithJitterBounded(firstWait/2, 1, longest)))
}

func middlewareCalls(to func() destination) func() Caller {
	return func() Caller { return to().calls(nothing, newMiddleware()) }
}

// newBhope returns bhope/hedge's form of newHedging, with its statistics.
func newBhope() (grpc.UnaryClientInterceptor, *bhope.Stats) {
	var stats *bhope.Stats
	i := bhope.NewUnaryClientInterceptor(bhope.WithStats(&stats), bhope.WithPercentile(observedShare), bhope.WithMinDelay(hedgeAfter))
	return i, stats
}

func bhopeCalls(to func() destination) func() Caller {
	return func() Caller {
		i, stats := newBhope()
		return to().calls(func(n int) error {
			return errors.Join(want("calls", n, uint64(stats.TotalRequests.Load())), want("copies", 0, uint64(stats.HedgedRequests.Load())))
		}, i)
	}
}
