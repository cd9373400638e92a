package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/benchmarks"
)

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		ratio, gate, goal float64
		allocs            uint64
		want              string
	}{
		{0.25, 0.5, 0.25, 1, "goal"},
		{0.26, 0.5, 0.25, 1, "gate"},
		{0.5, 0.5, 0.25, 1, "gate"},
		{0.51, 0.5, 0.25, 1, missed},
		{0.1, 0.5, 0.25, 2, missed},
		{9, 0, 0, 1, ""},
		{9, 0, 0, 2, missed},
	} {
		r := Result{Gate: c.gate, Goal: c.goal, MayAllocate: 1, Ours: Cost{Allocs: c.allocs}, Peers: []Peer{{Ratio: Spread{Median: c.ratio}}}}
		assert.Equal(t, c.want, verdict(r), "%+v", c)
	}
}

func TestMissedCountsGates(t *testing.T) {
	r := &Report{
		Paths:   []Result{{Verdict: missed}, {Verdict: "gate"}, {Verdict: ""}},
		Crowds:  []Result{{Verdict: missed}}, // no gate of the design's
		Weights: []Weight{{Verdict: missed}, {Verdict: "goal"}},
	}
	assert.Equal(t, 2, r.missed())
}

func TestSpread(t *testing.T) {
	assert.Equal(t, Spread{2, 1, 9}, spread([]float64{9, 1, 2}))
	assert.Equal(t, Spread{3, 1, 9}, spread([]float64{9, 1, 2, 4}))
	assert.Equal(t, Spread{7, 7, 7}, spread([]float64{7}))
}

// The ratio is taken in each run, and not of the medians.
func TestRatioIsOfEachRun(t *testing.T) {
	cost := func(all ...float64) (runs []benchmarks.Cost) {
		for _, ns := range all {
			runs = append(runs, benchmarks.Cost{Nanoseconds: ns, Allocs: uint64(ns), Bytes: 2 * uint64(ns)})
		}
		return runs
	}
	assert.Equal(t, Spread{0.5, 0.1, 3}, ratio(cost(10, 10, 90), cost(100, 20, 30)))
	assert.Equal(t, Cost{By: "x", Settings: "y", Nanoseconds: Spread{20, 10, 90}, Allocs: 90, Bytes: 180},
		total(benchmarks.Side{By: "x", Settings: "y"}, cost(10, 90, 20)))
}
