package benchmarks

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Run makes n calls, by as many goroutines as the path says, and calls start when they are about to begin. Goroutines that share
// a path wait behind a barrier until then, so that none of them has it to itself.
func (p Path) Run(c Caller, n int, start func()) error {
	goroutines := max(p.Goroutines, 1)
	if p.Parallel {
		goroutines = runtime.GOMAXPROCS(0)
	} else if goroutines == 1 {
		start()
		return c.Calls(n)
	}
	failed := make([]error, goroutines)
	barrier := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(goroutines)
	for i := range goroutines {
		done.Go(func() {
			ready.Done()
			<-barrier
			failed[i] = c.Calls(n*(i+1)/goroutines - n*i/goroutines)
		})
	}
	ready.Wait()
	start()
	close(barrier)
	done.Wait()
	return errors.Join(failed...)
}

// A Cost is what a call costs.
type Cost struct {
	Nanoseconds float64
	Allocs      uint64 // the whole ones: a rare one of the runtime's is none of the call's
	Bytes       uint64 // that they take
}

// Measure sets a side of the path up and makes n calls.
func (p Path) Measure(s Side, n int) (Cost, error) {
	var before, after runtime.MemStats
	var begin time.Time
	c := s.Start()
	defer c.Close()
	runtime.GC() // so that nobody pays for another's garbage
	err := p.Run(c, n, func() {
		runtime.ReadMemStats(&before)
		begin = time.Now()
	})
	took := time.Since(begin)
	runtime.ReadMemStats(&after)
	if err != nil {
		return Cost{}, fmt.Errorf("%s by %s: %w", p.Name, s.By, err)
	}
	return Cost{
		Nanoseconds: float64(took.Nanoseconds()) / float64(n),
		Allocs:      (after.Mallocs - before.Mallocs) / uint64(n),
		Bytes:       (after.TotalAlloc - before.TotalAlloc) / uint64(n),
	}, nil
}

// Enough returns how many calls a side makes in about a time. It comes near that time itself: of few calls by many goroutines most would be the
// starting of goroutines.
func (p Path) Enough(s Side, about time.Duration) (int, error) {
	for n := 100; ; {
		cost, err := p.Measure(s, n)
		if err != nil {
			return 0, err
		}
		share := cost.Nanoseconds * float64(n) / float64(about)
		if share > 0.5 {
			return max(int(float64(n)/share), 1), nil
		}
		n = int(float64(n) * min(1/max(share, 1e-9), 20))
	}
}
