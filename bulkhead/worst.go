package bulkhead

import "time"

// Worst returns what a call through the bulkhead can come to, for ductile's Plan: how many calls it lets in at once, each of which holds a
// permit until it ends, and the longest time for which Acquire makes one wait.
func (b *Bulkhead) Worst() (atOnce int, wait time.Duration) {
	c := b.settings.Load()
	return int(c.limit), c.maxWait
}
