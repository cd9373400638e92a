package main

import (
	"strings"
	"testing"

	"github.com/ductile-go/ductile/benchmarks"
)

func TestVerdicts(t *testing.T) {
	path := benchmarks.Path{Name: "a path", Allocs: 1, Gate: 0.5, Goal: 0.25}
	for _, c := range []struct {
		ratios []float64
		allocs uint64
		want   string
		missed bool
	}{
		{[]float64{0.9, 0.25, 0.1}, 1, "goal", false},
		{[]float64{0.5, 0.5, 0.1, 9}, 1, "gate", false},
		{[]float64{0.4, 0.5, 0.6, 0.6}, 0, "MISSED", true},
		{[]float64{0.1}, 2, "MISSED: at most 1 allocs", true},
	} {
		r := timed(path, samples{ours: c.ratios, peer: c.ratios, ratios: c.ratios, allocs: [2]uint64{c.allocs, 9}})
		if got := r.cells[len(r.cells)-1]; got != c.want || r.missed != c.missed {
			t.Errorf("%v with %d allocs: %q, %v; want %q, %v", c.ratios, c.allocs, got, r.missed, c.want, c.missed)
		}
		if len(r.cells) != len(columns) {
			t.Errorf("%d cells for %d columns", len(r.cells), len(columns))
		}
	}
}

func TestTableIsAligned(t *testing.T) {
	var b strings.Builder
	table(&b, []row{timed(benchmarks.Paths[0], samples{ours: []float64{1}, peer: []float64{1}, ratios: []float64{1}}), weighed(benchmarks.Weights[0])})
	lines := strings.Split(b.String(), "\n")
	for _, line := range lines[:4] {
		if len([]rune(line)) != len([]rune(lines[0])) {
			t.Errorf("%q is not as wide as %q", line, lines[0])
		}
	}
}
