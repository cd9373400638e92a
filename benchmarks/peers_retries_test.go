package benchmarks

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	backoff4 "github.com/cenkalti/backoff/v4"
	backoff6 "github.com/cenkalti/backoff/v6"
	"github.com/failsafe-go/failsafe-go"
	sethvargo "github.com/sethvargo/go-retry"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/retry"
)

// retriers returns each side's retry.
func retriers() map[string]func(context.Context, function) (Stock, error) {
	ours, failsafes, avasts, eapaches := ductile.New("stock", retry.New()), newFailsafeRetry(), newAvast(), newRetrier()
	return map[string]func(context.Context, function) (Stock, error){
		"ductile": func(ctx context.Context, fn function) (Stock, error) { return ductile.Do(ctx, ours, fn) },
		"failsafe-go": func(ctx context.Context, fn function) (Stock, error) {
			return failsafes.GetWithExecution(func(failsafe.Execution[Stock]) (Stock, error) { return fn(ctx) })
		},
		"backoff v4": func(ctx context.Context, fn function) (Stock, error) {
			return backoff4.RetryWithData(func() (Stock, error) { return fn(ctx) }, newBackoff4(ctx))
		},
		"backoff v6": func(ctx context.Context, fn function) (Stock, error) {
			return backoff6.Retry(ctx, func() (Stock, error) { return fn(ctx) }, backoff6.WithBackOff(newBackoff6()), backoff6.WithMaxTries(attempts))
		},
		"avast": func(ctx context.Context, fn function) (Stock, error) {
			return avasts.Do(func() (Stock, error) { return fn(ctx) })
		},
		"sethvargo": func(ctx context.Context, fn function) (Stock, error) {
			return sethvargo.DoValue(ctx, newSethvargo(), func(ctx context.Context) (Stock, error) {
				stock, err := fn(ctx)
				return stock, sethvargo.RetryableError(err)
			})
		},
		"eapache": func(ctx context.Context, fn function) (stock Stock, err error) {
			err = eapaches.RunCtx(ctx, func(ctx context.Context) error {
				stock, err = fn(ctx)
				return err
			})
			return stock, err
		},
	}
}

// TestRetriesJitterAlike makes many calls that fail: all sides wait up to 300 ms in two waits, half of that on the average, and never the same.
func TestRetriesJitterAlike(t *testing.T) {
	const calls = 2000
	all := retriers()
	for _, side := range retryPaths[0].Sides() {
		synctest.Test(t, func(t *testing.T) {
			least, most, sum := time.Hour, time.Duration(0), time.Duration(0)
			for range calls {
				begin := time.Now()
				if side.By == "ductile" || side.By == "failsafe-go" {
					all = retriers() // with budgets that are full
				}
				_, _ = all[side.By](t.Context(), func(context.Context) (Stock, error) { return Stock{}, errDown }) // that it fails is the point
				took := time.Since(begin)
				least, most, sum = min(least, took), max(most, took), sum+took
			}
			if mean := sum / calls; least > 50*time.Millisecond || most < 250*time.Millisecond || (mean-150*time.Millisecond).Abs() > 10*time.Millisecond {
				t.Errorf("%s: waits from %v to %v, %v on the average", side.By, least, most, mean)
			}
		})
	}
}

// TestRetriesAreTheSame makes calls that fail through the retries of all sides: in a measurement, where all is well, nobody would notice one that
// repeats nothing.
func TestRetriesAreTheSame(t *testing.T) {
	for _, side := range retryPaths[0].Sides() {
		for succeeds, wanted := range map[int]int{1: 1, 2: 2, 3: 3, 4: 3} {
			synctest.Test(t, func(t *testing.T) {
				made, begin := 0, time.Now()
				stock, err := retriers()[side.By](t.Context(), func(context.Context) (Stock, error) {
					if made++; made < succeeds {
						return Stock{}, errDown
					}
					return Stock{Left: 7}, nil
				})
				if made != wanted {
					t.Errorf("%s: %d attempts at a call that succeeds at attempt %d, want %d", side.By, made, succeeds, wanted)
				}
				if works := err == nil && stock.Left == 7; works != (succeeds <= attempts) {
					t.Errorf("%s: a call that succeeds at attempt %d ends in %v, %v", side.By, succeeds, stock, err)
				}
				// Up to 100 and 200 ms.
				if took := time.Since(begin); took > 300*time.Millisecond || (took > 0) != (wanted > 1) {
					t.Errorf("%s: %d attempts in %v", side.By, made, took)
				}
			})
		}
	}
}
