package retry

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// jitter spreads waits, so that callers who failed at the same moment do not come back at the same moment. It is applied after the
// schedule's limit: callers that have reached the limit are spread like all others.
type jitter struct {
	low, high float64 // of the wait
	name      string
	dice      *rand.Rand // nil for the program's
}

var (
	full  = jitter{low: 0, high: 1, name: "full jitter"}
	equal = jitter{low: 0.5, high: 1, name: "equal jitter"}
	exact = jitter{low: 1, high: 1, name: "no jitter"}
)

// FullJitter waits from nothing to the whole of what the schedule says: what is done unless set. It makes the least work under
// contention of the jitters that Brooker simulated ("Exponential Backoff And Jitter", 2015).
func FullJitter() Option { return with(full) }

// EqualJitter waits from half to the whole of what the schedule says: for callers that must not come back too soon.
func EqualJitter() Option { return with(equal) }

// ProportionalJitter waits what the schedule says, give or take a share of it: 0.2 is from 80 % to 120 %, as gRPC has it.
func ProportionalJitter(share float64) Option {
	return func(c *config) error {
		if err := refuse.Ratio("retry", "ProportionalJitter", share); err != nil {
			return err
		}
		return with(jitter{low: 1 - share, high: 1 + share, name: fmt.Sprintf("±%.6g %% jitter", share*100)})(c)
	}
}

// NoJitter waits exactly what the schedule says: for tests, and for callers who are alone. Schedule and FromBackOff have no jitter
// unless another option says so.
func NoJitter() Option { return with(exact) }

func with(j jitter) Option {
	return func(c *config) error {
		c.schedule.jitter, c.schedule.jittered = j.drawingAs(c.schedule.jitter), true
		return nil
	}
}

// drawingAs returns the jitter with the dice of another.
func (j jitter) drawingAs(other jitter) jitter {
	j.dice = other.dice
	return j
}

// apply draws a wait.
func (j jitter) apply(wait time.Duration) time.Duration {
	return plus(scale(wait, j.low), j.upTo(j.spread(wait)))
}

// spread is how far apart the jitter draws.
func (j jitter) spread(wait time.Duration) time.Duration {
	return scale(wait, j.high) - scale(wait, j.low)
}

// scale multiplies without overflow, and without rounding where there is nothing to do.
func scale(d time.Duration, by float64) time.Duration {
	if by == 1 {
		return d
	}
	if scaled := float64(d) * by; scaled < math.MaxInt64 {
		return time.Duration(scaled)
	}
	return math.MaxInt64
}

// plus adds without overflow.
func plus(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// upTo draws from zero to limit, both included.
func (j jitter) upTo(limit time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	most := uint64(limit) + 1
	if j.dice != nil {
		return time.Duration(j.dice.Uint64N(most))
	}
	return time.Duration(rand.Uint64N(most))
}
