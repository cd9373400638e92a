package main

import (
	"bytes"
	"math"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ductile-go/ductile/benchmarks/drawing"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// found is an experiment that finds a number of the seeds it has, where 2 is to be.
func found(name string, of func(seed uint64) float64) Experiment {
	return Experiment{Name: name, Title: "a title", Source: "a source", Setup: []string{"a setting"}, Seeds: 2, Run: func(l *Lab) *Findings {
		f := new(Findings)
		f.near("ductile", "a number", estimate(seeds(l, name, 3, of)), 2, "somebody", 0.1)
		f.lacks("a peer", "a number")
		f.Plots = []Plot{{"first", drawing.Chart{Lines: []Line{{Name: "ductile", X: []float64{1, 2}, Y: []float64{1, 2}}}}}}
		return f
	}}
}

func TestRun(t *testing.T) {
	right := found("right", func(seed uint64) float64 { return float64(seed) - 5 })
	wrong := found("wrong", func(uint64) float64 { return 3 })
	all := []Experiment{right, wrong}
	var out, progress bytes.Buffer
	lab := func(plots string) *Lab {
		return &Lab{t: t, first: 6, progress: &progress, plots: plots}
	}
	dir := filepath.Join(t.TempDir(), "that", "is", "made")
	assert.Equal(t, 0, run(&out, lab(dir), all, regexp.MustCompile("right")))
	for _, text := range []string{"a title", "source: a source", "a setting", "seeds 6 to 8", "2 ± 2.4", "10 %", "pass", "none", "all 1 experiments"} {
		assert.Contains(t, out.String(), text)
	}
	assert.FileExists(t, filepath.Join(dir, "right-first.svg"))
	assert.Contains(t, progress.String(), "3 of 3 seeds")

	out.Reset()
	assert.Equal(t, 1, run(&out, lab(""), all, regexp.MustCompile("")), "one fails")
	assert.Contains(t, out.String(), "FAIL")
	assert.Contains(t, out.String(), "1 of 2 experiments FAILED")
	assert.Equal(t, 2, run(&out, lab(""), all, regexp.MustCompile("neither")), "nothing was asked for")
	assert.Contains(t, progress.String(), `matches "neither"; there are backoff, `)
	assert.Equal(t, 2, run(&out, lab(filepath.Join(dir, "right-first.svg", "x")), all, regexp.MustCompile("")), "there is no room for plots")
}

func TestAnOrderThatIsNotFoundFails(t *testing.T) {
	f := new(Findings)
	f.orders("a < b", true)
	assert.False(t, f.failed())
	f.orders("b < a", false)
	assert.True(t, f.failed())
}

// The bounds are met by the mean, and what is not judged fails nothing.
func TestVerdicts(t *testing.T) {
	f := new(Findings)
	f.near("ductile", "x", Estimate{Mean: 110, N: 1}, 100, "", 0.1)
	f.near("ductile", "x", Estimate{Mean: 111, N: 1}, 100, "", 0.1)
	f.near("ductile", "x", Estimate{Mean: 89, N: 1}, 100, "", 0.1)
	f.between("ductile", "x", Estimate{Mean: 1, N: 1}, 1, 2, "")
	f.between("ductile", "x", Estimate{Mean: 0.9, N: 1}, 1, 2, "")
	f.between("ductile", "x", Estimate{Mean: 2.1, N: 1}, 1, 2, "")
	f.near("ductile", "x", Estimate{Mean: math.NaN(), N: 1}, 100, "", 0.1)
	var passed []bool
	for _, r := range f.Results {
		passed = append(passed, r.Passed)
	}
	assert.Equal(t, []bool{true, false, false, true, false, false, false}, passed)
	f = new(Findings)
	f.reports("a peer", "x", Estimate{})
	f.compares("a peer", "x", Estimate{}, "1", "")
	assert.False(t, f.failed())
}

// The interval is Student's: of 1, 2 and 3 it is 4.303 · 1/√3.
func TestEstimate(t *testing.T) {
	e := estimate([]float64{1, 2, 3})
	assert.InDelta(t, 2, e.Mean, 1e-12)
	assert.InEpsilon(t, 2.484, e.Margin, 0.05, "the expansion is for more degrees of freedom")
	assert.InEpsilon(t, 2.093, student(19), 0.001, "as in tables")
	assert.InEpsilon(t, 1.984, student(99), 0.001)
	assert.Equal(t, "7", estimate([]float64{7, 7, 7}).String())
	assert.Equal(t, "none", estimate(nil).String())
}

func TestEachExperimentSaysWhatItIs(t *testing.T) {
	names := map[string]bool{}
	for _, e := range experiments {
		assert.NotEmpty(t, e.Title, e.Name)
		assert.NotEmpty(t, e.Source, e.Name)
		assert.NotEmpty(t, e.Setup, e.Name)
		assert.GreaterOrEqual(t, e.Seeds, 20, e.Name)
		assert.False(t, names[e.Name], e.Name)
		names[e.Name] = true
	}
	assert.Len(t, names, 8)
}

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"-only", "("}, "-only: error parsing regexp"},
		{[]string{"tail"}, `no arguments, such as "tail": for one experiment there is -only`},
		{[]string{"-seed", "-1"}, "-seed"},
		{[]string{"-h"}, "Usage of experiments"},
	} {
		var said bytes.Buffer
		_, _, err := parse(c.args, &said)
		require.Error(t, err, c.args)
		assert.Contains(t, said.String(), c.says)
		assert.Contains(t, said.String(), "backoff, strategies, ", "the names of all")
	}
	lab, wanted, err := parse([]string{"-only", "tail", "-seed", "7", "-plots", "there"}, new(bytes.Buffer))
	require.NoError(t, err)
	assert.True(t, wanted.MatchString("tail"))
	assert.Equal(t, uint64(7), lab.first)
	assert.Equal(t, "there", lab.plots)
}

// A log has a line for each part, and a terminal one that is written again and again.
func TestProgress(t *testing.T) {
	var log, screen bytes.Buffer
	for done := range 2 {
		(&Lab{progress: &log}).advance("part", done+1, 2, 0)
		(&Lab{progress: &screen, terminal: true}).advance("part", done+1, 2, 0)
	}
	assert.Equal(t, "  part: 2 of 2 seeds, 0s\n", log.String())
	assert.Equal(t, "\r\033[K  part: 1 of 2 seeds, 0s\r\033[K  part: 2 of 2 seeds, 0s\n", screen.String())
}
