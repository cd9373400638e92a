// Package latency remembers how long calls took lately, in little memory: a histogram on a logarithmic scale, in slices of time of
// which the oldest is emptied and filled again.
//
// To record is one atomic addition. What is read out of it is exact up to the width of a bucket, a sixteenth of the duration. Nothing
// here reads the clock: its owner says what time it is, when that matters.
package latency

import (
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// Slices is how many slices a window has. The latest is being filled, so that the window holds between two thirds of its span and
// the whole.
const Slices = 3

// A Window is a histogram of the durations of the last while. It is made by [NewWindow], and has 5,208 bytes of counters.
//
// Record, Advance and Read may be called at the same time, but its owner keeps Advance to one goroutine at a time, and Resize apart from
// both others. A duration that is recorded at the very moment of an Advance or a Resize may be counted in another slice, and so may be
// left out where that leaves the window; none is counted twice.
type Window struct {
	slice  time.Duration
	latest atomic.Uint32 // the number of the slice that is being filled
	origin uint32        // the number of the one that began at time zero, from Slices on
	counts [Slices][buckets]atomic.Uint32
}

// NewWindow returns an empty window of a span, which begins at time zero.
func NewWindow(span time.Duration) *Window {
	w := &Window{slice: span / Slices, origin: Slices}
	w.latest.Store(Slices)
	return w
}

// Record counts a duration, and returns how many of about its length the slice of time now holds.
func (w *Window) Record(d time.Duration) uint32 {
	return w.counts[w.latest.Load()%Slices][bucketOf(d)].Add(1)
}

// Advance empties what the window has left behind by a time.
func (w *Window) Advance(now time.Duration) {
	at, latest := w.at(now), w.latest.Load()
	if at <= latest {
		return
	}
	for slice := max(latest+1, at-Slices+1); slice <= at; slice++ {
		for i := range buckets {
			w.counts[slice%Slices][i].Store(0)
		}
	}
	w.latest.Store(at)
}

// at returns the number of the slice at a time.
func (w *Window) at(now time.Duration) uint32 { return w.since(now) + w.origin }

// since returns how many slices there have been until a time.
func (w *Window) since(now time.Duration) uint32 { return uint32(max(now, 0) / w.slice) }

// Counts is what a window held at one moment.
type Counts struct {
	Total uint64 // how many durations
	of    [buckets]uint64
}

// Read returns what the window holds at a time, whether or not it has been advanced to it.
func (w *Window) Read(now time.Duration) (c Counts) {
	latest := w.latest.Load()
	for slice := max(w.at(now), latest) - Slices + 1; slice <= latest; slice++ {
		for i := range buckets {
			n := uint64(w.counts[slice%Slices][i].Load())
			c.of[i] += n
			c.Total += n
		}
	}
	return c
}

// Quantile returns the duration that a share of all, in millionths, do not exceed: between which two it lies. Both are zero where there
// are none.
func (c *Counts) Quantile(share uint64) (low, high time.Duration) {
	const whole = uint64(1 / refuse.Part)
	rank := max((c.Total*share+whole-1)/whole, 1)
	for i := range c.of {
		n := c.of[i]
		if n >= rank {
			return least(i), most(i)
		}
		rank -= n
	}
	return 0, 0
}
