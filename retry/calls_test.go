package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// How often a function is called through a pipeline, how long the call takes, and what is said when it is given up. Time is virtual, and
// there is no jitter, so that both are exact.
func TestCalls(t *testing.T) {
	type options []retry.Option
	type errs []error
	var (
		returned = errors.New("it is not given up, but returned as it is")
		busy     = fault.Overload(errDown, 0)
		fast     = retry.Constant(10 * ms)
		earning  = budget.New(budget.Share(1), budget.Floor(0)) // what it earns it can spend
	)
	for _, row := range []struct {
		name     string
		options  options
		deadline time.Duration // the caller's, none if zero
		total    time.Duration // of a timeout around the retry, none if zero
		each     time.Duration // of a timeout inside it, none if zero
		takes    time.Duration // each call of the function
		errs     errs          // what each returns, the last for good
		calls    int
		elapsed  time.Duration
		stop     error // why there are no more, nil where the call succeeds
	}{
		{name: "success at once", errs: errs{nil}, calls: 1},
		{name: "success on the second", errs: errs{errDown, nil}, calls: 2, elapsed: 100 * ms},
		{name: "success on the last", errs: errs{errDown, errDown, nil}, calls: 3, elapsed: 300 * ms},
		{name: "a cancellation that is not the caller's", errs: errs{context.Canceled, nil}, calls: 2, elapsed: 100 * ms},
		{name: "one attempt in all", options: options{retry.Attempts(1)}, errs: errs{errDown}, calls: 1, stop: returned},
		{name: "an answer", errs: errs{fault.Permanent(errDown)}, calls: 1, stop: returned},
		{name: "an answer after a failure", errs: errs{errDown, fault.Permanent(errDown)}, calls: 2, elapsed: 100 * ms, stop: returned},

		{name: "the default", errs: errs{errDown}, calls: 3, elapsed: 300 * ms, stop: retry.ErrAttempts},
		{name: "a slow function", takes: time.Second, errs: errs{errDown}, calls: 3, elapsed: 3300 * ms, stop: retry.ErrAttempts},
		{
			name: "exponential", options: options{retry.Attempts(5), retry.Exponential(100*ms, 2, 300*ms)},
			errs: errs{errDown}, calls: 5, elapsed: 900 * ms, stop: retry.ErrAttempts,
		},
		{
			name: "linear", options: options{retry.Attempts(4), retry.Linear(100*ms, 50*ms, time.Second)},
			errs: errs{errDown}, calls: 4, elapsed: 450 * ms, stop: retry.ErrAttempts,
		},
		{name: "constant", options: options{fast}, errs: errs{errDown}, calls: 3, elapsed: 20 * ms, stop: retry.ErrAttempts},
		{name: "at once", options: options{retry.Constant(0)}, errs: errs{errDown}, calls: 3, stop: retry.ErrAttempts},
		{
			name: "a schedule that ends", options: options{retry.Schedule(func(int) time.Duration { return -1 })},
			errs: errs{errDown}, calls: 1, stop: retry.ErrSchedule,
		},

		{name: "overloaded", errs: errs{busy}, calls: 3, elapsed: 3 * time.Second, stop: retry.ErrAttempts},
		{name: "overloaded once", errs: errs{busy, errDown}, calls: 3, elapsed: 1200 * ms, stop: retry.ErrAttempts},
		{name: "a hint", errs: errs{fault.Overload(errDown, 7*time.Second)}, calls: 3, elapsed: 14 * time.Second, stop: retry.ErrAttempts},
		{name: "a hint that is too long", errs: errs{fault.Overload(errDown, time.Minute)}, calls: 1, stop: retry.ErrHint},

		{name: "no budget", options: options{retry.Budget(budget.None())}, errs: errs{errDown}, calls: 1, stop: retry.ErrBudget},
		{
			name: "a budget for one", options: options{retry.Budget(earning)},
			errs: errs{errDown}, calls: 2, elapsed: 100 * ms, stop: retry.ErrBudget,
		},
		{
			name: "the pipeline's own budget: ten beside the first", options: options{retry.Attempts(100), fast},
			errs: errs{errDown}, calls: 11, elapsed: 100 * ms, stop: retry.ErrBudget,
		},
		{
			name:    "any number of attempts, for a while",
			options: options{retry.UnlimitedAttempts(), retry.Elapsed(95 * ms), fast, retry.Budget(budget.Unlimited())},
			errs:    errs{errDown}, calls: 10, elapsed: 90 * ms, stop: retry.ErrElapsed,
		},

		{name: "a deadline before it", deadline: 250 * ms, errs: errs{errDown}, calls: 2, elapsed: 100 * ms, stop: retry.ErrDeadline},
		{name: "a deadline with it", deadline: 300 * ms, errs: errs{errDown}, calls: 2, elapsed: 100 * ms, stop: retry.ErrDeadline},
		{name: "a deadline after it", deadline: 300*ms + 1, errs: errs{errDown}, calls: 3, elapsed: 300 * ms, stop: retry.ErrAttempts},
		{name: "a hint beyond the deadline", deadline: 900 * ms, errs: errs{busy}, calls: 1, stop: retry.ErrDeadline},
		{
			name: "a timeout around: no wait is begun that does not fit", total: 250 * ms,
			errs: errs{errDown}, calls: 2, elapsed: 100 * ms, stop: retry.ErrDeadline,
		},
		{
			name: "a timeout inside: each attempt has its own", each: time.Second, takes: time.Hour,
			errs: errs{errDown}, calls: 3, elapsed: 3300 * ms, stop: retry.ErrAttempts,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if row.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, row.deadline)
					defer cancel()
				}
				limit := func(d time.Duration) *timeout.Policy { // none where it is zero
					return timeout.From(func(context.Context) time.Duration { return d })
				}
				p := ductile.New("p", limit(row.total), retry.New(append(row.options, retry.NoJitter())...), limit(row.each))

				start, calls := time.Now(), 0
				var last error
				got, err := ductile.Do(ctx, p, func(ctx context.Context) (int, error) {
					calls++
					select {
					case <-time.After(row.takes):
					case <-ctx.Done():
					}
					last = row.errs[min(calls, len(row.errs))-1]
					return calls, last
				})

				assert.Equal(t, row.calls, calls)
				assert.Equal(t, row.elapsed, time.Since(start))
				assert.Equal(t, calls, got, "the last attempt's value comes with its error")
				switch {
				case row.stop == nil:
					assert.NoError(t, err)
				case errors.Is(row.stop, returned):
					assert.Same(t, last, err)
				default:
					assert.ErrorIs(t, err, row.stop)
					assert.ErrorIs(t, err, last)
					var given *ductile.RetryError
					assert.ErrorAs(t, err, &given)
					assert.Equal(t, calls, given.Attempts)
				}
			})
		})
	}
}
