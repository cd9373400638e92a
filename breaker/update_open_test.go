package breaker_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
)

// An open breaker is judged by its new time, from when it opened; it has opened once, and callers hear how long it takes.
func TestUpdateOpenTime(t *testing.T) {
	const s = time.Second
	in(t, "longer", func(t *testing.T) {
		b := simple(breaker.OpenTimeGrowth(1, time.Hour))
		toOpen(t, b)
		early := refused(t, b)
		time.Sleep(3 * s)
		before := b.Snapshot()
		update(t, b, breaker.OpenTime(30*s))
		before.NextProbe = 27 * s
		assert.Equal(t, before, b.Snapshot())
		after := refused(t, b)
		assert.EqualError(t, early, "breaker is open: too many calls in a row failed; next probe in 7s", "what it was told")
		wait, known := after.RetryAfter()
		assert.True(t, known)
		assert.Equal(t, 27*s, wait)
		assert.Equal(t, errDown, after.Last)
		assert.Equal(t, early.Since, after.Since)
		time.Sleep(27*s - 1)
		_ = refused(t, b)
		time.Sleep(time.Nanosecond)
		calls(t, b, 2, nil)
		assert.Equal(t, breaker.Closed, b.State())
	})
	in(t, "shorter", func(t *testing.T) {
		b := simple()
		toOpen(t, b)
		time.Sleep(3 * s)
		update(t, b, breaker.OpenTime(5*s))
		assert.Equal(t, 2*s, b.Snapshot().NextProbe)
	})
	in(t, "over already: half-open from now on, not from before", func(t *testing.T) {
		var news diary
		b := simple(breaker.OnTransition(news.write))
		toOpen(t, b)
		time.Sleep(3 * s)
		update(t, b, breaker.OpenTime(2*s))
		assert.Equal(t, []breaker.State{breaker.Open}, news.states(), "no call has noticed yet")
		assert.Equal(t, breaker.HalfOpen, b.State())
		assert.Equal(t, time.Now(), b.Snapshot().Since)
		now := time.Now()
		time.Sleep(s)
		update(t, b, breaker.Probes(1), breaker.OpenTime(time.Second))
		call(t, b, nil)
		require.Len(t, news.read(), 3)
		assert.Equal(t, now, news.read()[1].At, "once it is over it stays over")
	})
	in(t, "over by the old time before the update", func(t *testing.T) {
		var news diary
		b := simple(breaker.OpenTimeGrowth(1, time.Hour), breaker.OnTransition(news.write))
		toOpen(t, b)
		time.Sleep(11 * s)
		update(t, b, breaker.OpenTime(time.Minute))
		assert.Equal(t, breaker.HalfOpen, b.State())
		assert.Equal(t, s, time.Since(b.Snapshot().Since))
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen}, news.states(), "as time would have brought")
	})
	in(t, "with the growth that it had reached", func(t *testing.T) {
		b := simple(breaker.OpenTimeGrowth(2, time.Hour))
		toHalfOpen(t, b)
		call(t, b, errDown)
		assert.Equal(t, 20*s, b.Snapshot().NextProbe)
		update(t, b, breaker.OpenTime(15*s))
		assert.Equal(t, 30*s, b.Snapshot().NextProbe)
		update(t, b, breaker.OpenTimeGrowth(3, 40*s))
		assert.Equal(t, 40*s, b.Snapshot().NextProbe)
		time.Sleep(40 * s)
		update(t, b, breaker.OpenTime(s))
		call(t, b, errDown)
		assert.Equal(t, 9*s, b.Snapshot().NextProbe, "and the next time")
	})
	in(t, "while the probes are out", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		begin(t, b)
		update(t, b, breaker.OpenTime(7*s))
		time.Sleep(4 * s)
		assert.Equal(t, 7*s, b.Snapshot().NextProbe, "as readers foretell")
		assert.Equal(t, breaker.Open, refused(t, b).State)
		assert.Equal(t, 7*s, b.Snapshot().NextProbe, "as it is")
	})
	in(t, "for ever", func(t *testing.T) {
		b := simple()
		toOpen(t, b)
		time.Sleep(s)
		update(t, b, breaker.OpenTimeGrowth(1, 1), breaker.OpenTime(1<<63-1))
		assert.Greater(t, b.Snapshot().NextProbe, time.Duration(1<<62))
	})
}

// What luck an open time had, it keeps: no update draws again, and the share of a new time is the old one's.
func TestUpdateKeepsTheLuck(t *testing.T) {
	const s = time.Second
	for range 50 {
		in(t, "jitter", func(t *testing.T) {
			b := simple(breaker.OpenTimeJitter(0.5), breaker.OpenTimeGrowth(1, time.Hour))
			b.DrawFrom(rand.NewPCG(rand.Uint64(), 1))
			toOpen(t, b)
			drawn := b.Snapshot().NextProbe
			refusal := refused(t, b)
			update(t, b, breaker.Probes(3), breaker.Ramp(s), breaker.Window(time.Minute), breaker.OpenTimeGrowth(2, time.Minute))
			assert.Equal(t, drawn, b.Snapshot().NextProbe)
			assert.Same(t, refusal, refused(t, b))
			update(t, b, breaker.OpenTime(20*s))
			assert.InDelta(t, 2*drawn, b.Snapshot().NextProbe, 2)
			update(t, b, breaker.OpenTimeJitter(0.25), breaker.OpenTime(10*s))
			assert.InDelta(t, 10*s+(drawn-10*s)/2, b.Snapshot().NextProbe, 2)
			update(t, b, breaker.OpenTimeJitter(0))
			assert.Equal(t, 10*s, b.Snapshot().NextProbe)
			update(t, b, breaker.OpenTimeJitter(0.5))
			assert.Equal(t, drawn, b.Snapshot().NextProbe)
		})
	}
	in(t, "an open time without jitter stays without", func(t *testing.T) {
		b := simple()
		toOpen(t, b)
		update(t, b, breaker.OpenTimeJitter(0.5))
		assert.Equal(t, 10*s, b.Snapshot().NextProbe)
	})
}

// A load that comes back takes the new time from when the breaker closed; one that is back stays.
func TestUpdateRamp(t *testing.T) {
	const s = time.Second
	ramping := func(t *testing.T) *breaker.Breaker {
		t.Helper()
		b := simple(breaker.Ramp(10 * s))
		toHalfOpen(t, b)
		calls(t, b, 2, nil)
		return b
	}
	in(t, "longer", func(t *testing.T) {
		b := ramping(t)
		time.Sleep(5 * s)
		assert.InDelta(t, 0.55, share(b), 0.05)
		update(t, b, breaker.Ramp(50*s))
		assert.InDelta(t, 0.19, share(b), 0.05)
		time.Sleep(45 * s)
		assert.InDelta(t, 1, share(b), 0)
	})
	in(t, "shorter", func(t *testing.T) {
		b := ramping(t)
		time.Sleep(5 * s)
		update(t, b, breaker.Ramp(5*s))
		assert.InDelta(t, 1, share(b), 0)
	})
	in(t, "none", func(t *testing.T) {
		b := ramping(t)
		update(t, b, breaker.NoRamp())
		assert.InDelta(t, 1, share(b), 0)
		update(t, b, breaker.Ramp(time.Hour))
		assert.InDelta(t, 1, share(b), 0, "it is back")
	})
	in(t, "over, though nobody came by", func(t *testing.T) {
		b := ramping(t)
		time.Sleep(10 * s)
		update(t, b, breaker.Ramp(time.Hour))
		assert.InDelta(t, 1, share(b), 0)
	})
	in(t, "another knob", func(t *testing.T) {
		b := ramping(t)
		update(t, b, breaker.Probes(3))
		assert.InDelta(t, 0.1, share(b), 0.05)
	})
	in(t, "from the next closing on", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		update(t, b, breaker.Ramp(10*s))
		calls(t, b, 2, nil)
		assert.InDelta(t, 0.1, share(b), 0.05)
	})
}
