package benchmarks

import (
	"errors"
	"fmt"

	eapache "github.com/eapache/go-resiliency/breaker"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// newFailsafeBreaker returns failsafe-go's form of newBreaker: the one that its stack has. It counts in tenths of its window, too.
func newFailsafeBreaker() circuitbreaker.CircuitBreaker[Stock] {
	return failsafeOpening(circuitbreaker.NewBuilder[Stock]())
}

// failsafeOpening sets a breaker of failsafe-go as ours is, as far as it can: opening at failures in a row besides is more.
func failsafeOpening[R any](b circuitbreaker.Builder[R]) circuitbreaker.CircuitBreaker[R] {
	return b.WithFailureRateThreshold(breakerRate, breakerCalls, breakerWindow).
		WithSuccessThresholdRatio(breakerGood, breakerProbes).
		WithDelay(breakerOpen).
		Build()
}

func failsafeClosed() Caller {
	b := newFailsafeBreaker()
	return Caller{
		Calls: failsafeCalls(failsafe.With[Stock](b)),
		Check: func(n int) error {
			return errors.Join(want("calls", n, b.Metrics().Executions()), want("failures", 0, b.Metrics().Failures()))
		},
	}
}

func failsafeOpened() Caller {
	b := newFailsafeBreaker()
	e := failsafe.With[Stock](b)
	for !b.IsOpen() {
		_, _ = e.Get(func() (Stock, error) { return Stock{}, errDown }) // that it fails is the point
	}
	before := b.Metrics().Executions()
	return Caller{
		Calls: func(n int) (err error) {
			for i := range n {
				_, err = e.Get(func() (Stock, error) {
					return Stock{SKU: "4711", Left: i}, nil
				})
				if err == nil {
					return errLetThrough
				}
			}
			return refusedWith(err, circuitbreaker.ErrOpen)
		},
		Check: func(int) error { return want("calls", int(before), b.Metrics().Executions()) }, // it does not count refusals
	}
}

// newEapache returns eapache's form of newBreaker. It counts failures until there is none for as long as it stays open, whatever succeeds
// meanwhile.
func newEapache() *eapache.Breaker { return eapache.New(breakerInRow, breakerProbes, breakerOpen) }

// eapacheClosed takes results out by a variable: its functions return errors alone.
func eapacheClosed() Caller {
	b := newEapache()
	return Caller{
		Calls: func(n int) error {
			sum := 0
			for i := range n {
				var stock Stock
				err := b.Run(func() error {
					stock = Stock{SKU: "4711", Left: i}
					return nil
				})
				if err != nil {
					return err
				}
				sum += stock.Left
			}
			return wantSum(n, sum)
		},
		Check: func(int) error { return want("open breakers", int(eapache.Closed), uint(b.GetState())) }, // it does not count successes
	}
}

func eapacheOpened() Caller {
	b := newEapache()
	for b.GetState() != eapache.Open {
		_ = b.Run(func() error { return errDown }) // that it fails is the point
	}
	return Caller{
		Calls: func(n int) (err error) {
			for i := range n {
				var stock Stock
				err = b.Run(func() error {
					stock = Stock{SKU: "4711", Left: i}
					return nil
				})
				if err == nil {
					return fmt.Errorf("%w: %v", errLetThrough, stock)
				}
			}
			return refusedWith(err, eapache.ErrBreakerOpen)
		},
		Check: func(int) error { return want("open breakers", int(eapache.Open), uint(b.GetState())) },
	}
}

// A throttle is what a breaker does that refuses by chance: the more calls failed, the more of them, but never all. It counts those that get
// through where they should not.
type throttle struct{ refused, through int }

// judge fails where more than a call in twenty got through, or than a few: all of a crowd can find that it is time for a probe.
func (t throttle) judge() error {
	if t.through > 10+t.refused/20 {
		return fmt.Errorf("%w: %d, and refused %d", errLetThrough, t.through, t.refused)
	}
	return nil
}
