package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/ductile-go/ductile/benchmarks"
)

// A meter measures each side so many times.
type meter struct {
	runs     int
	progress *progress
}

// paths measures paths beside the peers of the gates, and then, besides ours once more, all that have others. Some of the others leave goroutines
// and memory behind, and a larger heap is collected less often, which is kind to whoever allocates: no gate is measured after them.
func (m meter) paths(todo []task, about time.Duration) ([]Result, error) {
	var first, then []task
	for _, t := range todo {
		if !alone(t) {
			others := t
			others.path.Peer, others.path.Note = t.path.Others[0].Side, t.path.Others[0].Note
			others.path.Others, others.path.Gate, others.path.Goal = t.path.Others[1:], 0, 0
			then = append(then, others)
		}
		t.path.Others = nil
		first = append(first, t)
	}
	results, err := m.all(first, about)
	if err != nil {
		return nil, err
	}
	more, err := m.all(then, about)
	for _, other := range more {
		at := slices.IndexFunc(results, func(r Result) bool { return r.Path == other.Path })
		results[at].Peers = append(results[at].Peers, other.Peers...)
	}
	return results, err
}

// alone tells whether the peer of the gate is the only one.
func alone(t task) bool { return len(t.path.Others) == 0 }

// all measures paths one after the other.
func (m meter) all(todo []task, about time.Duration) ([]Result, error) {
	results := make([]Result, 0, len(todo))
	for _, t := range todo {
		r, err := m.sample(t, about)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// sample measures all sides of a path by turns. The ratio is taken within each run, whose measurements met the same mood of the machine, and who
// goes first changes from run to run.
func (m meter) sample(t task, about time.Duration) (Result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(t.cores))
	sides := t.path.Sides()
	r := Result{
		Path: t.path.Name, What: t.path.What, Cores: t.cores, Goroutines: goroutines(t),
		Gate: t.path.Gate, Goal: t.path.Goal, MayAllocate: t.path.Allocs,
	}
	m.progress.step(fmt.Sprintf("%s by %d on %d", r.Path, r.Goroutines, r.Cores))
	calls := make([]int, len(sides))
	for i, side := range sides {
		var err error
		if calls[i], err = t.path.Enough(side, about); err != nil {
			return r, err
		}
	}
	costs := make([][]benchmarks.Cost, len(sides)) // of each side, in each run
	for run := range m.runs {
		for turn := range sides {
			i := (run + turn) % len(sides)
			cost, err := t.path.Measure(sides[i], calls[i])
			if err != nil {
				return r, err
			}
			costs[i] = append(costs[i], cost)
		}
	}
	r.Ours = total(sides[0], costs[0])
	for i := range sides[1:] {
		r.Peers = append(r.Peers, Peer{Cost: total(sides[i+1], costs[i+1]), Ratio: ratio(costs[0], costs[i+1]), Note: t.path.NoteOf(i + 1)})
	}
	r.Verdict = verdict(r)
	return r, nil
}

// goroutines returns how many take a path.
func goroutines(t task) int {
	if t.path.Parallel {
		return t.cores
	}
	return max(t.path.Goroutines, 1)
}

// total sums up the runs of a side.
func total(side benchmarks.Side, runs []benchmarks.Cost) Cost {
	c := Cost{By: side.By, Settings: side.Settings}
	var times []float64
	for _, run := range runs {
		times = append(times, run.Nanoseconds)
		c.Allocs, c.Bytes = max(c.Allocs, run.Allocs), max(c.Bytes, run.Bytes)
	}
	c.Nanoseconds = spread(times)
	return c
}

// ratio divides our time by a peer's, run by run.
func ratio(ours, peers []benchmarks.Cost) Spread {
	var all []float64
	for i := range ours {
		all = append(all, ours[i].Nanoseconds/peers[i].Nanoseconds)
	}
	return spread(all)
}

// spread returns the median of some values, and the extremes.
func spread(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	last, middle := len(sorted)-1, len(sorted)/2
	s := Spread{Median: sorted[middle], Min: sorted[0], Max: sorted[last]}
	if len(sorted)%2 == 0 {
		s.Median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return s
}
