package ratelimit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

var errDown = errors.New("down")

// Here a limiter stands among other policies, as in a program.

// The caller gets the limiter's refusal as it is, and the function is not called.
func TestThePipelineRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(4, 2)
		p := ductile.New("stock", l)
		calls := 0
		do := func() (int, error) {
			return ductile.Do(t.Context(), p, func(context.Context) (int, error) { calls++; return 7, nil })
		}
		for range 2 {
			got, err := do()
			require.NoError(t, err)
			assert.Equal(t, 7, got)
		}
		got, err := do()
		assert.Zero(t, got)
		assert.Same(t, refused(t.Context(), t, l), err, "not wrapped")
		after, known := fault.RetryAfter(err)
		assert.True(t, known)
		assert.Equal(t, 2, calls)
		time.Sleep(after)
		_, err = do()
		require.NoError(t, err)
		assert.Equal(t, "pipeline \"stock\"\n  ratelimit  4/s in bursts of 2", p.String())
	})
}

// A fallback answers for it.
func TestAFallbackAnswers(t *testing.T) {
	p := ductile.New("stock", fallback.Value(42), ratelimit.From(rate.NewLimiter(0, 0)))
	got, err := ductile.Do(t.Context(), p, func(context.Context) (int, error) { t.Error("called"); return 7, nil })
	require.NoError(t, err)
	assert.Equal(t, 42, got)
}

// What a retry around it makes of a refusal: nothing, unless it is told to; then it waits for as long as the limiter says.
func TestARetryAround(t *testing.T) {
	for _, row := range []struct {
		name    string
		options []retry.Option
		calls   int
		elapsed time.Duration
		is      error
	}{
		{"does not repeat it", nil, 0, 0, ratelimit.ErrLimited},
		{"repeats it when it is told to, at the right time", []retry.Option{
			retry.On(fault.ClassRejected, fault.ClassTransient), retry.Constant(0), retry.Budget(budget.Unlimited()),
		}, 1, 250 * ms, nil},
		{"does not wait for longer than it may", []retry.Option{
			retry.On(fault.ClassRejected), retry.Constant(0), retry.Budget(budget.Unlimited()), retry.MaxHint(249 * ms),
		}, 0, 0, retry.ErrHint},
	} {
		in(t, row.name, func(t *testing.T) {
			l := empty(t, 4, 1)
			p := ductile.New("stock", retry.New(row.options...), l)
			start, calls := time.Now(), 0
			err := ductile.Run(t.Context(), p, func(context.Context) error { calls++; return nil })
			assert.Equal(t, row.calls, calls)
			assert.Equal(t, row.elapsed, time.Since(start))
			require.ErrorIs(t, err, row.is)
		})
	}
}

// Each attempt pays. One that gets no token ends the call, with what the one before it met.
func TestEachAttemptPays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(4, 2)
		p := ductile.New("stock", retry.New(retry.Attempts(5), retry.Constant(0), retry.Budget(budget.Unlimited())), l)
		calls := 0
		err := ductile.Run(t.Context(), p, func(context.Context) error { calls++; return errDown })
		assert.Equal(t, 2, calls)
		require.ErrorIs(t, err, errDown)
		require.ErrorIs(t, err, ratelimit.ErrLimited)
		assert.Equal(t, fault.ClassTransient, fault.Of(err), "it was the dependency that failed first")
		assert.Zero(t, l.Snapshot().Tokens)
	})
}

// A breaker around it counts no refusal, and gives the place of a probe back. While it is open it uses nothing up.
func TestABreakerAround(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breaker.New(breaker.ConsecutiveFailures(2), breaker.MinCalls(5), breaker.Probes(1),
			breaker.OpenTime(time.Minute), breaker.OpenTimeJitter(0))
		bucket := rate.NewLimiter(0, 0)
		l := ratelimit.From(bucket)
		p := ductile.New("stock", b, l)
		run := func(err error) error {
			return ductile.Run(t.Context(), p, func(context.Context) error { return err })
		}
		for range 100 {
			require.ErrorIs(t, run(nil), ratelimit.ErrLimited)
		}
		assert.Equal(t, breaker.Closed, b.State())
		assert.Zero(t, b.Snapshot().Counts)

		bucket.SetLimit(1)
		bucket.SetBurst(5)
		time.Sleep(time.Minute)
		for range 2 {
			require.ErrorIs(t, run(errDown), errDown)
		}
		require.Equal(t, breaker.Open, b.State())
		for range 100 {
			require.ErrorIs(t, run(nil), breaker.ErrOpen)
		}
		assert.InDelta(t, 3, l.Snapshot().Tokens, 0)

		bucket.SetBurst(0)
		time.Sleep(time.Minute)
		for range 3 {
			require.ErrorIs(t, run(nil), ratelimit.ErrLimited)
		}
		assert.Zero(t, b.Snapshot().Probing)
		bucket.SetBurst(5)
		time.Sleep(time.Minute)
		require.NoError(t, run(nil))
		assert.Equal(t, breaker.Closed, b.State())
	})
}

// Waiting uses up no attempt's timeout and no permit of what stands inside, and as much of a timeout around it as it takes.
func TestWaitingAmongOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := bulkhead.New(1)
		p := ductile.New("stock",
			timeout.New(time.Second, timeout.Name("total")),
			ratelimit.New(4, 1, ratelimit.Wait(time.Hour)),
			inner,
			timeout.New(100*ms, timeout.Name("attempt")),
		)
		start := time.Now()
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				err := ductile.Run(t.Context(), p, func(ctx context.Context) error {
					at, _ := ctx.Deadline()
					assert.Equal(t, 100*ms, time.Until(at))
					assert.Equal(t, time.Duration(i)*250*ms, time.Since(start))
					return nil
				})
				if i < 4 {
					assert.NoError(t, err)
					return
				}
				assert.Zero(t, time.Since(start), "a second is too little for the fifth")
				assert.Equal(t, ratelimit.ReasonDeadline, reason(err))
			})
			synctest.Wait()
			assert.Zero(t, inner.Snapshot().InFlight)
		}
		all.Wait()
	})
}

// A caller who goes while the call waits ends it.
func TestTheCallerGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := empty(t, 4, 1, ratelimit.Wait(time.Hour))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*ms, cancel)
		start := time.Now()
		p := ductile.New("stock", fallback.Value(struct{}{}), retry.New(retry.On(fault.ClassRejected)), l)
		_, err := ductile.Do(ctx, p, func(context.Context) (struct{}, error) { t.Error("called"); return struct{}{}, nil })
		assert.Equal(t, 100*ms, time.Since(start), "no retry, no fallback: there is nobody to answer")
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, ratelimit.ErrLimited)
		assert.InDelta(t, 0.4, l.Snapshot().Tokens, 1e-9)
	})
}

// One limiter keeps one quota, however many pipelines use it.
func TestOneForSeveral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(4, 3)
		calls := 0
		for range 3 {
			p := ductile.New("p", l)
			for range 2 {
				_ = ductile.Run(t.Context(), p, func(context.Context) error { calls++; return nil })
			}
		}
		assert.Equal(t, 3, calls)
	})
}

// A call that panics has begun.
func TestAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(4, 3)
		assert.PanicsWithValue(t, "mine", func() {
			_ = ductile.Run(t.Context(), ductile.New("p", l), func(context.Context) error { panic("mine") })
		})
		assert.InDelta(t, 2, l.Snapshot().Tokens, 0)
	})
}
