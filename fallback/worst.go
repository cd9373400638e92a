package fallback

import (
	"math"
	"time"
)

// Worst returns how long an answer of the fallback may take, for ductile's Plan: nothing for one of [Value], and for a [Chain] of such;
// math.MaxInt64 where a function is asked, which may take any time that its context gives it.
func (p *Policy) Worst() time.Duration {
	if p.still {
		return 0
	}
	return math.MaxInt64
}
