package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/benchmarks"
)

// TestMeasure measures a little of everything, for a moment.
func TestMeasure(t *testing.T) {
	var said strings.Builder
	dir, cores := t.TempDir(), runtime.GOMAXPROCS(0)
	o := options{
		runs: 2, about: time.Millisecond, goroutines: []int{3}, only: regexp.MustCompile("^(bulkhead|policies)$"),
		json: filepath.Join(dir, "all.json"), plots: filepath.Join(dir, "plots"),
	}
	var out strings.Builder
	_, err := run(o, &out, &progress{out: &said, began: time.Now()})
	require.NoError(t, err)
	assert.Equal(t, cores, runtime.GOMAXPROCS(0), "as many cores as before")

	text, err := os.ReadFile(o.json)
	require.NoError(t, err)
	var r Report
	require.NoError(t, json.Unmarshal(text, &r))
	require.Len(t, r.Paths, 1)
	path := r.Paths[0]
	assert.Equal(t, "bulkhead", path.Path)
	assert.Equal(t, "ductile", path.Ours.By)
	assert.Positive(t, path.Ours.Nanoseconds.Median)
	assert.Equal(t, "at most 1024 at once", path.Ours.Settings)
	require.Len(t, path.Peers, 3)
	for _, p := range path.Peers {
		assert.Positive(t, p.Ratio.Min)
		assert.LessOrEqual(t, p.Ratio.Min, p.Ratio.Median)
		assert.LessOrEqual(t, p.Ratio.Median, p.Ratio.Max)
		assert.NotEmpty(t, p.Note)
		assert.Contains(t, p.Settings, "at most 1024 at once")
	}
	require.Len(t, r.Crowds, len(few(cores)))
	assert.Equal(t, 1, r.Crowds[0].Cores)
	assert.Equal(t, 3, r.Crowds[0].Goroutines)
	require.Len(t, r.Growths, 1)
	assert.Len(t, r.Growths[0].Points, 8)
	assert.Equal(t, benchmarks.Absent, r.Absent)
	assert.Contains(t, said.String(), "1/")

	for _, name := range []string{"paths", "others", "goroutines-bulkhead", "policies"} {
		picture, err := os.Open(filepath.Join(o.plots, name+".svg"))
		require.NoError(t, err)
		assert.NoError(t, wellFormed(picture), name)
		assert.NoError(t, picture.Close())
	}
}

// wellFormed reads a file of XML.
func wellFormed(r io.Reader) error {
	for d := xml.NewDecoder(r); ; {
		switch _, err := d.Token(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func TestWeigh(t *testing.T) {
	w := weigh(benchmarks.Weight{Name: "x", Many: 100, Gate: 1 << 20, Goal: 1 << 19,
		Ours:  benchmarks.Object{By: "ductile", Make: func(int) any { return new([4096]byte) }},
		Peers: []benchmarks.Object{{By: "peer", Many: 50, Make: func(int) any { return new([8192]byte) }, Settings: "large", Note: "larger"}},
	})
	assert.Equal(t, "goal", w.Verdict)
	require.Len(t, w.Objects, 2)
	assert.Equal(t, []int{100, 50}, []int{w.Objects[0].Of, w.Objects[1].Of})
	assert.Greater(t, w.Objects[1].Bytes, w.Objects[0].Bytes)
	assert.Equal(t, "larger", w.Objects[1].Note)
	assert.Equal(t, "large", w.Objects[1].Settings)
}
