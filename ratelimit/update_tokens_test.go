package ratelimit_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
)

// take takes so many tokens, which must be there.
func take(t *testing.T, l *ratelimit.Limiter, tokens int) {
	t.Helper()
	for range tokens {
		_, err := l.Acquire(t.Context())
		require.NoError(t, err)
	}
}

// Tokens are kept: those that there are, up to the new burst, and those that were earned at the old limit.
func TestUpdateKeepsTheTokens(t *testing.T) {
	for _, row := range []struct {
		name        string
		options     []ratelimit.Option
		now, second float64 // the tokens at once, and a second later
	}{
		{"faster", []ratelimit.Option{ratelimit.Limit(4)}, 5, 9},
		{"slower", []ratelimit.Option{ratelimit.Limit(0.5)}, 5, 5.5},
		{"a greater burst", []ratelimit.Option{ratelimit.Burst(100)}, 5, 7},
		{"a smaller burst", []ratelimit.Option{ratelimit.Burst(3)}, 3, 3},
		{"a burst as small as the tokens", []ratelimit.Option{ratelimit.Burst(6)}, 5, 6},
		{"both", []ratelimit.Option{ratelimit.Burst(100), ratelimit.Limit(50)}, 5, 55},
		{"the wait", []ratelimit.Option{ratelimit.Wait(time.Hour)}, 5, 7},
		{"no limit", []ratelimit.Option{ratelimit.Limit(rate.Inf)}, 5, 10},
		{"nothing", nil, 5, 7},
	} {
		in(t, row.name, func(t *testing.T) {
			l := ratelimit.New(2, 10)
			take(t, l, 10)
			time.Sleep(5 * time.Second / 2)
			require.NoError(t, l.Update(row.options...))
			assert.InDelta(t, row.now, l.Snapshot().Tokens, 1e-9)
			time.Sleep(time.Second)
			assert.InDelta(t, row.second, l.Snapshot().Tokens, 1e-9)
			take(t, l, int(row.second))
		})
	}
}

// A burst that was small for a moment has taken the tokens above it away.
func TestASmallBurstForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(1, 10)
		require.NoError(t, l.Update(ratelimit.Burst(2)))
		require.NoError(t, l.Update(ratelimit.Burst(10)))
		assert.InDelta(t, 2, l.Snapshot().Tokens, 0)
		require.NoError(t, l.Update(ratelimit.Limit(rate.Inf)))
		take(t, l, 1000)
		time.Sleep(time.Nanosecond)
		require.NoError(t, l.Update(ratelimit.Limit(1)))
		assert.InDelta(t, 10, l.Snapshot().Tokens, 0, "while there is no limit the bucket fills at once")
	})
}

// What was counted is kept, and refusals have the new numbers, though the last would still have been right about the time.
func TestRefusalsAfterAnUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(1, 1, ratelimit.Wait(ms))
		take(t, l, 1)
		assert.EqualError(t, refused(t.Context(), t, l),
			"ratelimit: no token left of 1/s in bursts of 1; the next comes in 1s, and no call waits for longer than 1ms")
		require.NoError(t, l.Update(ratelimit.Wait(2*ms)))
		assert.EqualError(t, refused(t.Context(), t, l),
			"ratelimit: no token left of 1/s in bursts of 1; the next comes in 1s, and no call waits for longer than 2ms")
		require.NoError(t, l.Update(ratelimit.Burst(2)))
		assert.Contains(t, refused(t.Context(), t, l).Error(), "1/s in bursts of 2; the next comes in 1s")
		require.NoError(t, l.Update(ratelimit.Limit(4), ratelimit.NoWait()))
		last := refused(t.Context(), t, l)
		assert.EqualError(t, last, "ratelimit: no token left of 4/s in bursts of 2; the next comes in 250ms")
		assert.Same(t, last, refused(t.Context(), t, l), "and is made once")
		assert.Equal(t, uint64(5), l.Snapshot().Refused)
		after, _ := fault.RetryAfter(last)
		time.Sleep(after)
		take(t, l, 1)
	})
}
