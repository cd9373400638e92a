package retry

import (
	"fmt"
	"math"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// Exponential waits base after the first attempt and factor times longer after each that follows, up to limit: 100 ms, 2 and 5 s unless
// set. The jitter is applied to what this gives.
func Exponential(base time.Duration, factor float64, limit time.Duration) Option {
	return func(c *config) error {
		if math.IsNaN(factor) || math.IsInf(factor, 0) || factor < 1 {
			return refuse.Value("retry", "Exponential", fmt.Sprintf("%v, %v, %v", base, factor, limit), "given a factor of at least 1")
		}
		c.schedule.use(schedule{kind: exponential, base: base, factor: factor, limit: limit})
		return rising("Exponential", fmt.Sprintf("%v, %v, %v", base, factor, limit), base, limit)
	}
}

// Constant waits the same after each attempt, before jitter: zero repeats at once.
func Constant(wait time.Duration) Option {
	return func(c *config) error {
		if wait < 0 {
			return refuse.Value("retry", "Constant", wait, "zero or above")
		}
		c.schedule.use(schedule{kind: constant, base: wait, limit: wait})
		return nil
	}
}

// Linear waits base after the first attempt and step longer after each that follows, up to limit, before jitter.
func Linear(base, step, limit time.Duration) Option {
	return func(c *config) error {
		if step < 0 {
			return refuse.Value("retry", "Linear", fmt.Sprintf("%v, %v, %v", base, step, limit), "given a step of zero or above")
		}
		c.schedule.use(schedule{kind: linear, base: base, step: step, limit: limit})
		return rising("Linear", fmt.Sprintf("%v, %v, %v", base, step, limit), base, limit)
	}
}

// Decorrelated waits a random time between base and three times the last wait, up to limit. It is jittered by nature, and heeds no
// jitter option. It costs an allocation for each call.
func Decorrelated(base, limit time.Duration) Option {
	return func(c *config) error {
		c.schedule.use(schedule{kind: decorrelated, base: base, limit: limit})
		return rising("Decorrelated", fmt.Sprintf("%v, %v", base, limit), base, limit)
	}
}

// Schedule waits what a function returns for each repeat (from 1), or OverloadBase where that is longer and the dependency overloaded;
// less than zero ends the call. It is jittered only where a jitter
// option says so. It is called by many goroutines at once.
func Schedule(wait func(retry int) time.Duration) Option {
	return func(c *config) error {
		if wait == nil {
			return refuse.Value("retry", "Schedule", "nil", "a function from the repeat's number to the wait before it")
		}
		c.schedule.use(schedule{kind: own, own: wait})
		return nil
	}
}

// A BackOff is a schedule with a state, as those of github.com/cenkalti/backoff are in each of its major versions. A negative wait ends
// the call.
type BackOff interface {
	// NextBackOff returns the wait before the next attempt.
	NextBackOff() time.Duration
	// Reset begins the schedule anew. It is called before a call's first attempt, and when the dependency has decided on a wait itself
	// (fault.Pushback). Limits of the BackOff's own begin anew with it, but not Attempts and Elapsed.
	Reset()
}

// FromBackOff waits what a BackOff says, or OverloadBase where that is longer and the dependency overloaded. The factory is called for
// each call, since a BackOff serves one at a time. It is jittered only where a jitter option says so, over what it does itself.
func FromBackOff[B BackOff](factory func() B) Option {
	return func(c *config) error {
		if factory == nil {
			return refuse.Value("retry", "FromBackOff", "nil", "a function that returns a new BackOff")
		}
		c.schedule.use(schedule{kind: foreign, backoff: func() BackOff { return factory() }})
		return nil
	}
}

// OverloadBase sets what the wait begins with where the dependency is overloaded and does not say for how long: 1 s unless set. Zero
// treats it like any other failure. A base above the schedule's limit is the wait.
func OverloadBase(base time.Duration) Option {
	return func(c *config) error {
		if base < 0 {
			return refuse.Value("retry", "OverloadBase", base, "zero or above")
		}
		c.schedule.overload = base
		return nil
	}
}

// rising refuses a schedule that does not rise from above zero to its limit.
func rising(option, values string, base, limit time.Duration) error {
	if base <= 0 || limit < base {
		return refuse.Value("retry", option, values, "given a base above zero and a limit that is not below it")
	}
	return nil
}
