package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// A caller who goes while a call waits for its next attempt ends it there and then. The error has both: that the caller has gone, and
// what the last attempt met; the attempt that was paid for and not made is given back.
func TestTheCallerGoesInTheBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New()
		p := ductile.New("p", retry.New(retry.Budget(b), retry.NoJitter(), retry.Constant(time.Second)))
		errGone := errors.New("the user closed the page")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(1500*time.Millisecond, func() { cancel(errGone) })

		start, calls := time.Now(), 0
		err := ductile.Run(ctx, p, func(context.Context) error { calls++; return errDown })

		assert.Equal(t, 1500*time.Millisecond, time.Since(start), "at once, not after the wait")
		assert.Equal(t, 2, calls)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errGone)
		require.ErrorIs(t, err, errDown)
		var given *ductile.RetryError
		require.ErrorAs(t, err, &given)
		assert.Equal(t, 2, given.Attempts)
		assert.Same(t, errDown, given.Last)
		assert.Equal(t, fault.ClassCanceled, fault.Of(err))
		assert.Equal(t, uint64(1), b.Snapshot().Spent, "one repeat was made, the second was not")
	})
}

// A thousand callers who go in their backoff do not drain the budget of those who stay.
func TestCallersWhoGoDoNotDrainTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(0), budget.Floor(0.1)) // one in 10 s
		p := ductile.New("p", retry.New(retry.Budget(b), retry.NoJitter()))
		for range 1000 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Millisecond, cancel)
			err := ductile.Run(ctx, p, func(context.Context) error { return errDown })
			require.ErrorIs(t, err, context.Canceled)
		}
		calls := 0
		_ = ductile.Run(t.Context(), p, func(context.Context) error { calls++; return errDown })
		assert.Equal(t, 2, calls)
	})
}

// A caller who goes while the function works has ended the call, whatever the function says: it is returned as it is, and not repeated.
func TestTheCallerGoesDuringAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New()
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		err := ductile.Run(ctx, ductile.New("p", retry.New(retry.Budget(b))), func(context.Context) error {
			calls++
			cancel()
			return errDown
		})
		assert.Equal(t, 1, calls)
		assert.Same(t, errDown, err)
		assert.Equal(t, int64(10), b.Snapshot().Balance)
	})
}

// Where the caller has gone before the call, the function is not called.
func TestTheCallerHasGoneBefore(t *testing.T) {
	b := budget.New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := ductile.Run(ctx, ductile.New("p", retry.New(retry.Budget(b))), func(context.Context) error { t.Error("called"); return nil })
	assert.Equal(t, context.Canceled, err)
	assert.Equal(t, budget.Snapshot{Balance: 10}, b.Snapshot())
}

// The caller's deadline passes while the function works: there is no time for another attempt, and the error is the dependency's.
func TestTheDeadlinePassesDuringAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := ductile.Run(ctx, ductile.New("p", retry.New()), func(ctx context.Context) error { <-ctx.Done(); return errDown })
		require.ErrorIs(t, err, errDown)
		require.ErrorIs(t, err, retry.ErrDeadline)
	})
}

// gate refuses every call after the first so many.
type gate struct{ left int }

var errFull = errors.New("full")

func (*gate) Name() string { return "gate" }
func (g *gate) Acquire(context.Context) (uint64, error) {
	if g.left--; g.left < 0 {
		return 0, errFull
	}
	return 0, nil
}
func (*gate) Release(uint64, error) {}

// A later attempt that a policy inside refuses says nothing of the dependency: the last error that does is kept, both are found, and the
// repeat that did not reach the function is given back.
func TestALaterAttemptIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New()
		p := ductile.New("p", retry.New(retry.Budget(b), retry.Attempts(5)), &gate{left: 2})
		calls := 0
		err := ductile.Run(t.Context(), p, func(context.Context) error { calls++; return errDown })

		assert.Equal(t, 2, calls)
		require.ErrorIs(t, err, errDown)
		require.ErrorIs(t, err, errFull)
		require.ErrorIs(t, err, fault.ErrRejected)
		var given *ductile.RetryError
		require.ErrorAs(t, err, &given)
		assert.Equal(t, 2, given.Attempts)
		assert.Same(t, errDown, given.Last)
		assert.Equal(t, fault.ClassTransient, fault.Of(err))
		assert.Equal(t, uint64(1), b.Snapshot().Spent)
	})
}

// The first attempt that is refused is no retry's business.
func TestTheFirstAttemptIsRefused(t *testing.T) {
	b := budget.New()
	err := ductile.Run(t.Context(), ductile.New("p", retry.New(retry.Budget(b)), &gate{}), func(context.Context) error { return errDown })
	var given *ductile.RetryError
	assert.NotErrorAs(t, err, &given)
	require.ErrorIs(t, err, errFull)
	assert.Equal(t, fault.ClassRejected, fault.Of(err))
	assert.Equal(t, budget.Snapshot{Balance: 10}, b.Snapshot(), "no deposit either: nothing reached the dependency")
}

// Who asks for refused attempts to be repeated gets that, within its attempts; what did not run is not paid for.
func TestRefusedAttemptsAreRepeatedOnRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New()
		refusing := &gate{}
		p := ductile.New("p", retry.New(retry.Budget(b), retry.Attempts(4), retry.NoJitter(), retry.On(fault.ClassRejected)), refusing)
		start := time.Now()
		err := ductile.Run(t.Context(), p, func(context.Context) error { return errDown })
		assert.Equal(t, 700*time.Millisecond, time.Since(start))
		assert.Equal(t, -4, refusing.left)
		require.ErrorIs(t, err, retry.ErrAttempts)
		require.ErrorIs(t, err, errFull)
		var given *ductile.RetryError
		require.ErrorAs(t, err, &given)
		assert.Zero(t, given.Attempts, "none reached the function")
		assert.Zero(t, b.Snapshot().Spent)
	})
}
