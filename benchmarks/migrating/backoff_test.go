package migrating_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v4"
	backoff6 "github.com/cenkalti/backoff/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// What docs/migrating/backoff.md says of backoff, and of what takes its place.

// times calls what fails, until it is not called again, and returns the times between.
func times(call func(op func() error)) (waits []time.Duration) {
	last := time.Now()
	call(func() error {
		waits = append(waits, time.Since(last))
		last = time.Now()
		return errDown
	})
	return waits
}

func TestBackoffDefaultsWaitAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs := times(func(op func() error) {
			_ = backoff.Retry(op, backoff.NewExponentialBackOff(backoff.WithRandomizationFactor(0)))
		})
		p := likeDefaults()
		require.NoError(t, p.Update(retry.NoJitter()))
		ours := times(func(op func() error) {
			_ = ductile.Run(t.Context(), ductile.New("p", p), func(context.Context) error { return op() })
		})
		assert.InDeltaSlice(t, seconds(theirs), seconds(ours), 1e-6)
		assert.Greater(t, len(ours), 20)
	})
}

func seconds(waits []time.Duration) (s []float64) {
	for _, wait := range waits {
		s = append(s, wait.Seconds())
	}
	return s
}

// The jitter is between the same bounds, and goes above the limit in both.
func TestBackoffJittersAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			began := time.Now()
			_, err := likeBackoffGet(t.Context(), ductile.New("p", retry.New(retry.Attempts(2),
				retry.Exponential(20*time.Millisecond, 2, time.Second), retry.ProportionalJitter(0.5))), down())
			require.ErrorIs(t, err, errDown)
			assert.True(t, time.Since(began) >= 10*time.Millisecond && time.Since(began) <= 30*time.Millisecond)
		}
		b := backoff.NewExponentialBackOff(backoff.WithInitialInterval(time.Second), backoff.WithMaxInterval(time.Second))
		above := false
		for range 100 {
			above = above || b.NextBackOff() > time.Second
		}
		assert.True(t, above)
	})
}

// A caller who has gone: version 4 calls the operation all the same, and forgets what failed.
func TestBackoffOfACallerWhoHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone, leave := context.WithCancel(t.Context())
		leave()
		calls := 0
		op := func() error { calls++; return errDown }
		err := backoff.Retry(op, backoff.WithContext(backoff.NewExponentialBackOff(), gone))
		assert.Equal(t, context.Canceled, err)
		assert.Equal(t, 1, calls)
		err = ductile.Run(gone, ductile.New("p", likeDefaults()), func(context.Context) error { return op() })
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 1, calls)

		hurried, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err = backoff.Retry(op, backoff.WithContext(backoff.NewExponentialBackOff(), hurried))
		require.Equal(t, context.DeadlineExceeded, err)

		hurried, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err = backoff6.Retry(hurried, func() (int, error) { return 0, op() })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, errDown)
		require.Equal(t, 100*time.Millisecond, time.Since(began))

		hurried, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began = time.Now()
		err = ductile.Run(hurried, ductile.New("p", likeDefaults()), func(context.Context) error { return op() })
		require.ErrorIs(t, err, errDown)
		require.ErrorIs(t, err, retry.ErrDeadline)
		assert.Zero(t, time.Since(began))
	})
}

// Which of their marks are known.
func TestBackoffPermanentIsKnown(t *testing.T) {
	assert.Equal(t, fault.ClassPermanent, fault.Of(backoff.Permanent(errNotFound)))
	assert.Equal(t, fault.ClassPermanent, fault.Of(backoff6.Permanent(errNotFound)))
	_, told := fault.RetryAfter(backoff6.RetryAfter(3))
	assert.False(t, told, "say so on the page")
	err := ductile.Run(t.Context(), ductile.New("p"), func(context.Context) error { return fault.Permanent(errNotFound) })
	assert.NotEqual(t, errNotFound, err)
	assert.ErrorIs(t, err, errNotFound)
	after, told := fault.RetryAfter(busy(errDown))
	assert.True(t, told)
	assert.Equal(t, 2*time.Second, after)
}

// A schedule of any version joins.
func TestBackoffKeptOfVersion6(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := retry.New(retry.Attempts(4), retry.FromBackOff(func() backoff6.BackOff { return backoff6.NewConstantBackOff(time.Second) }))
		assert.Equal(t, []time.Duration{0, time.Second, time.Second, time.Second}, times(func(op func() error) {
			_ = ductile.Run(t.Context(), ductile.New("p", p), func(context.Context) error { return op() })
		}))
	})
}

// The numbers that say how often: retries in version 4, tries in version 6, attempts here; and none is one attempt, or any number.
func TestBackoffCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		constant := func() backoff.BackOff { return backoff.NewConstantBackOff(time.Second) }
		for retries, calls := range map[uint64]int{0: 1, 1: 2, 3: 4} {
			assert.Len(t, times(func(op func() error) { _ = backoff.Retry(op, backoff.WithMaxRetries(constant(), retries)) }), calls)
		}
		assert.Len(t, times(func(op func() error) {
			_, _ = backoff6.Retry(t.Context(), func() (int, error) { return 0, op() }, backoff6.WithMaxTries(3))
		}), 3)
		assert.Len(t, times(func(op func() error) {
			_ = ductile.Run(t.Context(), ductile.New("p", retry.New(retry.Attempts(3))), func(context.Context) error { return op() })
		}), 3)
	})
}

// The loop of the page ends by a success.
func TestBackoffTicker(t *testing.T) {
	stock, err := backoffTicker(recovering())
	require.NoError(t, err)
	assert.Equal(t, 3, stock.Count)
}

// A program that waits for its database waits for as long as it is told.
func TestConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		require.NoError(t, connect(t.Context(), func(context.Context) error {
			if calls++; calls <= 100 {
				return errDown
			}
			return nil
		}))
	})
}
