package rolling_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/rolling"
)

// swarm runs f in many goroutines at once, and waits for them.
func swarm(goroutines int, f func()) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range goroutines {
		wg.Go(func() {
			<-start
			f()
		})
	}
	close(start)
	wg.Wait()
}

// While the ring does not turn, every event of every writer is in the sum, and a reader never sees it shrink.
func TestStressSumIsExact(t *testing.T) {
	const goroutines, each = 1000, 1000
	var c rolling.Counter
	swarm(goroutines, func() {
		last := uint64(0)
		for n := range uint32(each) {
			c.Add(1+n%rolling.Slices, 1)
			if n%100 == 0 {
				sum := c.Sum(rolling.Slices)
				if sum < last {
					t.Errorf("the sum shrank from %d to %d", last, sum)
				}
				last = sum
			}
		}
	})
	assert.Equal(t, uint64(goroutines*each), c.Sum(rolling.Slices))
}

// At the instant at which the ring turns many writers find the word of an older slice. One replaces it, and the others' events go into
// the new one: none is lost and none is there twice.
func TestStressTurnLosesNothing(t *testing.T) {
	const goroutines, turns = 100, 300
	var c rolling.Counter
	for slice := uint32(1); slice <= turns; slice++ {
		swarm(goroutines, func() { c.Add(slice, 1) })
		assert.Equal(t, uint64(goroutines)*uint64(min(slice, rolling.Slices)), c.Sum(slice))
	}
}

// With writers that read the time and are then held up while the ring turns, an event may land ten slices late, or be dropped where the
// ring has passed it, but there are never more than were added.
func TestStressHeldUpWriters(t *testing.T) {
	const goroutines, each = 100, 2000
	var c rolling.Counter
	var clock atomic.Uint32
	clock.Store(1)
	swarm(goroutines, func() {
		for n := range each {
			slice := clock.Load()
			if n%50 == 0 {
				clock.Add(1)
			}
			c.Add(slice, 1)
			if sum := c.Sum(clock.Load()); sum > goroutines*each {
				t.Errorf("%d events of %d", sum, goroutines*each)
			}
		}
	})
	assert.LessOrEqual(t, c.Sum(clock.Load()), uint64(goroutines*each))
}
