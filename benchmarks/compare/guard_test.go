package main

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Only what is far above its gate every time is a regression.
func TestGuardIsPersistent(t *testing.T) {
	for _, c := range []struct {
		why    string
		ratios []float64
		allocs []uint64
		tries  int
		far    bool
	}{
		{"within the gate", []float64{0.4}, []uint64{1}, 1, false},
		{"above it, by less than a half", []float64{0.74}, []uint64{1}, 1, false},
		{"far above it, once", []float64{0.76, 0.7}, []uint64{1, 1}, 2, false},
		{"far above it, all but once", []float64{9, 9, 9, 9, 0.5}, []uint64{1, 1, 1, 1, 1}, 5, false},
		{"far above it, every time", []float64{0.76, 0.76, 0.76, 0.76, 0.76}, []uint64{1, 1, 1, 1, 1}, 5, true},
		{"allocates, once", []float64{0.1, 0.1}, []uint64{2, 1}, 2, false},
		{"allocates, every time", []float64{0.1, 0.1, 0.1, 0.1, 0.1}, []uint64{2, 2, 2, 2, 2}, 5, true},
	} {
		tries := 0
		_, far, err := persistent(func() (Result, error) {
			r := Result{Gate: 0.5, MayAllocate: 1, Ours: Cost{Allocs: c.allocs[tries]}, Peers: []Peer{{Ratio: Spread{Median: c.ratios[tries]}}}}
			tries++
			return r, nil
		})
		require.NoError(t, err)
		assert.Equal(t, c.tries, tries, c.why)
		assert.Equal(t, c.far, far, c.why)
	}
	_, _, err := persistent(func() (Result, error) { return Result{}, errors.New("broken") })
	assert.Error(t, err)
}

func TestGuardMeasuresWhatHasAGate(t *testing.T) {
	var out, said strings.Builder
	p := &progress{out: &said, began: time.Now()}
	_, err := guard(options{only: regexp.MustCompile("^(bulkhead|retry|loopback)$")}, &out, p)
	require.NoError(t, err)
	assert.Contains(t, out.String(), "| bulkhead |")
	assert.NotContains(t, out.String(), "retry", "it has no gate")
	assert.NotContains(t, out.String(), "loopback", "it needs a network")
	assert.Contains(t, said.String(), "1/1 bulkhead")

	_, err = guard(options{only: regexp.MustCompile("^retry$")}, &out, p)
	assert.ErrorIs(t, err, errNothing)
}
