package timeout

import (
	"math"
	"time"
)

// Worst returns the longest time that the timeout allows, for ductile's Plan: math.MaxInt64 for one of [From], whose function may allow any,
// or no limit at all.
func (p *Policy) Worst() time.Duration {
	c := p.settings.Load()
	if c.from != nil {
		return math.MaxInt64
	}
	return c.after
}
