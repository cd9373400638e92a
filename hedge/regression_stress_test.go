package hedge_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/hedge"
)

// An Update stored the settings and then, apart from them, what they say is slow. A call that came between waited for the slow of before
// within the bounds of after: 99 ms, where the settings of before say 1 ms, and those of after 10 ms.
func TestRegressionAnUpdateIsNoMixtureStress(t *testing.T) {
	fast := []hedge.Option{hedge.Percentile(0.01), hedge.NoMaxDelay()}
	slow := []hedge.Option{hedge.Percentile(0.99), hedge.MaxDelay(10 * time.Millisecond)}
	p := hedge.New(hedge.MinSamples(1), hedge.MinDelay(0), hedge.Window(time.Hour))
	for i := range 1000 {
		p.Observe(time.Duration(1+i%100)*time.Millisecond, nil)
	}
	require.NoError(t, p.Update(fast...))
	var done atomic.Bool
	var calls sync.WaitGroup
	sees := func(delay time.Duration) bool { return delay < 2*time.Millisecond || delay == 10*time.Millisecond }
	calls.Go(func() {
		for !done.Load() {
			if delay, more := p.Delay(1); !more || !sees(delay) {
				assert.True(t, more)
				assert.True(t, sees(delay), "neither has %v", delay)
				return
			}
		}
	})
	calls.Go(func() {
		for !done.Load() {
			if s := p.Snapshot(); !s.Known || !sees(s.Delay) {
				assert.True(t, s.Known)
				assert.True(t, sees(s.Delay), "neither has %v", s.Delay)
				return
			}
		}
	})
	for range 2000 {
		require.NoError(t, p.Update(slow...))
		require.NoError(t, p.Update(fast...))
	}
	done.Store(true)
	calls.Wait()
}

// Nor is a Snapshot: the delay was that of before, and the answers those that an Update had kept, none.
func TestRegressionASnapshotIsNoMixtureStress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 500 {
			p := hedge.New(hedge.Window(time.Hour), hedge.MinSamples(1))
			answers(p, 1, time.Second)
			time.Sleep(30 * time.Minute)
			require.NoError(t, p.Update())
			knows(t, p, time.Second)
			var updating sync.WaitGroup
			updating.Go(func() { assert.NoError(t, p.Update(hedge.Window(time.Second))) })
			for s := p.Snapshot(); ; s = p.Snapshot() {
				if !assert.Equal(t, s.Samples > 0, s.Known) || !s.Known {
					break
				}
			}
			updating.Wait()
		}
	})
}
