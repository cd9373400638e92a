package ratelimit_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/ratelimit"
)

// Those who wait go when it was promised. Who comes after meets what is new.
func TestUpdateKeepsTheTurns(t *testing.T) {
	for _, row := range []struct {
		name    string
		options []ratelimit.Option
		waits   time.Duration    // of who comes after
		why     ratelimit.Reason // or is refused
	}{
		{"nothing", nil, 3 * time.Second, 0},
		{"faster", []ratelimit.Option{ratelimit.Limit(4)}, 750 * ms, 0},
		{"slower", []ratelimit.Option{ratelimit.Limit(0.5)}, 6 * time.Second, 0},
		{"too slow", []ratelimit.Option{ratelimit.Limit(0.125)}, 0, ratelimit.ReasonLongWait},
		{"too slow, for a longer wait", []ratelimit.Option{ratelimit.Limit(0.125), ratelimit.Wait(time.Minute)}, 24 * time.Second, 0},
		{"off", []ratelimit.Option{ratelimit.Limit(rate.Inf)}, 0, 0},
		{"a greater burst", []ratelimit.Option{ratelimit.Burst(9)}, 3 * time.Second, 0},
		{"a shorter wait", []ratelimit.Option{ratelimit.Wait(time.Second)}, 0, ratelimit.ReasonLongWait},
		{"no wait", []ratelimit.Option{ratelimit.NoWait()}, 0, ratelimit.ReasonNoToken},
	} {
		in(t, row.name, func(t *testing.T) {
			l := ratelimit.New(1, 1, ratelimit.Wait(10*time.Second))
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
			require.NoError(t, l.Update(row.options...))
			assert.Equal(t, 2, l.Snapshot().Waiting)
			all.Go(func() {
				_, err := l.Acquire(t.Context())
				assert.Equal(t, row.why, reason(err))
				assert.Equal(t, row.waits, time.Since(start))
			})
			all.Wait()
		})
	}
}

// A turn that was given up before the limit was raised is still there for who would have to wait for longer, and not for others.
func TestUpdateKeepsTheTurnsGivenUp(t *testing.T) {
	for _, row := range []struct {
		limit rate.Limit
		waits time.Duration
	}{{0.5, time.Second}, {1, time.Second}, {2, time.Second}, {4, 750 * ms}} {
		synctest.Test(t, func(t *testing.T) {
			l := ratelimit.New(1, 1, ratelimit.Wait(time.Minute))
			take(t, l, 1)
			ctx, leave := context.WithCancel(t.Context())
			var all sync.WaitGroup
			for _, ctx := range []context.Context{ctx, t.Context()} {
				all.Go(func() { _, _ = l.Acquire(ctx) })
				synctest.Wait()
			}
			leave()
			synctest.Wait()
			require.NoError(t, l.Update(ratelimit.Limit(row.limit)))
			start := time.Now()
			take(t, l, 1)
			assert.Equal(t, row.waits, time.Since(start), "%v", row.limit)
			all.Wait()
		})
	}
}

// Once, two who waited left, of whom the later was promised the earlier turn, since the limit had been raised between them. The later one's
// token went back into the bucket; and then, by x/time/rate's reckoning, so did ten of the earlier one.
func TestTwoWhoLeaveAfterAnUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 10
		l := ratelimit.New(1, many, ratelimit.Wait(time.Hour))
		take(t, l, many)
		var leave [many + 1]context.CancelFunc
		var all sync.WaitGroup
		come := func(i int) {
			var ctx context.Context
			ctx, leave[i] = context.WithCancel(t.Context())
			all.Go(func() { _, _ = l.Acquire(ctx) })
			synctest.Wait()
		}
		for i := range many {
			come(i)
		}
		require.NoError(t, l.Update(ratelimit.Limit(128)))
		come(many)
		assert.InDelta(t, -many-1, l.Snapshot().Tokens, 1e-9)
		leave[many]()
		synctest.Wait()
		assert.InDelta(t, -many, l.Snapshot().Tokens, 1e-9)
		leave[many-1]()
		synctest.Wait()
		assert.LessOrEqual(t, l.Snapshot().Tokens, -many+1+1e-9)
		for _, leave := range leave {
			leave()
		}
		all.Wait()
	})
}

// The same where the limit was raised only a little, so that the later one had the later turn, but less than a token's time later.
func TestTwoWhoLeaveAfterASmallUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(1, 1, ratelimit.Wait(time.Hour))
		take(t, l, 1)
		var all sync.WaitGroup
		come := func() (leave func()) {
			ctx, cancel := context.WithCancel(t.Context())
			all.Go(func() { _, _ = l.Acquire(ctx) })
			synctest.Wait()
			return func() { cancel(); synctest.Wait() }
		}
		first := come()
		require.NoError(t, l.Update(ratelimit.Limit(1.6)))
		second := come()
		second()
		assert.InDelta(t, -1, l.Snapshot().Tokens, 1e-9)
		first()
		assert.LessOrEqual(t, l.Snapshot().Tokens, 1e-9)
		all.Wait()
	})
}
