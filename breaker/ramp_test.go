package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// share returns which share of 10,000 calls goes. The standard deviation is half a percent at most; tests allow ten of them.
func share(b *breaker.Breaker) float64 {
	admitted := 0
	for range 10_000 {
		if token, err := b.Acquire(always); err == nil {
			b.Release(token, nil)
			admitted++
		}
	}
	return float64(admitted) / 10_000
}

// The load comes back evenly: a tenth of the calls at first, all of them in the end.
func TestRamp(t *testing.T) {
	in(t, "rises", func(t *testing.T) {
		b := simple(breaker.Ramp(10 * time.Second))
		toHalfOpen(t, b)
		calls(t, b, 2, nil)
		for second := range 10 {
			assert.InDelta(t, 0.1+0.09*float64(second), share(b), 0.05, "after %d s", second)
			time.Sleep(time.Second)
		}
		refusals := b.Snapshot().Refused
		assert.InDelta(t, 10_000*(0.9+0.81+0.72+0.63+0.54+0.45+0.36+0.27+0.18+0.09), refusals, 5000, "they are counted")
		calls(t, b, 10_000, nil)
		assert.Equal(t, refusals, b.Snapshot().Refused)
	})
	in(t, "refuses for its own reason", func(t *testing.T) {
		b := simple(breaker.Ramp(10 * time.Second))
		toHalfOpen(t, b)
		calls(t, b, 2, nil)
		var err error
		for n := 0; err == nil && n < 1000; n++ {
			_, err = b.Acquire(always)
		}
		assert.EqualError(t, err, "breaker is closed again and lets the load come back slowly")
		assert.ErrorIs(t, err, breaker.ErrOpen)
		_, known := fault.RetryAfter(err)
		assert.False(t, known, "the next call may go")
		assert.Equal(t, breaker.Closed, b.State())
	})
	in(t, "failures in it open the breaker as any", func(t *testing.T) {
		b := simple(breaker.Ramp(time.Hour))
		toHalfOpen(t, b)
		calls(t, b, 2, nil)
		for failed := 0; failed < 3; {
			if token, err := b.Acquire(always); err == nil {
				b.Release(token, errDown)
				failed++
			}
		}
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "begins when the last lease ended, though nobody came by", func(t *testing.T) {
		b := simple(breaker.Probes(3), breaker.Ramp(10*time.Second))
		toHalfOpen(t, b)
		begin(t, b)
		calls(t, b, 2, nil)
		time.Sleep(4*time.Second + 10*time.Second)
		calls(t, b, 1000, nil)
	})
}

// The ramp follows the probes. A person who closes the breaker wants it closed, and one that is new has nothing to come back from.
func TestRampIsAfterProbesOnly(t *testing.T) {
	for name, way := range map[string]func(*breaker.Breaker){
		"new":                      func(*breaker.Breaker) {},
		"reset":                    (*breaker.Breaker).Reset,
		"forced closed":            (*breaker.Breaker).ForceClosed,
		"isolated and forced":      func(b *breaker.Breaker) { b.Isolate(""); b.ForceClosed() },
		"isolated, and then reset": func(b *breaker.Breaker) { b.Isolate(""); b.Reset() },
	} {
		in(t, name, func(t *testing.T) {
			b := simple(breaker.Ramp(time.Hour))
			way(b)
			calls(t, b, 1000, nil)
		})
	}
}
