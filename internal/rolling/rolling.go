// Package rolling counts what happened lately: a ring of slices of time, each a number and the slice it belongs to in one word,
// so that recording is one atomic addition, and nothing has to sweep.
//
// The usual way, a mutex around buckets that a rotation clears, makes every caller wait for every other. Here a writer that finds
// the word of an older slice replaces it, slice and number at once, and a reader passes over words that are too old. A count may
// land in the slice after its own when the ring turns at that very moment; none is lost otherwise.
package rolling

import "sync/atomic"

// Slices is how many slices a counter's window has: the oldest tenth leaves at a time.
const Slices = 10

// MaxPerSlice bounds a slice's number: 32 bits, which a million events a second fill in 71 minutes.
const MaxPerSlice = 1<<32 - 1

// A Counter is a rolling count of events. The zero Counter is empty. Slices are numbered from 1, as their owner's clock goes on.
type Counter struct {
	ring [Slices]atomic.Uint64 // slice<<32 | number
}

// Add counts n events in a slice. One that the ring has already passed is dropped.
func (c *Counter) Add(slice uint32, n uint32) {
	word := &c.ring[slice%Slices]
	for {
		old := word.Load()
		switch have := uint32(old >> 32); {
		case have == slice:
			word.Add(uint64(n))
			return
		case have > slice:
			return
		case word.CompareAndSwap(old, uint64(slice)<<32|uint64(n)):
			return
		}
	}
}

// Sum returns how many events the window that ends with a slice holds.
func (c *Counter) Sum(slice uint32) uint64 {
	var sum uint64
	for i := range c.ring {
		word := c.ring[i].Load()
		if have := uint32(word >> 32); have <= slice && slice-have < Slices {
			sum += word & MaxPerSlice
		}
	}
	return sum
}

// TakeOldest takes one event out of the oldest slice of the window that has any, and reports whether there was one.
// The owner keeps others from writing meanwhile.
func (c *Counter) TakeOldest(slice uint32) bool {
	first := uint32(1)
	if slice > Slices {
		first = slice - Slices + 1
	}
	for s := first; s <= slice; s++ {
		word := &c.ring[s%Slices]
		if old := word.Load(); uint32(old>>32) == s && old&MaxPerSlice > 0 {
			word.Store(old - 1)
			return true
		}
	}
	return false
}
