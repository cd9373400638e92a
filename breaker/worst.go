package breaker

import (
	"math"
	"time"
)

// Worst returns what a call through the breaker can come to, for ductile's Plan: how many calls it lets in at once, which is any number
// (math.MaxInt) while it is closed, and how long Acquire makes one wait: not at all.
func (b *Breaker) Worst() (atOnce int, wait time.Duration) { return math.MaxInt, 0 }
