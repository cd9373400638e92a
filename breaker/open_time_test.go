package breaker_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
)

// opensFor lets one probe after the other fail, as often as there are wanted times, and checks how long the breaker is
// open each time, within a share of it.
func opensFor(t *testing.T, b *breaker.Breaker, within float64, want ...time.Duration) {
	t.Helper()
	for i, want := range want {
		got := b.Snapshot().NextProbe
		assert.InEpsilon(t, float64(want), float64(got), within+1e-12, "opening %d: %v, not %v", i+1, got, want)
		time.Sleep(got)
		call(t, b, errDown)
	}
}

func TestOpenTimeGrows(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	for _, test := range []struct {
		name    string
		options []breaker.Option
		want    []time.Duration
	}{
		{"doubles to its limit", []breaker.Option{breaker.OpenTimeGrowth(2, 60*s)}, []time.Duration{10 * s, 20 * s, 40 * s, 60 * s, 60 * s}},
		{"by a factor that is no integer", []breaker.Option{breaker.OpenTimeGrowth(1.5, 60*s)}, []time.Duration{10 * s, 15 * s, 22500 * ms}},
		{"not at all", []breaker.Option{breaker.OpenTimeGrowth(1, 60*s)}, []time.Duration{10 * s, 10 * s, 10 * s}},
		{"at its limit from the beginning", []breaker.Option{breaker.OpenTimeGrowth(2, 10*s)}, []time.Duration{10 * s, 10 * s}},
	} {
		in(t, test.name, func(t *testing.T) {
			b := simple(append([]breaker.Option{breaker.Probes(1)}, test.options...)...)
			calls(t, b, 3, errDown)
			opensFor(t, b, 0, test.want...)
		})
	}
}

// An open time above the limit that nobody set is no contradiction: it just does not grow.
func TestOpenTimeAboveTheDefaultLimit(t *testing.T) {
	in(t, "two minutes", func(t *testing.T) {
		b := breaker.New(breaker.OpenTime(2*time.Minute), breaker.OpenTimeJitter(0), breaker.ConsecutiveFailures(1), breaker.Probes(1))
		call(t, b, errDown)
		opensFor(t, b, 0, 2*time.Minute, 2*time.Minute, 2*time.Minute)
	})
}

// Growth is of openings in a row: closing, and a person's word, begin it anew.
func TestOpenTimeBeginsAnew(t *testing.T) {
	const s = time.Second
	for name, end := range map[string]func(*testing.T, *breaker.Breaker){
		"by closing": func(t *testing.T, b *breaker.Breaker) {
			t.Helper()
			time.Sleep(b.Snapshot().NextProbe)
			call(t, b, nil)
		},
		"by Reset": func(_ *testing.T, b *breaker.Breaker) { b.Reset() },
		"by ForceClosed and Reset": func(_ *testing.T, b *breaker.Breaker) {
			b.ForceClosed()
			b.Reset()
		},
		"by Isolate and Reset": func(_ *testing.T, b *breaker.Breaker) {
			b.Isolate("")
			b.Reset()
		},
	} {
		in(t, name, func(t *testing.T) {
			b := simple(breaker.Probes(1), breaker.OpenTimeGrowth(2, 60*s))
			toOpen(t, b)
			opensFor(t, b, 0, 10*s, 20*s)
			end(t, b)
			calls(t, b, 3, errDown)
			opensFor(t, b, 0, 10*s, 20*s, 40*s)
		})
	}
}

// A probe that never comes back makes the time grow as one that fails.
func TestLostProbesGrowTheOpenTime(t *testing.T) {
	in(t, "lost", func(t *testing.T) {
		b := simple(breaker.Probes(1), breaker.OpenTimeGrowth(2, time.Minute))
		toOpen(t, b)
		for _, want := range []float64{10, 20, 40, 60, 60} {
			assert.InDelta(t, want, b.Snapshot().NextProbe.Seconds(), 0)
			time.Sleep(b.Snapshot().NextProbe)
			begin(t, b)
			time.Sleep(4 * time.Second)
		}
	})
}

// Jitter is applied after the limit, to both sides, and never before it: the limit does not cut it off.
func TestOpenTimeJitter(t *testing.T) {
	in(t, "bounds", func(t *testing.T) {
		below, above := 0, 0
		for range 300 {
			b := simple(breaker.Probes(1), breaker.OpenTimeJitter(0.3), breaker.OpenTimeGrowth(2, 20*time.Second))
			toOpen(t, b)
			opensFor(t, b, 0.3, 10*time.Second, 20*time.Second, 20*time.Second)
			if at := b.Snapshot().NextProbe; at < 20*time.Second {
				below++
			} else {
				above++
			}
		}
		assert.Greater(t, below, 75, "out of 300")
		assert.Greater(t, above, 75, "out of 300")
	})
}

// No time overflows, whatever the numbers: it stays at the largest.
func TestOpenTimeDoesNotOverflow(t *testing.T) {
	forever := time.Duration(math.MaxInt64)
	for _, test := range []struct {
		name    string
		options []breaker.Option
	}{
		{"as long as there is", []breaker.Option{breaker.OpenTime(forever)}},
		{"and jitter on top", []breaker.Option{breaker.OpenTime(forever), breaker.OpenTimeJitter(0.99)}},
	} {
		in(t, test.name, func(t *testing.T) {
			b := simple(append(test.options, breaker.ConsecutiveFailures(1))...)
			time.Sleep(time.Hour)
			call(t, b, errDown)
			assert.Greater(t, b.Snapshot().NextProbe, forever/200)
			time.Sleep(24 * time.Hour)
			_ = refused(t, b)
			assert.Equal(t, breaker.Open, b.State())
		})
	}
	in(t, "a factor beyond all bounds", func(t *testing.T) {
		b := simple(breaker.Probes(1), breaker.OpenTimeGrowth(math.MaxFloat64, forever))
		toOpen(t, b)
		opensFor(t, b, 0, 10*time.Second)
		assert.Greater(t, b.Snapshot().NextProbe, forever-time.Hour)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "ten thousand openings in a row", func(t *testing.T) {
		b := simple(breaker.Probes(1), breaker.OpenTimeGrowth(2, time.Hour))
		toOpen(t, b)
		for range 10_000 {
			time.Sleep(b.Snapshot().NextProbe)
			call(t, b, errDown)
		}
		assert.Equal(t, time.Hour, b.Snapshot().NextProbe)
	})
}
