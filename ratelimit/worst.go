package ratelimit

import (
	"math"
	"time"
)

// Worst returns what a call through the limiter can come to, for ductile's Plan: how many calls it lets in at once, which is any number
// (math.MaxInt), since who is in holds nothing of it; and the longest time for which Acquire makes one wait.
func (l *Limiter) Worst() (atOnce int, wait time.Duration) {
	return math.MaxInt, l.settings.Load().wait
}
