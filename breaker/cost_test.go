package breaker_test

import (
	"context"
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// Neither a call nor a refusal allocates, whatever is switched on.
func TestBreakerAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	hurry, cancel := context.WithTimeout(always, time.Hour)
	defer cancel()
	everything := []breaker.Option{
		breaker.SlowCalls(time.Second, 0.5), breaker.MinPatience(time.Second), breaker.Ramp(time.Second),
		breaker.OnTransition(func(breaker.Transition) {}), breaker.Classify(fault.Of),
	}
	none := func(*testing.T, *breaker.Breaker) {}
	for _, test := range []struct {
		name    string
		options []breaker.Option
		way     func(t *testing.T, b *breaker.Breaker)
		ctx     context.Context
		err     error
	}{
		{"closed, success", nil, none, always, nil},
		{"closed, failure", []breaker.Option{breaker.MinCalls(math.MaxInt32), breaker.ConsecutiveFailures(0)}, none, always, errDown},
		{"closed, overtaken", []breaker.Option{breaker.MinCalls(math.MaxInt32)}, none, always, fault.Superseded(true)},
		{"closed, canceled", nil, none, always, context.Canceled},
		{"closed, count window", []breaker.Option{breaker.CountWindow(100)}, none, always, nil},
		{"closed, everything on", everything, none, hurry, nil},
		{"forced closed, failure", nil, func(_ *testing.T, b *breaker.Breaker) { b.ForceClosed() }, always, errDown},
		{"open", nil, ways[breaker.Open], always, nil},
		{"open, everything on", everything, ways[breaker.Open], hurry, nil},
		{"isolated", nil, func(_ *testing.T, b *breaker.Breaker) { b.Isolate("test") }, always, nil},
		{"half-open, all probes out", nil, fullOfProbes, always, nil},
		{"half-open, all probes out, everything on", everything, fullOfProbes, hurry, nil},
	} {
		in(t, test.name, func(t *testing.T) {
			b := simple(test.options...)
			test.way(t, b)
			assert.Zero(t, testing.AllocsPerRun(1000, func() {
				if token, err := b.Acquire(test.ctx); err == nil {
					b.Release(token, test.err)
				}
			}))
			assert.Zero(t, testing.AllocsPerRun(100, func() { b.Snapshot() }), "reading")
		})
	}
}

func fullOfProbes(t *testing.T, b *breaker.Breaker) {
	t.Helper()
	toHalfOpen(t, b)
	begin(t, b)
	begin(t, b)
}

// Programs keep a breaker for each host or tenant, so its size matters: 512 B, until somebody is slow, listens, probes, or resizes the window.
func TestBreakerIsSmall(t *testing.T) {
	const many = 10_000
	for _, test := range []struct {
		name string
		make func() *breaker.Breaker
	}{
		{"as it comes", func() *breaker.Breaker { return breaker.New() }},
		{"having opened and closed again", func() *breaker.Breaker {
			b := simple()
			calls(t, b, 3, errDown)
			time.Sleep(b.Snapshot().NextProbe)
			calls(t, b, 2, nil)
			return b
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				all := make([]*breaker.Breaker, many)
				before := heap()
				for i := range all {
					all[i] = test.make()
				}
				each := (heap() - before) / many
				runtime.KeepAlive(all)
				t.Logf("%d B", each)
				assert.LessOrEqual(t, each, uint64(512+8), "and a little for what else goes on")
			})
		})
	}
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
