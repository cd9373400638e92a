package breaker_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// A result counts in the state in which its call was admitted, or not at all. The classic mistake: calls admitted before the outage
// come back while the breaker probes, and close it, or open it again.
func TestLateResultsCountForNothing(t *testing.T) {
	// Each way leads from a closed breaker that has admitted a call to another state.
	toClosed := func(t *testing.T, b *breaker.Breaker) {
		t.Helper()
		toHalfOpen(t, b)
		calls(t, b, 2, nil)
	}
	for _, test := range []struct {
		name string
		way  func(*testing.T, *breaker.Breaker)
		want breaker.State
	}{
		{"open", func(t *testing.T, b *breaker.Breaker) { t.Helper(); toOpen(t, b) }, breaker.Open},
		{"half-open", func(t *testing.T, b *breaker.Breaker) { t.Helper(); toHalfOpen(t, b) }, breaker.HalfOpen},
		{"half-open, with probes out", func(t *testing.T, b *breaker.Breaker) { t.Helper(); toHalfOpen(t, b); begin(t, b) }, breaker.HalfOpen},
		{"closed again", toClosed, breaker.Closed},
		{"reset", func(_ *testing.T, b *breaker.Breaker) { b.Reset() }, breaker.Closed},
		{"isolated", func(_ *testing.T, b *breaker.Breaker) { b.Isolate("") }, breaker.Isolated},
		{"forced closed", func(_ *testing.T, b *breaker.Breaker) { b.ForceClosed() }, breaker.ForcedClosed},
		{"forced closed, and closed", func(_ *testing.T, b *breaker.Breaker) { b.ForceClosed(); b.Reset() }, breaker.Closed},
	} {
		for result, err := range map[string]error{"success": nil, "failure": errDown} {
			in(t, test.name+"/"+result, func(t *testing.T) {
				b := simple()
				var early []uint64
				for range 10 {
					early = append(early, begin(t, b))
				}
				test.way(t, b)
				before := b.Snapshot()
				for _, token := range early {
					b.Release(token, err)
				}
				assert.Equal(t, before, b.Snapshot())
				assert.Equal(t, test.want, b.State())
			})
		}
	}
}

// Likewise the probes of one half-open time in the next, whose leases have the same numbers.
func TestOldProbesCountForNothing(t *testing.T) {
	for result, err := range map[string]error{"success": nil, "failure": errDown} {
		in(t, result, func(t *testing.T) {
			b := simple()
			toHalfOpen(t, b)
			old := begin(t, b)
			call(t, b, errDown) // open again
			b.Release(old, err)
			time.Sleep(10 * time.Second)
			begin(t, b)
			before := b.Snapshot()
			assert.Equal(t, breaker.HalfOpen, before.State)
			b.Release(old, err)
			assert.Equal(t, before, b.Snapshot())
		})
	}
}

// The probes that a closing breaker did not wait for are late, too.
func TestProbesThatWereNotNeeded(t *testing.T) {
	in(t, "closed", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		one := begin(t, b)
		two := begin(t, b)
		b.Release(one, nil)
		three := begin(t, b)
		b.Release(two, nil)
		assert.Equal(t, breaker.Closed, b.State())
		b.Release(three, errDown)
		assert.Zero(t, b.Snapshot().Counts)
	})
}

// A classifier takes its time, and the world goes on meanwhile. Here it makes other calls fail, so that the result it was asked about is
// late when it counts, with the state it was admitted in still in its hands. That state is over: it must not end a second time.
func TestResultsThatBecomeLateWhileTheyAreClassified(t *testing.T) {
	meanwhile := func(happens func()) breaker.Option {
		return breaker.Classify(func(err error) fault.Class {
			if errors.Is(err, errOdd) {
				happens()
			}
			return fault.ClassTransient
		})
	}
	in(t, "the last straw, after which it has opened already", func(t *testing.T) {
		var news diary
		var b *breaker.Breaker
		b = simple(breaker.OnTransition(news.write), meanwhile(func() { calls(t, b, 3, errDown) }))
		call(t, b, errOdd)
		assert.Equal(t, []breaker.State{breaker.Open}, news.states())
		assert.Equal(t, uint64(1), b.Snapshot().Opened)
	})
	in(t, "a probe, after which it is open again already", func(t *testing.T) {
		var news diary
		var b *breaker.Breaker
		b = simple(breaker.OnTransition(news.write), meanwhile(func() { call(t, b, errDown) }))
		toHalfOpen(t, b)
		call(t, b, errOdd)
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Open}, news.states())
		assert.Equal(t, 10*time.Second, b.Snapshot().NextProbe)
	})
	in(t, "a probe, whose lease ends", func(t *testing.T) {
		b := simple(breaker.Probes(3), meanwhile(func() { time.Sleep(4 * time.Second) }))
		toHalfOpen(t, b)
		call(t, b, errOdd)
		assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1}, b.Snapshot().Counts, "once")
	})
}
