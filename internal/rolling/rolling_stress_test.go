package rolling_test

import (
	"runtime"
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

// lockstep lets a few goroutines do the same in each round, as nearly at once as can be: they spin for each other, since a channel or a
// WaitGroup wakes one after the other. Between two rounds one of them looks at what came of it.
func lockstep(workers, rounds int, do, look func(round int)) {
	var met atomic.Int64
	meet := func(times int) {
		met.Add(1)
		for n := 1; met.Load() < int64(workers*times); n++ {
			if n%100 == 0 {
				runtime.Gosched() // there may be one core only
			}
		}
	}
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for round := range rounds {
				meet(2*round + 1)
				do(round)
				meet(2*round + 2)
				if worker == 0 {
					look(round)
				}
			}
		})
	}
	wg.Wait()
}

// At the instant at which the ring turns, writers find the word of an older slice. One replaces it, and the others' events go into the
// new one: none is lost and none is there twice.
func TestStressTurnLosesNothing(t *testing.T) {
	const workers = 2
	var c rolling.Counter
	lockstep(workers, 20_000, func(round int) { c.Add(uint32(round+1), 1) }, func(round int) {
		if got, want := c.Sum(uint32(round+1)), uint64(workers*min(round+1, rolling.Slices)); got != want {
			t.Errorf("%d events of %d after turn %d", got, want, round)
		}
	})
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
