package rolling

import "time"

// Inherit adds what another counter's window holds at a time (since the base that their owner counts from) to this one, whose slices are
// of another length: from and to. Who resizes a window publishes the new counter and lets it inherit from the old; others may count in
// both meanwhile, but what they add to the old while it is being read may be left out.
//
// A slice is as fine as a counter knows: the number of an old one goes, as a whole, to the new one that holds its end, or the present
// where it has not ended. So what the new window holds of the old is right to the width of an old slice. What has left either window is
// left out.
func (c *Counter) Inherit(old *Counter, now, from, to time.Duration) {
	current := int64(now / from) // the slices before this one have ended
	for age := range 1 + min(Slices-1, current) {
		n := old.in(uint32(current-age) + 1)
		end := now
		if age > 0 {
			end = time.Duration(current-age+1)*from - 1
		}
		if n > 0 && now/to-end/to < Slices {
			c.merge(uint32(end/to)+1, n)
		}
	}
}

// in returns the number of one slice.
func (c *Counter) in(slice uint32) uint64 {
	if word := c.ring[slice%Slices].Load(); uint32(word>>32) == slice {
		return word & MaxPerSlice
	}
	return 0
}

// merge is Add of a number that a slice may have no room for: then it is full.
func (c *Counter) merge(slice uint32, n uint64) {
	word := &c.ring[slice%Slices]
	for {
		old := word.Load()
		have := uint32(old >> 32)
		if have > slice {
			return
		}
		sum := n
		if have == slice {
			sum = min(sum+old&MaxPerSlice, MaxPerSlice)
		}
		if word.CompareAndSwap(old, uint64(slice)<<32|sum) {
			return
		}
	}
}
