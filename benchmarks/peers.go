package benchmarks

import (
	"errors"
	"fmt"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/budget"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/fallback"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/failsafe-go/failsafe-go/timeout"
	"github.com/sony/gobreaker/v2"
)

// newFailsafe returns failsafe-go's form of newStack: three attempts with a budget of a fifth, and a breaker that opens at half of at
// least 20 calls in 10 s, counted in tenths, and probes with 5. Opening at failures in a row besides is more than it can.
func newFailsafe(inside ...failsafe.Policy[Stock]) (failsafe.Executor[Stock], circuitbreaker.CircuitBreaker[Stock]) {
	b := circuitbreaker.NewBuilder[Stock]().
		WithFailureRateThreshold(0.5, 20, 10*time.Second).
		WithSuccessThresholdRatio(3, 5).
		WithDelay(time.Hour).
		Build()
	r := retrypolicy.NewBuilder[Stock]().
		WithMaxAttempts(3).
		WithBackoff(100*time.Millisecond, 5*time.Second).
		WithBudget(budget.New()).
		Build()
	return failsafe.With(append([]failsafe.Policy[Stock]{fallback.NewWithResult(Stock{}), r, b}, inside...)...), b
}

func failsafeStack() Caller {
	e, b := newFailsafe()
	return Caller{Calls: failsafeCalls(e), Check: failsafeCounted(b)}
}

func failsafeTimeout() Caller {
	e, b := newFailsafe(timeout.New[Stock](attemptTime))
	return Caller{Calls: failsafeContextCalls(e), Check: failsafeCounted(b)}
}

func failsafeDone() Caller {
	e, b := newFailsafe(timeout.New[Stock](attemptTime))
	return Caller{Calls: failsafeWaitingCalls(e), Check: failsafeCounted(b)}
}

// failsafeCalls is calls. Its function needs no context, so it gets none: Get is cheaper than GetWithExecution.
func failsafeCalls(e failsafe.Executor[Stock]) func(int) error {
	return func(n int) error {
		sum := 0
		for i := range n {
			stock, err := e.Get(func() (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}
}

// failsafeContextCalls is failsafeCalls with a function that can reach its context: without one nobody would hear of a timeout.
func failsafeContextCalls(e failsafe.Executor[Stock]) func(int) error {
	return func(n int) error {
		sum := 0
		for i := range n {
			stock, err := e.GetWithExecution(func(failsafe.Execution[Stock]) (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}
}

// failsafeWaitingCalls is waitingCalls.
func failsafeWaitingCalls(e failsafe.Executor[Stock]) func(int) error {
	return func(n int) error {
		sum := 0
		for i := range n {
			stock, err := e.GetWithExecution(func(exec failsafe.Execution[Stock]) (Stock, error) {
				ctx := exec.Context()
				select {
				case <-ctx.Done():
					return Stock{}, ctx.Err()
				default:
					return Stock{SKU: "4711", Left: i}, nil
				}
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}
}

func failsafeCounted(b circuitbreaker.CircuitBreaker[Stock]) func(int) error {
	return func(n int) error {
		return errors.Join(want("calls", n, b.Metrics().Executions()), want("failures", 0, b.Metrics().Failures()))
	}
}

// newGobreaker returns gobreaker's form of newBreaker.
func newGobreaker() *gobreaker.CircuitBreaker[Stock] {
	return gobreaker.NewCircuitBreaker[Stock](gobreaker.Settings{
		Name:         "breaker",
		MaxRequests:  5,
		Interval:     10 * time.Second,
		BucketPeriod: time.Second,
		Timeout:      time.Hour,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			if c.Requests >= 20 {
				return c.TotalFailures*2 >= c.Requests
			}
			return c.ConsecutiveFailures >= 5
		},
	})
}

func gobreakerClosed() Caller {
	b := newGobreaker()
	return Caller{
		Calls: gobreakerCalls(b),
		Check: func(n int) error {
			return errors.Join(want("calls", n, b.Counts().TotalSuccesses), want("failures", 0, b.Counts().TotalFailures))
		},
	}
}

func gobreakerOpened() Caller {
	b := newGobreaker()
	for b.State() != gobreaker.StateOpen {
		_, _ = b.Execute(func() (Stock, error) { return Stock{}, errDown }) // that it fails is the point
	}
	return Caller{
		Calls: gobreakerRefusedCalls(b),
		Check: func(int) error { return want("calls", 0, b.Counts().Requests) }, // it does not count refusals
	}
}

// gobreakerCalls is calls.
func gobreakerCalls(b *gobreaker.CircuitBreaker[Stock]) func(int) error {
	return func(n int) error {
		sum := 0
		for i := range n {
			stock, err := b.Execute(func() (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}
}

// gobreakerRefusedCalls is refusedCalls.
func gobreakerRefusedCalls(b *gobreaker.CircuitBreaker[Stock]) func(int) error {
	return func(n int) (err error) {
		for i := range n {
			_, err = b.Execute(func() (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			})
			if err == nil {
				return errLetThrough
			}
		}
		if !errors.Is(err, gobreaker.ErrOpenState) {
			return fmt.Errorf("refused with %w", err)
		}
		return nil
	}
}
