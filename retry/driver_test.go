package retry_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// A caller who says Once gets one attempt, and its error as it is; the budget is not asked.
func TestOnce(t *testing.T) {
	b, calls := budget.New(), 0
	p := ductile.New("p", retry.New(retry.Budget(b)))
	err := ductile.Run(ductile.Once(t.Context()), p, func(context.Context) error { calls++; return errDown })
	assert.Equal(t, 1, calls)
	assert.Same(t, errDown, err)
	assert.Zero(t, b.Snapshot().Spent)
}

// Two retries in one pipeline multiply, which is what a budget is there for: together they draw on one.
func TestRetriesInRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		run := func(p *ductile.Pipeline) error {
			calls = 0
			return ductile.Run(t.Context(), p, func(context.Context) error { calls++; return errDown })
		}
		fast := retry.Constant(0)
		outer, inner := retry.New(retry.Name("outer"), fast, retry.Attempts(5)), retry.New(retry.Name("inner"), fast, retry.Attempts(5))
		err := run(ductile.New("p", outer, inner))
		assert.Equal(t, 11, calls, "not 25: ten in 10 s beside the first")
		assert.ErrorIs(t, err, retry.ErrBudget)

		unbounded := retry.Budget(budget.Unlimited())
		err = run(ductile.New("p", retry.New(fast, retry.Attempts(5), unbounded), retry.New(fast, retry.Attempts(5), unbounded)))
		assert.Equal(t, 25, calls)
		var given *ductile.RetryError
		assert.ErrorAs(t, err, &given)
		assert.Equal(t, 5, given.Attempts, "the outer one counts its own")
	})
}

// A panic passes through, what it cost is settled, and no attempt follows.
func TestAPanicIsNotRepeated(t *testing.T) {
	b, calls := budget.New(), 0
	p := ductile.New("p", retry.New(retry.Budget(b), retry.Constant(0)))
	assert.PanicsWithValue(t, "fn's", func() {
		_ = ductile.Run(t.Context(), p, func(context.Context) error {
			if calls++; calls == 2 {
				panic("fn's")
			}
			return errDown
		})
	})
	assert.Equal(t, 2, calls)
	assert.Equal(t, uint64(1), b.Snapshot().Spent, "the repeat that panicked did run")
}

// A listener's panic is the caller's, and the attempt that it was told of is not made and not paid for.
func TestAListenersPanicIsTheCallers(t *testing.T) {
	b, calls := budget.New(), 0
	p := ductile.New("p", retry.New(retry.Budget(b), retry.OnRetry(func(retry.Event) { panic("the listener's") })))
	assert.PanicsWithValue(t, "the listener's", func() {
		_ = ductile.Run(t.Context(), p, func(context.Context) error { calls++; return errDown })
	})
	assert.Equal(t, 1, calls)
	assert.Zero(t, b.Snapshot().Spent)
}

// Errors of the function keep their identity and type through everything that is said about them.
func TestAnErrorSaysWhatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		overloaded := fault.Overload(errDown, 2*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		p := ductile.New("p", retry.New(retry.Name("again"), retry.NoJitter()))
		err := ductile.Run(ctx, p, func(context.Context) error { return overloaded })

		assert.EqualError(t, err, "p: again gave up after 2 attempts (no time for another attempt before the deadline): down")
		var given *ductile.RetryError
		assert.ErrorAs(t, err, &given)
		assert.Equal(t, &ductile.RetryError{Pipeline: "p", Policy: "again", Attempts: 2, Reason: retry.ErrDeadline, Last: overloaded}, given)
		assert.Same(t, overloaded, given.Last)
		assert.ErrorIs(t, err, errDown)
		assert.ErrorIs(t, err, retry.ErrDeadline)
		assert.NotErrorIs(t, err, context.DeadlineExceeded, "it has not passed")

		assert.Equal(t, fault.ClassOverload, fault.Of(err), "a retry that stops is no rejection: the class is the last error's")
		assert.NotErrorIs(t, err, fault.ErrRejected)
		after, ok := fault.RetryAfter(err)
		assert.True(t, ok, "the hint is still there to be read")
		assert.Equal(t, 2*time.Second, after)
		assert.NotErrorIs(t, err, retry.ErrAttempts)
	})
}

// A final failure is returned as it is: there was nothing to give up. After an attempt that failed otherwise, too; and whoever else
// stands in the pipeline counts it as the failure that it is.
func TestAFinalFailureIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		final := fault.Final(fault.Timeout(errDown))
		for _, errs := range [][]error{{final}, {errDown, final}} {
			b, calls := budget.New(), 0
			br := breaker.New(breaker.ConsecutiveFailures(len(errs)))
			p := ductile.New("p", fallback.Value("a default"), retry.New(retry.Budget(b)), br)
			heard := errDown
			got, err := ductile.Do(t.Context(), p, func(context.Context) (string, error) {
				calls++
				heard = errs[min(calls, len(errs))-1]
				return "", heard
			})
			assert.Equal(t, len(errs), calls)
			assert.NoError(t, err)
			assert.Equal(t, "a default", got, "a fallback answers for it")
			assert.Equal(t, breaker.Open, br.State(), "the breaker counts it")

			calls = 0
			err = ductile.Run(t.Context(), ductile.New("p", retry.New(retry.Budget(b))), func(context.Context) error {
				calls++
				return errs[min(calls, len(errs))-1]
			})
			assert.Same(t, final, err)
			assert.Equal(t, uint64(2*(len(errs)-1)), b.Snapshot().Spent)
		}
	})
}

// The driver waits exactly as long as it was told, and says what it was told where it does not.
func TestAPushbackInAPipeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts []time.Duration // when each began
		run := func(ctx context.Context, errs ...error) error {
			start := time.Now()
			attempts = nil
			p := ductile.New("p", retry.New(retry.Name("again"), retry.Attempts(5)))
			return ductile.Run(ctx, p, func(context.Context) error {
				attempts = append(attempts, time.Since(start))
				return errs[min(len(attempts), len(errs))-1]
			})
		}
		assert.NoError(t, run(t.Context(), pushed{7 * time.Second}, pushed{0}, pushed{time.Millisecond}, nil))
		assert.Equal(t, []time.Duration{0, 7 * time.Second, 7 * time.Second, 7*time.Second + time.Millisecond}, attempts)

		never := fmt.Errorf("get: %w", pushed{-time.Millisecond})
		err := run(t.Context(), pushed{0}, never)
		assert.Len(t, attempts, 2)
		assert.EqualError(t, err, "p: again gave up after 2 attempts (the dependency says not to repeat the call): get: pushed back for -1ms")
		var given *ductile.RetryError
		assert.ErrorAs(t, err, &given)
		assert.Equal(t, &ductile.RetryError{Pipeline: "p", Policy: "again", Attempts: 2, Reason: retry.ErrPushback, Last: never}, given)
		assert.Equal(t, fault.ClassTransient, fault.Of(err), "its class is that of the failure")
		wait, told := fault.Pushback(err)
		assert.True(t, told, "the decision is still there to be read")
		assert.Equal(t, -time.Millisecond, wait)

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		assert.ErrorIs(t, run(ctx, pushed{10 * time.Second}), retry.ErrDeadline)
		assert.ErrorIs(t, run(ctx, pushed{time.Minute}), retry.ErrHint)
	})
}

// What an inner retry gives up on is judged by an outer one by its last failure: final is final for both, and the dependency's word counts
// for both. A decision of an attempt that another has followed is over.
func TestWhatARetryGaveUpInARetry(t *testing.T) {
	type errs []error
	for _, row := range []struct {
		name    string
		errs    errs // of each call, the last for good
		calls   int
		elapsed time.Duration
		stop    error // the outer retry's reason, nil where there is none
	}{
		{"final at once", errs{fault.Final(errDown)}, 1, 0, nil},
		{"final at last", errs{errDown, fault.Final(errDown)}, 2, 10 * ms, nil},
		{"final in the second round", errs{errDown, errDown, fault.Final(errDown)}, 3, 1010 * ms, nil},
		{"never", errs{pushed{-1}}, 1, 0, retry.ErrPushback},
		{"never again", errs{errDown, pushed{-1}}, 2, 10 * ms, retry.ErrPushback},
		{"longer than the inner one may wait", errs{pushed{5 * time.Second}, nil}, 2, 5 * time.Second, nil},
		{"longer than both may wait", errs{pushed{time.Minute}}, 1, 0, retry.ErrHint},
		{"after the inner one's last attempt", errs{errDown, pushed{3 * ms}, nil}, 3, 13 * ms, nil},
		{"in every attempt: each waits as it was told", errs{pushed{3 * ms}}, 4, 9 * ms, retry.ErrAttempts},
		{"over", errs{pushed{3 * ms}, errDown, nil}, 3, 1003 * ms, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				two := retry.Attempts(2)
				outer := retry.New(retry.Name("outer"), retry.Constant(time.Second), two, retry.NoJitter())
				inner := retry.New(retry.Name("inner"), retry.Constant(10*ms), two, retry.NoJitter(), retry.MaxHint(time.Second))
				calls, start := 0, time.Now()
				err := ductile.Run(t.Context(), ductile.New("p", outer, inner), func(context.Context) error {
					calls++
					return row.errs[min(calls, len(row.errs))-1]
				})
				assert.Equal(t, row.calls, calls)
				assert.Equal(t, row.elapsed, time.Since(start))
				last := row.errs[len(row.errs)-1]
				if row.stop == nil {
					assert.Equal(t, last, err)
					return
				}
				var given *ductile.RetryError
				assert.ErrorAs(t, err, &given)
				assert.Equal(t, "outer", given.Policy)
				assert.Same(t, row.stop, given.Reason)
				assert.ErrorIs(t, err, last)
			})
		})
	}
}
