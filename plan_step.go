package ductile

import (
	"math"
	"time"

	"github.com/ductile-go/ductile/budget"
)

// A step is what a Plan knows of one policy in its place. What a policy of its shape does not do is one, zero, or no bound.
type step struct {
	name  string
	shape shape
	known bool // the policy says what follows

	runs     int           // how often what is inside is made, for each time the policy is reached
	parallel int           // how many of these at once
	admits   int           // how many calls are inside at once, whoever makes them
	wait     time.Duration // for permits, between attempts, or for the fallback, in all
	backoff  time.Duration // the same, where the dependency asks for nothing
	within   time.Duration // when the last attempt begins
	limit    time.Duration // how long what is inside may take
	detached bool
	shortest time.Duration // between two copies
	longest  time.Duration
	budget   *budget.Budget // nil where nothing bounds the extra load

	left    time.Duration // what the deadlines around it allow
	limited bool          // there is one, which may not say how much
	inside  Layer         // what is next
	usual   time.Duration // the latency of that, where the dependency asks for nothing
}

type shape uint8

const (
	gates shape = iota
	retriers
	deadlines
	fallbacks
	hedgers
	middlewares
)

// stepOf asks a policy what it does at worst.
func stepOf(policy Policy) step {
	const never = time.Duration(math.MaxInt64)
	s := step{name: policy.Name(), runs: 1, parallel: 1, admits: math.MaxInt, within: never, limit: never, longest: never}
	if b, ok := policy.(budgeted); ok {
		s.budget = b.Budget()
	}
	switch policy := policy.(type) {
	case Gate:
		s.shape, s.wait = gates, never
		if w, ok := policy.(interface{ Worst() (int, time.Duration) }); ok {
			s.admits, s.wait = w.Worst()
			s.known = true
		}
		s.backoff = s.wait
	case Retrier:
		s.shape, s.runs, s.wait, s.backoff = retriers, math.MaxInt, never, never
		if w, ok := policy.(interface {
			Worst() (int, time.Duration, time.Duration, time.Duration)
		}); ok {
			s.runs, s.backoff, s.wait, s.within = w.Worst()
			s.known = true
		}
	case Deadline:
		s.shape = deadlines
		if d, ok := policy.(interface{ Detached() bool }); ok {
			s.detached = d.Detached()
		}
		var w interface{ Worst() time.Duration }
		if w, s.known = policy.(interface{ Worst() time.Duration }); s.known {
			s.limit = w.Worst()
		}
		if s.limit <= 0 { // which is no limit
			s.limit = never
		}
	case Fallback:
		s.shape, s.wait = fallbacks, never
		var w interface{ Worst() time.Duration }
		if w, s.known = policy.(interface{ Worst() time.Duration }); s.known {
			s.wait = w.Worst()
		}
		s.backoff = s.wait
	case Hedger:
		s.shape, s.runs, s.parallel = hedgers, math.MaxInt, math.MaxInt
		if w, ok := policy.(interface {
			Worst() (int, time.Duration, time.Duration)
		}); ok {
			s.runs, s.shortest, s.longest = w.Worst()
			s.parallel, s.known = s.runs, true
		}
	case Middleware:
		s.shape, s.runs, s.parallel, s.wait = middlewares, math.MaxInt, math.MaxInt, never
		if w, ok := policy.(interface {
			Worst() (int, int, time.Duration)
		}); ok {
			s.runs, s.parallel, s.wait = w.Worst()
			s.known = true
		}
		s.backoff = s.wait
	}
	s.grant()
	return s
}

// grant takes the repeats away from a policy whose budget never grants one.
func (s *step) grant() {
	if s.budget == nil {
		return
	}
	share, floor := s.budget.Terms()
	switch {
	case math.IsInf(share, 1):
		s.budget = nil
	case share == 0 && (floor == 0 || s.shape == hedgers):
		s.runs, s.parallel = 1, 1
		s.wait, s.backoff = 0, 0
	}
}

// latency returns how long the step takes, where what is inside takes so long, its waits do, and so much time is between its copies.
func (s *step) latency(inside, waits, between time.Duration) time.Duration {
	switch s.shape {
	case deadlines:
		return min(s.limit, inside)
	case retriers:
		return min(plus(last(s.runs, inside), waits), plus(s.within, inside))
	case hedgers: // a copy starts when the one before it is slow, or has failed
		return plus(last(s.runs-1, min(between, inside)), inside)
	default:
		return plus(last(s.runs, inside), waits)
	}
}

// deaf is latency where the function does not heed its context. Where nothing inside is without a bound, a timeout holds all the same.
func (s *step) deaf(inside time.Duration) time.Duration {
	if s.shape == deadlines && !s.detached && inside == math.MaxInt64 {
		return inside
	}
	return s.latency(inside, s.wait, s.longest)
}

// atOnce returns how many runs of what is inside are made at the same time. The next copy starts beside one only when that has been slow,
// and as far as the time goes.
func (s *step) atOnce() int {
	if s.shape != hedgers || s.shortest <= 0 || s.runs <= 1 {
		return s.parallel
	}
	if s.inside.Latency < s.shortest {
		return 1
	}
	room := min(s.left, s.latency(s.inside.Latency, 0, s.longest)) - 1
	if beside := int64(room / s.shortest); beside < int64(s.parallel)-1 {
		return int(beside) + 1
	}
	return s.parallel
}

// times multiplies two counts, and stops at the highest.
func times(a, b int) int {
	if a > 0 && b > math.MaxInt/a {
		return math.MaxInt
	}
	return a * b
}

// last returns how long so many take of which each takes so long, and stops at the end of time.
func last(n int, each time.Duration) time.Duration {
	if n > 0 && int64(each) > math.MaxInt64/int64(n) {
		return math.MaxInt64
	}
	return time.Duration(n) * each
}

// plus adds two times, and stops at the end of time.
func plus(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
