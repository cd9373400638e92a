package benchmarks

import (
	"context"

	avast "github.com/avast/retry-go/v5"
	backoff4 "github.com/cenkalti/backoff/v4"
	backoff6 "github.com/cenkalti/backoff/v6"
	"github.com/eapache/go-resiliency/retrier"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/budget"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	sethvargo "github.com/sethvargo/go-retry"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/retry"
)

// retried makes calls through a pipeline of a retry.
func retried() Caller {
	return Caller{Calls: calls(ductile.New("stock", retry.New())), Check: nothing}
}

// failsafeRepeating sets a retry of failsafe-go as ours is, with a budget, too.
func failsafeRepeating[R any](b retrypolicy.Builder[R]) retrypolicy.RetryPolicy[R] {
	return b.WithMaxAttempts(attempts).
		WithBackoff(firstWait/2, longest/2).
		WithJitterFactor(1).
		WithBudget(budget.New()).
		Build()
}

// newFailsafeRetry returns failsafe-go's form of a retry.
func newFailsafeRetry() failsafe.Executor[Stock] {
	return failsafe.With[Stock](failsafeRepeating(retrypolicy.NewBuilder[Stock]()))
}

func failsafeRetried() Caller {
	return Caller{Calls: failsafeCalls(newFailsafeRetry()), Check: nothing}
}

// newBackoff4 returns a schedule of cenkalti/backoff v4.
func newBackoff4(ctx context.Context) backoff4.BackOff {
	return backoff4.WithContext(backoff4.WithMaxRetries(backoff4.NewExponentialBackOff(
		backoff4.WithInitialInterval(firstWait/2),
		backoff4.WithRandomizationFactor(1),
		backoff4.WithMultiplier(2),
		backoff4.WithMaxInterval(longest/2),
	), attempts-1), ctx)
}

func backoff4Retried() Caller {
	return Caller{Check: nothing, Calls: func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			stock, err := backoff4.RetryWithData(func() (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			}, newBackoff4(ctx))
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}}
}

// newBackoff6 returns a schedule of cenkalti/backoff v6, which counts attempts elsewhere.
func newBackoff6() backoff6.BackOff {
	b := backoff6.NewExponentialBackOff()
	b.InitialInterval, b.RandomizationFactor, b.Multiplier, b.MaxInterval = firstWait/2, 1, 2, longest/2
	return b
}

func backoff6Retried() Caller {
	return Caller{Check: nothing, Calls: func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			stock, err := backoff6.Retry(ctx, func() (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			}, backoff6.WithBackOff(newBackoff6()), backoff6.WithMaxTries(attempts))
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}}
}

// newAvast returns a retrier of avast/retry-go, which its documentation reuses. It has the context, so one that is shared has none of the caller's. Its
// first wait is up to twice its delay.
func newAvast() *avast.RetrierWithData[Stock] {
	return avast.NewWithData[Stock](
		avast.Attempts(attempts),
		avast.Delay(firstWait/2),
		avast.MaxDelay(longest),
		avast.DelayType(avast.FullJitterBackoffDelay),
	)
}

func avastRetried() Caller {
	r := newAvast()
	return Caller{Check: nothing, Calls: func(n int) error {
		sum := 0
		for i := range n {
			stock, err := r.Do(func() (Stock, error) {
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

// newSethvargo returns a schedule of sethvargo/go-retry.
func newSethvargo() sethvargo.Backoff {
	return sethvargo.WithMaxRetries(attempts-1, sethvargo.WithFullJitter(sethvargo.WithCappedDuration(longest, sethvargo.NewExponential(firstWait))))
}

func sethvargoRetried() Caller {
	return Caller{Check: nothing, Calls: func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			stock, err := sethvargo.DoValue(ctx, newSethvargo(), func(context.Context) (Stock, error) {
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

// newRetrier returns a retrier of eapache/go-resiliency.
func newRetrier() *retrier.Retrier {
	r := retrier.New(retrier.LimitedExponentialBackoff(attempts-1, firstWait/2, longest/2), nil)
	r.SetJitter(1)
	return r
}

// retrierRetried takes the results out by variables, since the functions of the retrier return errors alone.
func retrierRetried() Caller {
	r := newRetrier()
	return Caller{Check: nothing, Calls: func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			var stock Stock
			err := r.RunCtx(ctx, func(context.Context) error {
				stock = Stock{SKU: "4711", Left: i}
				return nil
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}}
}
