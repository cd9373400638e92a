package ductile_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
)

// What is inside of a middleware, when the middleware has returned.

// The value of a call of next that panicked afterwards is discarded.
func TestAValueBeforeAPanicInsideAMiddleware(t *testing.T) {
	var y tally
	panicked, _ := contained(func() {
		_, _ = y.do(t.Context(), ductile.NewConcurrent("test", through{}, sore{passing{"sore"}}), works)
	})
	assert.Equal(t, "sore", panicked)
	assert.Equal(t, []int{1}, y.gone())
}

// A context that is retained inside lives on when the middleware has returned: only what still runs is canceled then.
func TestRetainedInsideAMiddleware(t *testing.T) {
	var release func()
	ctx, err := ductile.DoConcurrent(t.Context(), ductile.NewConcurrent("test", through{}), func(ctx context.Context) (context.Context, error) {
		release = ductile.Retain(ctx)
		return ctx, nil
	})
	require.NoError(t, err)
	require.NoError(t, ctx.Err())
	release()
	require.ErrorIs(t, ctx.Err(), context.Canceled)
}

// Attempts that were made inside count for those outside: no two are alike.
func TestAttemptsInsideAMiddleware(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := retry.New(retry.Attempts(2), retry.Budget(budget.Unlimited()))
		p := ductile.NewConcurrent("test", again, through{}, again)
		var attempts []int
		_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
			attempt, _ := p.Attempt(ctx)
			attempts = append(attempts, attempt)
			return 0, errDown
		})
		require.ErrorIs(t, err, errDown)
		assert.Equal(t, []int{1, 2, 3, 4}, attempts)
	})
}
