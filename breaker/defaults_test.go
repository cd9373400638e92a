package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// The numbers that the documentation promises to whoever sets none.
func TestDefaults(t *testing.T) {
	in(t, "the 5th failure in a row opens where there is little traffic", func(t *testing.T) {
		b := breaker.New()
		calls(t, b, 4, errDown)
		call(t, b, nil) // begins anew
		calls(t, b, 4, errDown)
		assert.Equal(t, breaker.Closed, b.State())
		call(t, b, errDown)
		assert.Equal(t, breaker.CauseConsecutive, b.Snapshot().Cause)
	})
	in(t, "half of 20 calls open, and then not 5 in a row", func(t *testing.T) {
		b := breaker.New()
		calls(t, b, 11, nil)
		calls(t, b, 4, errDown)
		call(t, b, nil)
		calls(t, b, 4, errDown) // 8 of 20
		calls(t, b, 3, errDown) // 11 of 23, the last 7 in a row
		assert.Equal(t, breaker.Closed, b.State())
		call(t, b, errDown) // 12 of 24
		assert.Equal(t, breaker.CauseFailureRate, b.Snapshot().Cause)
	})
	in(t, "a call counts for 10 s", func(t *testing.T) {
		b := breaker.New()
		call(t, b, errDown)
		time.Sleep(10*time.Second - 1)
		assert.Equal(t, uint64(1), b.Snapshot().Counts.Calls)
		time.Sleep(time.Nanosecond)
		assert.Zero(t, b.Snapshot().Counts.Calls)
	})
	in(t, "nothing but an overtaken copy is slow", func(t *testing.T) {
		b := breaker.New()
		token := begin(t, b)
		time.Sleep(24 * time.Hour)
		b.Release(token, nil)
		assert.Zero(t, b.Snapshot().Counts.Slow)
	})
	in(t, "18 overtaken copies of 20 open, 17 do not", func(t *testing.T) {
		for overtaken, want := range map[int]breaker.State{17: breaker.Closed, 18: breaker.Open} {
			b := breaker.New(breaker.ConsecutiveFailures(0))
			calls(t, b, 20-overtaken, nil)
			calls(t, b, overtaken, fault.Superseded(true))
			assert.Equal(t, want, b.State(), "%d", overtaken)
		}
	})
	in(t, "with fewer calls, 5 overtaken copies in a row open, 4 do not", func(t *testing.T) {
		for overtaken, want := range map[int]breaker.State{4: breaker.Closed, 5: breaker.Open} {
			b := breaker.New()
			call(t, b, nil)
			calls(t, b, overtaken, fault.Superseded(true))
			assert.Equal(t, want, b.State(), "%d", overtaken)
			if want == breaker.Open {
				assert.Equal(t, breaker.CauseOvertaken, b.Snapshot().Cause)
			}
		}
	})
	in(t, "5 probes, of which 3 must fail", func(t *testing.T) {
		b := breaker.New()
		calls(t, b, 5, errDown)
		time.Sleep(b.Snapshot().NextProbe)
		var probes []uint64
		for range 5 {
			probes = append(probes, begin(t, b))
		}
		_ = refused(t, b)
		b.Release(probes[0], errDown)
		b.Release(probes[1], errDown)
		assert.Equal(t, breaker.HalfOpen, b.State())
		b.Release(probes[2], errDown)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "a probe's lease is 10 s", func(t *testing.T) {
		b := breaker.New()
		calls(t, b, 5, errDown)
		time.Sleep(b.Snapshot().NextProbe)
		begin(t, b)
		time.Sleep(10*time.Second - 1)
		assert.Equal(t, 1, b.Snapshot().Probing)
		time.Sleep(time.Nanosecond)
		assert.Zero(t, b.Snapshot().Probing)
		assert.Equal(t, uint64(1), b.Snapshot().Counts.Failures)
	})
	in(t, "open for 5 s, twice as long each time, up to 10 s, give or take a tenth", func(t *testing.T) {
		for range 200 { // times with jitter, so that the bounds are tried
			b := breaker.New()
			calls(t, b, 5, errDown)
			for _, want := range []float64{5, 10, 10, 10} {
				got := b.Snapshot().NextProbe
				assert.InDelta(t, want, got.Seconds(), 0.1*want)
				time.Sleep(got)
				calls(t, b, 3, errDown)
			}
		}
	})
	in(t, "everything goes once it has closed", func(t *testing.T) {
		b := breaker.New()
		calls(t, b, 5, errDown)
		time.Sleep(b.Snapshot().NextProbe)
		calls(t, b, 5, nil)
		calls(t, b, 1000, nil)
	})
	in(t, "it is called breaker", func(t *testing.T) {
		assert.Equal(t, "breaker", breaker.New().Name())
		assert.Equal(t, "opens at 50 % failures of >= 20 calls in 10s, or with fewer at 5 in a row; for 5s, then 5 probes", breaker.New().String())
	})
}
