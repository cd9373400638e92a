package hedge

import "time"

// Worst returns what a call through the hedge can come to, for ductile's Plan: how many copies it has in all, the first included, and the
// shortest and the longest time from the start of one to that of the next while none ends. Those are MinDelay and MaxDelay (math.MaxInt64
// where that is not set) unless the delay is fixed. A copy that fails may be followed at once. The budget, which the caller knows, may
// allow fewer.
func (p *Policy) Worst() (copies int, shortest, longest time.Duration) {
	c := p.memory.current.Load()
	if c.fixed {
		return 1 + c.extra, c.after, c.after
	}
	return 1 + c.extra, c.minDelay, c.maxDelay
}
