package retry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
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
