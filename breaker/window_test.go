package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
)

// A time window rolls on in tenths: a call leaves with the tenth in which it ended.
func TestTimeWindow(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		name      string
		window    time.Duration
		ends, now time.Duration // since the breaker was made
		want      uint64
	}{
		{"at once", 10 * time.Second, 0, 0, 1},
		{"to the end of the window", 10 * time.Second, 0, 10*time.Second - 1, 1},
		{"no longer", 10 * time.Second, 0, 10 * time.Second, 0},
		{"the late half of a tenth leaves with the early", 10 * time.Second, 999 * ms, 10 * time.Second, 0},
		{"the next tenth a tenth later", 10 * time.Second, 1000 * ms, 11*time.Second - 1, 1},
		{"and then it leaves", 10 * time.Second, 1000 * ms, 11 * time.Second, 0},
		{"in a far round of the ring", 10 * time.Second, 12_345_678 * ms, 12_345_678*ms + 9*time.Second, 1},
		{"and out of it", 10 * time.Second, 12_345_678 * ms, 12_345_678*ms + 10*time.Second, 0},
		{"after rounds without a call", 10 * time.Second, 5 * time.Second, 48 * time.Hour, 0},
		{"the same tenth of a later round", 10 * time.Second, 5 * time.Second, 15 * time.Second, 0},
		{"the smallest window", time.Second, 0, time.Second - 1, 1},
		{"passed", time.Second, 0, time.Second, 0},
		{"the largest window", time.Hour, 0, time.Hour - 1, 1},
		{"passed, too", time.Hour, 0, time.Hour, 0},
		{"one that ten does not divide", time.Second + 7, 0, time.Second - 1, 1},
	} {
		in(t, test.name, func(t *testing.T) {
			b := breaker.New(breaker.Window(test.window))
			time.Sleep(test.ends)
			call(t, b, nil)
			time.Sleep(test.now - test.ends)
			assert.Equal(t, test.want, b.Snapshot().Counts.Calls)
		})
	}
}

// A call counts where it ends, not where it began: a hung dependency is heard of when the calls give up.
func TestCallsCountWhereTheyEnd(t *testing.T) {
	in(t, "a call longer than the window", func(t *testing.T) {
		b := breaker.New()
		token := begin(t, b)
		time.Sleep(time.Minute)
		b.Release(token, errDown)
		assert.Equal(t, uint64(1), b.Snapshot().Counts.Failures)
	})
}

// Failures that are too old for the window do not open the breaker together with those of today, as a rate; in a row they do, however
// long ago the first was.
func TestWindowForgets(t *testing.T) {
	in(t, "a rate", func(t *testing.T) {
		b := breaker.New(breaker.MinCalls(10), breaker.ConsecutiveFailures(0))
		calls(t, b, 9, errDown)
		time.Sleep(10 * time.Second)
		calls(t, b, 9, errDown)
		assert.Equal(t, breaker.Closed, b.State())
		call(t, b, errDown)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "successes, too", func(t *testing.T) {
		b := breaker.New(breaker.MinCalls(10), breaker.ConsecutiveFailures(0))
		calls(t, b, 1000, nil)
		time.Sleep(10 * time.Second)
		calls(t, b, 10, errDown)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "not a row", func(t *testing.T) {
		b := breaker.New(breaker.ConsecutiveFailures(3))
		for range 3 {
			time.Sleep(24 * time.Hour)
			assert.Equal(t, breaker.Closed, b.State())
			call(t, b, errDown)
		}
		assert.Equal(t, breaker.CauseConsecutive, b.Snapshot().Cause)
	})
	in(t, "the traffic that spoke against a row", func(t *testing.T) {
		b := breaker.New() // where the window has emptied there is little traffic, and 5 in a row open
		calls(t, b, 100, nil)
		calls(t, b, 5, errDown)
		assert.Equal(t, breaker.Closed, b.State())
		time.Sleep(10 * time.Second)
		call(t, b, errDown)
		assert.Equal(t, breaker.CauseConsecutive, b.Snapshot().Cause)
	})
}

// A count window holds the last calls, and no time passes in it.
func TestCountWindow(t *testing.T) {
	window := func(n int) *breaker.Breaker {
		return breaker.New(breaker.CountWindow(n), breaker.MinCalls(n), breaker.ConsecutiveFailures(0), breaker.FailureRate(1),
			breaker.SlowCalls(time.Second, 1))
	}
	counts := func(b *breaker.Breaker) breaker.Counts {
		c := b.Snapshot().Counts
		c.Consecutive = 0
		return c
	}
	in(t, "fills and rolls on", func(t *testing.T) {
		b := window(4)
		call(t, b, errDown)
		calls(t, b, 2, nil)
		assert.Equal(t, breaker.Counts{Calls: 3, Failures: 1}, counts(b))
		time.Sleep(24 * time.Hour)
		calls(t, b, 1, nil)
		assert.Equal(t, breaker.Counts{Calls: 4, Failures: 1}, counts(b), "the failure is the oldest now")
		call(t, b, nil)
		assert.Equal(t, breaker.Counts{Calls: 4}, counts(b), "and has left")
		calls(t, b, 3, errDown)
		assert.Equal(t, breaker.Counts{Calls: 4, Failures: 3}, counts(b))
		call(t, b, errDown)
		assert.Equal(t, breaker.Open, b.State(), "4 of the last 4")
	})
	in(t, "of one call", func(t *testing.T) {
		b := window(1)
		calls(t, b, 10, nil)
		assert.Equal(t, breaker.Counts{Calls: 1}, counts(b))
		call(t, b, errDown)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "slow calls leave, too", func(t *testing.T) {
		b := window(2)
		calls(t, b, 1, nil)
		token := begin(t, b)
		time.Sleep(time.Minute)
		b.Release(token, nil)
		assert.Equal(t, breaker.Counts{Calls: 2, Slow: 1}, counts(b))
		calls(t, b, 2, nil)
		assert.Equal(t, breaker.Counts{Calls: 2}, counts(b))
	})
	in(t, "the largest", func(t *testing.T) {
		b := window(1 << 20)
		calls(t, b, 1<<20, errDown)
		assert.Equal(t, breaker.Open, b.State(), "at the last of a million")
	})
}
