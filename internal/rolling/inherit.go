package rolling

import "time"

// A Past is what a window has counted before it was resized: numbers, oldest first, with what is known of when they were counted. It is
// not changed once it is there, and its owner adds its sum to that of the counter that goes on. A nil Past is empty.
//
// Why not add the old numbers to the slices of the new counter? Because these begin and end elsewhere, so that each number would move
// by a part of a slice each time, and after many times be anywhere. Here a number keeps, however often, the time that it has first been
// given, but where it is put together with others: then it is never further from its events than the longest slice was.
type Past []stretch

// stretch is the number of the events of a time, which counts as if all had been at the end of it.
type stretch struct {
	first, last time.Duration
	slice       uint32 // of last, as the counter that goes on numbers them
	n           uint64
}

// Inherit returns the past of a counter whose slices are of the length to, at the time now (since the base that their owner counts from):
// what is left of the past of a counter c whose slices were of the length from, and of what c has counted itself. What has left either
// window is left out. Others may go on counting in c, but what they add while it is being read may be left out as well.
func (p Past) Inherit(c *Counter, now, from, to time.Duration) Past {
	var next Past
	current := int64(now / from)
	for _, s := range p {
		if current-int64(s.last/from) < Slices {
			next = next.and(s, now, to)
		}
	}
	for age := min(Slices-1, current); age >= 0; age-- {
		first, last := time.Duration(current-age)*from, now
		if age > 0 { // or the slice has not ended
			last = first + from - 1
		}
		if n := c.in(uint32(current-age) + 1); n > 0 {
			next = next.and(stretch{first: first, last: last, n: n}, now, to)
		}
	}
	return next
}

// and adds a stretch that is no older than the others. Two become one where they leave the window together and are, together, no longer than
// a slice: so there are never more than two for each slice.
func (p Past) and(s stretch, now, slice time.Duration) Past {
	if len(p) > 0 {
		before := &p[len(p)-1]
		s.first, s.last = max(s.first, before.last), max(s.last, before.last)
		if s.last/slice == before.last/slice && s.last-before.first < slice {
			before.last = s.last
			before.n += s.n
			return p
		}
	}
	if now/slice-s.last/slice >= Slices {
		return p
	}
	s.slice = uint32(s.last/slice) + 1
	return append(p, s)
}

// Sum returns how many events the window that ends with a slice holds.
func (p Past) Sum(slice uint32) uint64 {
	var sum uint64
	for _, s := range p {
		if slice-s.slice < Slices {
			sum += s.n
		}
	}
	return sum
}

// in returns the number of one slice.
func (c *Counter) in(slice uint32) uint64 {
	if word := c.ring[slice%Slices].Load(); uint32(word>>32) == slice {
		return word & MaxPerSlice
	}
	return 0
}
