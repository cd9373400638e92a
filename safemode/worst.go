package safemode

import (
	"math"
	"time"
)

// Worst returns what the mode comes to at worst, for ductile's Plan: it lets any number of calls in at once, and never waits.
func (m *Mode) Worst() (atOnce int, wait time.Duration) { return math.MaxInt, 0 }

// Worst returns what the gate comes to at worst, for ductile's Plan: it lets any number of calls in at once, and never waits.
func (g *Gate) Worst() (atOnce int, wait time.Duration) { return math.MaxInt, 0 }
