package benchmarks

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Run makes n calls, on all cores at once where the path says so, and calls start when they are about to begin. Goroutines that share
// a path wait behind a barrier until then, so that none of them has it to itself.
func (p Path) Run(c Caller, n int, start func()) error {
	if !p.Parallel {
		start()
		return c.Calls(n)
	}
	cores := runtime.GOMAXPROCS(0)
	failed := make([]error, cores)
	barrier := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(cores)
	for i := range cores {
		done.Go(func() {
			ready.Done()
			<-barrier
			failed[i] = c.Calls(n*(i+1)/cores - n*i/cores)
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
	return Cost{float64(took.Nanoseconds()) / float64(n), (after.Mallocs - before.Mallocs) / uint64(n)}, nil
}

// Enough returns how many calls a side makes in about a time.
func (p Path) Enough(s Side, about time.Duration) (int, error) {
	for n := 100; ; n *= 10 {
		cost, err := p.Measure(s, n)
		if err != nil {
			return 0, err
		}
		if cost.Nanoseconds*float64(n) > float64(about)/20 {
			return max(int(float64(about)/cost.Nanoseconds), 1), nil
		}
	}
}

// Weigh returns how many bytes of the heap one object holds, by making many.
func Weigh(build func() any) uint64 {
	const many = 10_000
	all := make([]any, many)
	before := live()
	for i := range all {
		all[i] = build()
	}
	after := live()
	runtime.KeepAlive(all)
	return (after - before + many/2) / many
}

// live returns how many bytes of the heap are in use.
func live() uint64 {
	runtime.GC()
	runtime.GC() // the second frees what the first found in pools
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
