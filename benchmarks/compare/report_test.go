package main

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

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
		{[]float64{0.1}, 2, "MISSED", true},
	} {
		r := timed(path, samples{ours: c.ratios, peer: c.ratios, ratios: c.ratios, allocs: [2]uint64{c.allocs, 9}})
		if got := r.cells[slices.Index(pathColumns, "verdict")]; got != c.want || r.missed != c.missed {
			t.Errorf("%v with %d allocs: %q, %v; want %q, %v", c.ratios, c.allocs, got, r.missed, c.want, c.missed)
		}
		if len(r.cells) != len(pathColumns) {
			t.Errorf("%d cells for %d columns", len(r.cells), len(pathColumns))
		}
		if said := strings.Contains(r.note, "may allocate 1 times, and did 2"); said != (c.allocs > path.Allocs) {
			t.Errorf("%d allocs: %s", c.allocs, r.note)
		}
	}
}

// Every path there is fits on a screen, however slow the machine is.
func TestTablesFit(t *testing.T) {
	var timings, sizes []row
	for _, path := range benchmarks.Paths {
		timings = append(timings, timed(path, samples{
			ours: []float64{9999}, peer: []float64{999_999}, ratios: []float64{0.01, 9.99}, allocs: [2]uint64{path.Allocs, 99},
		}))
	}
	for _, weight := range benchmarks.Weights {
		r := weighed(weight)
		if r.missed || len(r.cells) != len(weightColumns) {
			t.Errorf("%q", r.cells)
		}
		sizes = append(sizes, r)
	}
	var b strings.Builder
	header(&b, 1)
	table(&b, pathColumns, timings)
	table(&b, weightColumns, sizes)
	bars := 0
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if utf8.RuneCountInString(line) > width {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
		}
		if strings.HasPrefix(line, "|") {
			bars++
		}
	}
	if want := len(timings) + len(sizes) + 4; bars != want {
		t.Errorf("%d lines of tables, want %d", bars, want)
	}
}

func TestTimesAreShort(t *testing.T) {
	for ns, want := range map[float64]string{0.4: "0 ns", 9999.4: "9999 ns", 9999.6: "10 µs", 123_456: "123 µs"} {
		if got := nanoseconds(ns); got != want {
			t.Errorf("%v: %q, want %q", ns, got, want)
		}
	}
}

func TestTableIsAligned(t *testing.T) {
	var b strings.Builder
	table(&b, pathColumns, []row{timed(benchmarks.Paths[0], samples{ours: []float64{1}, peer: []float64{10_000}, ratios: []float64{1}})})
	lines := strings.Split(b.String(), "\n")
	for _, line := range lines[:3] {
		if utf8.RuneCountInString(line) != utf8.RuneCountInString(lines[0]) {
			t.Errorf("%q is not as wide as %q", line, lines[0])
		}
	}
}

func TestWrap(t *testing.T) {
	long := strings.Repeat("é", 30)
	for text, want := range map[string]string{
		"a":     "a\n",
		"- a b": "- a b\n",
		strings.Join([]string{long, long, long, "1234567"}, " "):     long + " " + long + " " + long + " 1234567\n",
		strings.Join([]string{long, long, long, "12345678"}, " "):    long + " " + long + " " + long + "\n12345678\n",
		strings.Join([]string{"-", long, long, long, "123456"}, " "): "- " + long + " " + long + " " + long + "\n  123456\n",
	} {
		var b strings.Builder
		wrap(&b, text)
		if b.String() != want {
			t.Errorf("%q", b.String())
		}
	}
}
