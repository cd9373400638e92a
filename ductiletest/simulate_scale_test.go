package ductiletest

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
)

// The histogram's buckets follow one another without a gap, and what it says is off by less than 1 %.
func TestSimulationHistogram(t *testing.T) {
	last := -1
	for d := range time.Duration(10_000) {
		bucket := bucketFor(d)
		require.LessOrEqual(t, bucket-last, 1, d)
		require.GreaterOrEqual(t, bucket, last, d)
		last = bucket
	}
	for _, d := range []time.Duration{0, 1, 63, 64, 127, 128, 129, 1000, 123_456, time.Second, 7 * time.Hour, math.MaxInt64 - 1, math.MaxInt64} {
		middle := middleOf(bucketFor(d))
		assert.LessOrEqual(t, math.Abs(float64(middle-d)), 0.008*float64(d), d)
		var h histogram
		h.add(d)
		assert.InDelta(t, float64(d), float64(h.at(0.5)), 0.008*float64(d))
		assert.LessOrEqual(t, h.at(1), d, "never more than the longest")
	}
	assert.Zero(t, bucketFor(-1))
	var h histogram
	for i := range 100 {
		h.add(time.Duration(i + 1))
	}
	assert.Equal(t, time.Duration(51), h.at(0.5))
	assert.Equal(t, time.Duration(100), h.at(0.99))
	assert.Equal(t, time.Duration(100), h.at(1))
	assert.Equal(t, time.Duration(1), h.at(0))
}

// Rows are times that people would choose, and not too many.
func TestSimulationRows(t *testing.T) {
	for total, want := range map[time.Duration]time.Duration{
		time.Hour: 5 * time.Minute, time.Minute: 5 * time.Second, 10 * time.Minute: 30 * time.Second, 24 * time.Hour: time.Hour,
		time.Second: 50 * time.Millisecond, 365 * 24 * time.Hour: 512 * time.Hour, time.Nanosecond: time.Microsecond,
	} {
		assert.Equal(t, want, rowFor(total), total)
	}
}

// A year of few calls takes no more memory than an hour of many, and its second is longer; a recovery is then exact to that.
func TestLongSimulation(t *testing.T) {
	s := Simulation{
		Pipeline:   func() ductile.Composed { return ductile.New("p") },
		Dependency: Dependency{Outages: []Outage{{From: 1000 * time.Hour, To: 2000 * time.Hour}}},
		Load:       Load{Rate: 0.001, For: 365 * 24 * time.Hour},
	}
	result, err := s.run(t)
	require.NoError(t, err)
	assert.InDelta(t, 31_536, result.Offered, 700)
	assert.InDelta(t, 1-1000./8760, result.Goodput(), 0.01)
	assert.Zero(t, result.Recoveries[0].After)
	assert.Len(t, result.Rows, 18)
}

// Work that never ends overflows nothing.
func TestSimulatedEternity(t *testing.T) {
	s := sensible()
	s.Dependency = Dependency{
		Latency:  LatencyBy(func(*rand.Rand, time.Duration) time.Duration { return math.MaxInt64 }),
		Capacity: 1, WorksOn: true, Outages: []Outage{{To: 5 * time.Second, Slower: 1e6}},
	}
	s.Load.Rate, s.Load.Deadline = 100, time.Second // a thousand years of work, and the clock has 260
	result, err := s.run(t)
	require.NoError(t, err)
	assert.Equal(t, result.Offered, result.Failed)
	assert.InDelta(t, 1, result.Wait(1).Seconds(), 0.01)
}

// Calls that come evenly come at instants that round times do not make equal.
func TestEvenCallsDoNotMeet(t *testing.T) {
	due := Load{Rate: 100, For: 100 * time.Second, Even: true}.arrivals(1)
	seen := map[time.Duration]bool{}
	for n := 1; ; n++ {
		at, more := due.next()
		if !more {
			break
		}
		late := at - time.Duration(n)*10*time.Millisecond
		assert.False(t, seen[late])
		assert.GreaterOrEqual(t, late, time.Duration(0))
		assert.Less(t, late, 41*time.Microsecond)
		seen[late] = true
	}
	assert.Len(t, seen, 9999)
}
