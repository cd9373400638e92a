package retry_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
)

// What is changed on the retry that the user has kept is changed in each pipeline that it stands in, which have copies of it; and whatever
// says something of it says the new settings.
func TestUpdateReachesThePipelines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := retry.New(retry.NoJitter(), retry.Name("again"))
		one, other := ductile.New("one", p), ductile.New("other", p)
		assert.Equal(t, 3, one.Plan().Attempts)
		require.NoError(t, p.Update(retry.Attempts(4), retry.Constant(time.Second)))
		for _, pipeline := range []*ductile.Pipeline{one, other} {
			waits, err := gaps(t, pipeline, errDown, nothing)
			assert.Equal(t, []time.Duration{time.Second, time.Second, time.Second}, waits)
			require.ErrorIs(t, err, retry.ErrAttempts)
			assert.Equal(t, 4, pipeline.Plan().Attempts)
			assert.Contains(t, pipeline.String(), "4 attempts, no jitter under 1s")
		}
		attempts, backoff, _, _ := p.Worst()
		assert.Equal(t, 4, attempts)
		assert.Equal(t, 3*time.Second, backoff)
		assert.Equal(t, "again", p.Name())
		assert.Nil(t, p.Budget())
		require.NoError(t, p.Update(), "which changes nothing")
		assert.Equal(t, "4 attempts, no jitter under 1s, on transient, timeout, overload", p.String())
	})
}

// It goes the other way too, and what one copy draws on stays its own.
func TestCopiesShareTheirSettingsAndNotTheirBudgets(t *testing.T) {
	p := retry.New()
	none, unlimited := budget.None(), budget.Unlimited()
	one := p.WithBudget(none).(*retry.Policy)          //nolint:errcheck,forcetypeassert // a panic tells as much
	other := one.WithBudget(unlimited).(*retry.Policy) //nolint:errcheck,forcetypeassert // the same
	require.NoError(t, one.Update(retry.Attempts(2), retry.Budget(none)))
	require.NoError(t, other.Update(retry.Constant(time.Second), retry.Budget(unlimited)))
	for of, b := range map[*retry.Policy]*budget.Budget{p: nil, one: none, other: unlimited} {
		assert.Equal(t, "2 attempts, full jitter under 1s, on transient, timeout, overload", of.String())
		assert.Same(t, b, of.Budget())
	}
	require.Error(t, p.Update(retry.Budget(unlimited)))
	require.Error(t, one.Update(retry.Budget(unlimited)))
	_, stop := next(one, 1, errDown)
	require.ErrorIs(t, stop, retry.ErrBudget)
	_, stop = next(other, 1, errDown)
	require.NoError(t, stop)
}

// A call of which nothing was remembered goes by the settings of now.
func TestNothingRemembered(t *testing.T) {
	p := retry.New(retry.NoJitter())
	require.NoError(t, p.Update(retry.Constant(time.Minute)))
	wait, stop := p.Next(nil, 1, errDown, noDeadline)
	require.NoError(t, stop)
	assert.Equal(t, time.Minute, wait)
}

// A jitter that was chosen stays with another schedule; one that was not is the schedule's own, as with New.
func TestUpdateAndTheJitter(t *testing.T) {
	own := retry.Schedule(func(int) time.Duration { return time.Second })
	const on = ", on transient, timeout, overload"
	p := retry.New(retry.EqualJitter())
	require.NoError(t, p.Update(retry.Constant(time.Second)))
	assert.Equal(t, "3 attempts, equal jitter under 1s"+on, p.String())
	require.NoError(t, p.Update(own))
	require.NoError(t, p.Update(retry.Constant(time.Minute)))
	assert.Equal(t, "3 attempts, equal jitter under 1m0s"+on, p.String())
	require.NoError(t, p.Update(retry.NoJitter()))
	assert.Equal(t, "3 attempts, no jitter under 1m0s"+on, p.String())

	p = retry.New()
	require.NoError(t, p.Update(own))
	for range 10 {
		wait, _ := next(p, 1, errDown)
		assert.Equal(t, time.Second, wait, "who brings a schedule means its times")
	}
	require.NoError(t, p.Update(retry.Constant(time.Second)))
	assert.Equal(t, "3 attempts, full jitter under 1s"+on, p.String())
}

// The source that a retry draws from survives each Update, and is that of all its copies, those that were made before it too. A call under
// way draws from the one that it began with.
func TestTheSourceSurvives(t *testing.T) {
	waits := func(p *retry.Policy, book any) (all []time.Duration) {
		for range 5 {
			wait, stop := p.Next(book, 1, errDown, math.MaxInt64)
			require.NoError(t, stop)
			all = append(all, wait)
		}
		return all
	}
	want := retry.New(retry.Constant(time.Hour), retry.EqualJitter())
	want.DrawFrom(rand.NewPCG(1, 0))
	all := append(waits(want, nil), waits(want, nil)...)

	p := retry.New()
	bounded := p.WithBudget(budget.Unlimited()).(*retry.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
	early := p.Start()
	p.DrawFrom(rand.NewPCG(1, 0))
	require.NoError(t, p.Update(retry.Constant(time.Hour)))
	require.NoError(t, bounded.Update(retry.EqualJitter()))
	assert.Equal(t, all[:5], waits(bounded, bounded.Start()))
	waits(p, early)
	assert.Equal(t, all[5:], waits(p, p.Start()))
}

// The budget keeps what it has, and a call that was granted an attempt gets it back where it came to nothing, whatever has changed since.
func TestUpdateAndTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New()
		p := retry.New(retry.Budget(b), retry.Constant(time.Second), retry.NoJitter())
		pipeline := ductile.New("p", p)
		_, _ = gaps(t, pipeline, errDown, nothing)
		before := b.Snapshot()
		assert.Equal(t, uint64(2), before.Spent)
		require.NoError(t, p.Update(retry.Attempts(5), retry.Elapsed(time.Minute)))
		assert.Equal(t, before, b.Snapshot())

		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := ductile.Run(ctx, pipeline, func(context.Context) error {
			time.AfterFunc(ms, func() {
				assert.NoError(t, p.Update(retry.Attempts(1), retry.NoElapsed()))
				cancel()
			})
			return errDown
		})
		require.ErrorIs(t, err, errDown)
		assert.Equal(t, uint64(2), b.Snapshot().Spent, "canceled in its wait: the attempt was not made")
	})
}

// Listeners hear of what is decided by the new settings.
func TestListenersSurvive(t *testing.T) {
	var heard []time.Duration
	p := retry.New(retry.NoJitter(), retry.OnRetry(func(e retry.Event) { heard = append(heard, e.Wait) }))
	_, _ = next(p, 1, errDown)
	require.NoError(t, p.Update(retry.Constant(time.Hour)))
	_, _ = next(p, 1, errDown)
	assert.Equal(t, []time.Duration{100 * ms, time.Hour}, heard)
}

// To tune a retry does not make its calls cost more.
func TestUpdateCostsCallsNothing(t *testing.T) {
	p := retry.New(retry.Elapsed(time.Hour), retry.Budget(budget.Unlimited()))
	require.NoError(t, p.Update(retry.NoElapsed()))
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		book := p.Start()
		_, _ = p.Next(book, 1, errDown, noDeadline)
		p.Settle(book, 2, 1, 0, nil)
	}))
}

// while returns an option that does something while it is applied.
func while[C any](option func(*C) error, do func()) func(*C) error {
	return func(c *C) error {
		do()
		return option(c)
	}
}

// An Update that is overtaken by another while its options are applied does not undo it, and does not keep it waiting.
func TestAnUpdateIsOvertaken(t *testing.T) {
	p, applied := retry.New(retry.NoJitter()), 0
	require.NoError(t, p.Update(while(retry.Constant(time.Second), func() {
		if applied++; applied == 1 {
			assert.NoError(t, p.Update(retry.Constant(time.Minute), retry.Attempts(5)))
		}
	})))
	assert.Equal(t, 2, applied, "it began anew")
	assert.Equal(t, "5 attempts, no jitter under 1s, on transient, timeout, overload", p.String(), "the last one wins, and the other is not lost")
}

// Who drives a retry by hand without its Start met a panic where the settings of now remember something.
func TestACallThatNothingIsRememberedOfRegression(t *testing.T) {
	for _, option := range []retry.Option{retry.Elapsed(time.Second), retry.Decorrelated(time.Millisecond, time.Second)} {
		r := retry.New()
		require.NoError(t, r.Update(option))
		_, err := r.Next(nil, 1, errors.New("down"), time.Hour)
		assert.NoError(t, err)
	}
}
