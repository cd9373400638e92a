package ratelimit_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/ratelimit"
)

// A limiter whose rate.Limiter is tuned while calls wait. Those keep their turns; the others meet what is new.
func TestTuning(t *testing.T) {
	for _, row := range []struct {
		name  string
		tune  func(*rate.Limiter)
		waits time.Duration    // of who comes after
		why   ratelimit.Reason // or is refused
	}{
		{"as it was", func(*rate.Limiter) {}, 3 * time.Second, 0},
		{"faster", func(b *rate.Limiter) { b.SetLimit(4) }, 750 * ms, 0},
		{"slower", func(b *rate.Limiter) { b.SetLimit(0.5) }, 6 * time.Second, 0},
		{"too slow", func(b *rate.Limiter) { b.SetLimit(0.125) }, 0, ratelimit.ReasonLongWait},
		{"off", func(b *rate.Limiter) { b.SetLimit(rate.Inf) }, 0, 0},
		{"shut", func(b *rate.Limiter) { b.SetLimit(0) }, 0, ratelimit.ReasonNever},
		{"shut by its burst", func(b *rate.Limiter) { b.SetBurst(0) }, 0, ratelimit.ReasonNever},
		{"a greater burst", func(b *rate.Limiter) { b.SetBurst(9) }, 3 * time.Second, 0},
	} {
		in(t, row.name, func(t *testing.T) {
			bucket := rate.NewLimiter(1, 1)
			l := ratelimit.From(bucket, ratelimit.Wait(10*time.Second))
			start := time.Now()
			var all sync.WaitGroup
			for i := range 3 {
				all.Go(func() {
					_, err := l.Acquire(t.Context())
					assert.NoError(t, err)
					assert.Equal(t, time.Duration(i)*time.Second, time.Since(start), "a turn that was promised")
				})
				synctest.Wait()
			}
			row.tune(bucket)
			all.Go(func() {
				_, err := l.Acquire(t.Context())
				assert.Equal(t, row.why, reason(err))
				assert.Equal(t, row.waits, time.Since(start))
			})
			all.Wait()
			s := l.Snapshot()
			assert.Equal(t, bucket.Limit(), s.Limit)
			assert.Equal(t, bucket.Burst(), s.Burst)
		})
	}
}

// A limiter that was shut opens again.
func TestShutAndOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bucket := rate.NewLimiter(0, 1)
		l := ratelimit.From(bucket)
		_, err := l.Acquire(t.Context())
		require.NoError(t, err, "there was a token from the beginning")
		time.Sleep(time.Hour)
		assert.Equal(t, ratelimit.ReasonNever, refused(t.Context(), t, l).Reason)
		bucket.SetLimit(4)
		after, known := refused(t.Context(), t, l).RetryAfter()
		assert.True(t, known)
		assert.Equal(t, 250*ms, after)
		time.Sleep(after)
		_, err = l.Acquire(t.Context())
		require.NoError(t, err)
	})
}

// Once the limit has been raised, a token of the bucket may come before a turn that somebody gave up.
func TestATurnOfASlowerTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bucket := rate.NewLimiter(1, 1)
		l := ratelimit.From(bucket, ratelimit.Wait(time.Minute))
		time.AfterFunc(2*ms, func() { bucket.SetLimit(1000) })
		play(t, l, []call{
			{}, {waits: time.Second}, {leaves: ms, waits: ms, why: ratelimit.ReasonCanceled, hint: unknown}, {waits: 3 * time.Second},
			{at: 4 * ms, waits: 1998 * time.Microsecond},
		})
	})
}

// A turn beyond the end of time is given up like any other.
func TestTheEndOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.From(rate.NewLimiter(1.1e-10, 1), ratelimit.Wait(math.MaxInt64)) // 288 years
		time.Sleep(20 * 365 * 24 * time.Hour)
		_, err := l.Acquire(t.Context())
		require.NoError(t, err)
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		_, err = l.Acquire(ctx)
		assert.Equal(t, ratelimit.ReasonCanceled, reason(err))
		assert.InDelta(t, 0, l.Snapshot().Tokens, 1e-6)
	})
}

// A turn that somebody gave up is paid for, and can be had even from a limiter that is shut.
func TestATurnOfAShutLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bucket := rate.NewLimiter(1, 1)
		l := ratelimit.From(bucket, ratelimit.Wait(time.Minute))
		_, err := l.Acquire(t.Context())
		require.NoError(t, err)
		ctx, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for _, ctx := range []context.Context{ctx, t.Context()} {
			all.Go(func() { _, _ = l.Acquire(ctx) })
			synctest.Wait()
		}
		leave()
		synctest.Wait()
		bucket.SetLimit(0)
		start := time.Now()
		all.Go(func() {
			_, err := l.Acquire(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, time.Second, time.Since(start))
		})
		synctest.Wait()
		_, err = l.Acquire(t.Context())
		assert.Equal(t, ratelimit.ReasonNever, reason(err))
		all.Wait()
	})
}

// Once the limit has been raised, later calls may have earlier turns than those that wait. x/time/rate then gives back more than was
// taken, for whom it asks when the last call goes; so a turn goes back only where no call has been let through since.
func TestNothingIsGivenBackTwice(t *testing.T) {
	const many = 5
	t.Run("by x/time/rate: if this fails, the limiter need not count what it grants", func(t *testing.T) {
		now := time.Now()
		bucket := rate.NewLimiter(1, many)
		bucket.AllowN(now, many)
		var first *rate.Reservation
		for range many {
			first = bucket.ReserveN(now, 1)
		}
		bucket.SetLimitAt(now, 100)
		bucket.ReserveN(now, 1)
		first.CancelAt(now)
		assert.Greater(t, bucket.TokensAt(now), -1.0, "there were -6, and one was given back")
	})
	for name, later := range map[string]func(t *testing.T, l *ratelimit.Limiter){
		"by one who waits": func(t *testing.T, l *ratelimit.Limiter) {
			t.Helper()
			_, err := l.Acquire(t.Context())
			assert.NoError(t, err)
		},
		"by one who need not": func(t *testing.T, l *ratelimit.Limiter) {
			t.Helper()
			time.Sleep(time.Second / 16)
			_, err := l.Acquire(t.Context())
			assert.NoError(t, err)
		},
	} {
		in(t, name, func(t *testing.T) {
			bucket := rate.NewLimiter(1, many)
			l := ratelimit.From(bucket, ratelimit.Wait(time.Hour))
			ctx, leave := context.WithCancel(t.Context())
			var all sync.WaitGroup
			for i := range 2 * many {
				ctx := ctx
				if i < 2*many-1 {
					ctx = t.Context()
				}
				all.Go(func() { _, _ = l.Acquire(ctx) })
				synctest.Wait()
			}
			bucket.SetLimit(128)
			start := time.Now()
			later(t, l)
			before := bucket.Tokens()
			leave()
			synctest.Wait()
			assert.InDelta(t, before, bucket.Tokens(), 1e-9)
			assert.Less(t, time.Since(start), time.Second)
			all.Wait()
		})
	}
}

// x/time/rate, told of times out of order, earns tokens for the time between them again and again. So it is told of times in order: the
// clock is read under the limiter's lock.
func TestTimesOutOfOrder(t *testing.T) {
	now := time.Now()
	bucket := rate.NewLimiter(100, 10)
	admitted := 0
	for range 100 {
		for _, at := range []time.Time{now.Add(20 * ms), now} {
			if bucket.AllowN(at, 1) {
				admitted++
			}
		}
	}
	assert.Greater(t, admitted, 10+2, "if this fails, x/time/rate keeps its time, and the limiter needs no lock to read the clock")
}

// Others who use the same rate.Limiter and a limiter's calls take turns.
func TestSharing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bucket := rate.NewLimiter(1, 1)
		l := ratelimit.From(bucket, ratelimit.Wait(time.Minute))
		start := time.Now()
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				if i%2 == 0 {
					assert.NoError(t, bucket.Wait(t.Context()))
				} else {
					_, err := l.Acquire(t.Context())
					assert.NoError(t, err)
				}
				assert.Equal(t, time.Duration(i)*time.Second, time.Since(start))
			})
			synctest.Wait()
		}
		assert.Equal(t, 3, l.Snapshot().Waiting)
		assert.InDelta(t, -5, l.Snapshot().Tokens, 0)
		all.Wait()
	})
}
