package benchmarks

import (
	"context"
	"errors"

	"github.com/go-kratos/aegis/circuitbreaker"
	"github.com/go-kratos/aegis/circuitbreaker/sre"
	zero "github.com/zeromicro/go-zero/core/breaker"
	"github.com/zeromicro/go-zero/core/stat"
)

// manyFailures is how many calls must have failed for a throttle to refuse nearly all.
const manyFailures = 10_000

// newAegis returns aegis's form of newBreaker: it begins to refuse where that opens.
func newAegis() circuitbreaker.CircuitBreaker {
	return sre.NewBreaker(sre.WithSuccess(1-breakerRate), sre.WithRequest(breakerCalls), sre.WithWindow(breakerWindow), sre.WithBucket(breakerParts))
}

// aegisCall makes a call as the middleware of go-kratos does: whoever is refused marks that, too.
func aegisCall[T any](ctx context.Context, b circuitbreaker.CircuitBreaker, fn func(context.Context) (T, error)) (T, error) {
	if err := b.Allow(); err != nil {
		b.MarkFailed()
		var none T
		return none, err
	}
	value, err := fn(ctx)
	if err != nil {
		b.MarkFailed()
	} else {
		b.MarkSuccess()
	}
	return value, err
}

func aegisClosed() Caller {
	b := newAegis()
	return Caller{Check: func(int) error { return b.Allow() }, Calls: func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			stock, err := aegisCall(ctx, b, func(context.Context) (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}}
}

func aegisOpened() Caller {
	b := newAegis()
	for range manyFailures {
		b.MarkFailed()
	}
	return Caller{Check: nothing, Calls: func(n int) error {
		ctx, met := context.Background(), throttle{}
		for range n {
			switch _, err := aegisCall(ctx, b, func(context.Context) (Stock, error) { return Stock{}, errDown }); {
			case errors.Is(err, circuitbreaker.ErrNotAllowed):
				met.refused++
			default:
				met.through++
			}
		}
		return met.judge()
	}}
}

// Quiet keeps go-zero from writing to standard output what it does once a minute, from the moment it is imported, and when a breaker refuses.
func Quiet() {
	stat.SetReporter(nil)
	stat.DisableLog()
}

// newZero returns a breaker of go-zero, which has no settings: 10 s in fortieths, and it begins to refuse when more than a third of the calls
// fail.
func newZero() zero.Breaker {
	Quiet()
	return zero.NewBreaker(zero.WithName("stock"))
}

func zeroClosed() Caller { return Caller{Check: nothing, Calls: zeroCalls(newZero())} }

// zeroCalls is calls. Its functions return errors alone, so results leave by a variable.
func zeroCalls(b zero.Breaker) func(int) error {
	return func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			var stock Stock
			err := b.DoCtx(ctx, func() error {
				stock = Stock{SKU: "4711", Left: i}
				return nil
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}
}

func zeroOpened() Caller {
	b := newZero()
	for range manyFailures {
		_ = b.Do(func() error { return errDown }) // that it fails is the point
	}
	return Caller{Check: nothing, Calls: func(n int) error {
		ctx, met := context.Background(), throttle{}
		for range n {
			switch err := b.DoCtx(ctx, func() error { return errDown }); {
			case errors.Is(err, zero.ErrServiceUnavailable):
				met.refused++
			default:
				met.through++
			}
		}
		return met.judge()
	}}
}
