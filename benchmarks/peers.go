package benchmarks

import (
	"errors"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/fallback"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/failsafe-go/failsafe-go/timeout"
	"github.com/sony/gobreaker/v2"
)

// A failsafeStack is failsafe-go's form of a stack.
type failsafeStack struct {
	executor failsafe.Executor[Stock]
	breaker  circuitbreaker.CircuitBreaker[Stock]
	bulkhead bulkhead.Bulkhead[Stock]
}

// newFailsafe returns failsafe-go's form of newStack: a fallback, a retry with a budget, a breaker, and a bulkhead without a
// wait.
func newFailsafe(inside ...failsafe.Policy[Stock]) failsafeStack {
	b, r := newFailsafeBreaker(), failsafeRepeating(retrypolicy.NewBuilder[Stock]())
	h := bulkhead.New[Stock](uint(permits()))
	return failsafeStack{failsafe.With(append([]failsafe.Policy[Stock]{fallback.NewWithResult(Stock{}), r, b, h}, inside...)...), b, h}
}

// check is that of a stack.
func (s failsafeStack) check(n int) error {
	counts := s.breaker.Metrics()
	return errors.Join(
		want("calls", n, counts.Executions()), want("failures", 0, counts.Failures()), want("permits", permits(), s.free()))
}

// free counts the bulkhead's permits.
func (s failsafeStack) free() int { return free(s.bulkhead) }

// free counts the permits of a bulkhead. It does not count them itself.
func free[R any](h bulkhead.Bulkhead[R]) (n int) {
	for h.TryAcquirePermit() {
		n++
	}
	for range n {
		h.ReleasePermit()
	}
	return n
}

func failsafeStacked() Caller {
	s := newFailsafe()
	return Caller{Calls: failsafeCalls(s.executor), Check: s.check}
}

func failsafeTimeout() Caller {
	s := newFailsafe(timeout.New[Stock](attemptTime))
	return Caller{Calls: failsafeContextCalls(s.executor), Check: s.check}
}

func failsafeDone() Caller {
	s := newFailsafe(timeout.New[Stock](attemptTime))
	return Caller{Calls: failsafeWaitingCalls(s.executor), Check: s.check}
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

// newGobreaker returns gobreaker's form of newBreaker.
func newGobreaker() *gobreaker.CircuitBreaker[Stock] {
	return gobreaker.NewCircuitBreaker[Stock](gobreaker.Settings{
		Name:         "breaker",
		MaxRequests:  breakerProbes,
		Interval:     breakerWindow,
		BucketPeriod: breakerWindow / breakerParts,
		Timeout:      breakerOpen,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			if c.Requests >= breakerCalls {
				return float64(c.TotalFailures) >= breakerRate*float64(c.Requests)
			}
			return c.ConsecutiveFailures >= breakerInRow
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
		return refusedWith(err, gobreaker.ErrOpenState)
	}
}
