package breaker

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] makes, and [Breaker.Update] what is there.
type Option func(*config) error

// Name sets what errors, telemetry and Pipeline.String call the breaker: "breaker" unless set.
func Name(name string) Option {
	return func(c *config) error {
		if name == "" {
			return refuse.Value("breaker", "Name", `""`, "a name")
		}
		if c.live && name != c.name {
			return fmt.Errorf("breaker: Name(%q): %q is in use under its name: make another breaker", name, c.name)
		}
		c.name = name
		return nil
	}
}

// Window sets how far back calls count: 10 s unless set, from 1 s to 1 h. It moves in steps of a tenth.
func Window(window time.Duration) Option {
	return func(c *config) error {
		if window < minWindow || window > maxWindow {
			return refuse.Value("breaker", "Window", window, fmt.Sprintf("from %v to %v", minWindow, maxWindow))
		}
		c.span, c.count = window, 0
		return nil
	}
}

// CountWindow counts the last calls, however long ago they were, in place of those of a time. It suits dependencies with little and
// steady traffic; failures of long ago count until enough calls have pushed them out. Up to 1,048,576 calls, 4 bytes each.
func CountWindow(calls int) Option {
	return func(c *config) error {
		if calls < 1 || calls > maxCount {
			return refuse.Value("breaker", "CountWindow", calls, fmt.Sprintf("from 1 to %d", maxCount))
		}
		c.count = int32(calls)
		return nil
	}
}

// MinCalls sets how many calls the window must hold before a rate is believed: 20 unless set, or the whole of a smaller CountWindow.
func MinCalls(calls int) Option {
	return func(c *config) error {
		if err := refuse.AtLeast("breaker", "MinCalls", calls, 1); err != nil {
			return err
		}
		c.minCalls, c.set.minCalls = uint64(calls), true
		return nil
	}
}

// FailureRate sets the share of calls that must fail for the breaker to open: 0.5 unless set. It is kept in millionths; a rate
// equal to it opens.
func FailureRate(rate float64) Option {
	return func(c *config) error {
		if err := refuse.Ratio("breaker", "FailureRate", rate); err != nil {
			return err
		}
		c.failureRate = uint32(refuse.PartsBelow(rate))
		return nil
	}
}

// NoFailureRate leaves the opening to failures in a row, whatever the traffic, and to slow calls.
func NoFailureRate() Option {
	return func(c *config) error {
		c.failureRate = 0
		return nil
	}
}

// ConsecutiveFailures sets how many calls must fail in a row for the breaker to open while the window holds fewer than MinCalls: 5 unless
// set; zero for none. A copy of a hedged call that was slow, and overtaken, counts as well. A success resets the count, time does not. Inside a retry each attempt counts: with
// three attempts, the second failing call opens it.
func ConsecutiveFailures(calls int) Option {
	return func(c *config) error {
		if err := refuse.AtLeast("breaker", "ConsecutiveFailures", calls, 0); err != nil {
			return err
		}
		c.consecutive = uint64(calls)
		return nil
	}
}

// SlowCalls opens the breaker when a share of the calls takes longer than a time, however they end. Unless set, only copies that a
// hedge has overtaken count as slow, at a rate of 0.9.
func SlowCalls(after time.Duration, rate float64) Option {
	return func(c *config) error {
		if err := errors.Join(refuse.Positive("breaker", "SlowCalls", after), refuse.Ratio("breaker", "SlowCalls", rate)); err != nil {
			return err
		}
		c.slow, c.slowRate = after, uint32(refuse.PartsBelow(rate))
		return nil
	}
}

// NoSlowCalls undoes SlowCalls: only copies that a hedge has overtaken are slow, at a rate of 0.9.
func NoSlowCalls() Option {
	return func(c *config) error {
		c.slow, c.slowRate = 0, usualSlowRate
		return nil
	}
}

// OpenTime sets how long the breaker stays open the first time: 5 s unless set.
func OpenTime(first time.Duration) Option {
	return func(c *config) error {
		c.openTime = first
		return refuse.Positive("breaker", "OpenTime", first)
	}
}

// OpenTimeGrowth sets how many times longer the breaker stays open each time it opens again without having closed, and for how long at
// most: 2 and 10 s (or OpenTime, where that is longer) unless set. A factor of 1 is no growth. A longer limit spares a dependency that is
// down a few probes, and keeps callers from one that is back.
func OpenTimeGrowth(factor float64, limit time.Duration) Option {
	return func(c *config) error {
		if math.IsNaN(factor) || math.IsInf(factor, 0) || factor < 1 {
			return refuse.Value("breaker", "OpenTimeGrowth", fmt.Sprintf("%v, %v", factor, limit), "given a factor of at least 1")
		}
		c.growth, c.maxOpenTime, c.set.growth = factor, limit, true
		return refuse.Positive("breaker", "OpenTimeGrowth", limit)
	}
}

// OpenTimeJitter sets by which share the open time varies to both sides, so that many breakers do not probe at the same moment: 0.1
// unless set; zero for none. It is applied after the limit of OpenTimeGrowth.
func OpenTimeJitter(share float64) Option {
	return func(c *config) error {
		if math.IsNaN(share) || share < 0 || share >= 1 {
			return refuse.Value("breaker", "OpenTimeJitter", share, "0, or a share below 1")
		}
		c.openJitter = share
		return nil
	}
}

// Probes sets how many probes a half-open breaker has out at most, and how many must have reported for it to close: 5 unless set, up to
// 1024.
func Probes(n int) Option {
	return func(c *config) error {
		if n < 1 || n > maxProbes {
			return refuse.Value("breaker", "Probes", n, fmt.Sprintf("from 1 to %d", maxProbes))
		}
		c.probes = int32(n)
		return nil
	}
}

// ProbeLease sets how long a probe may take before it counts as failed and another may go in its place: 10 s unless set. Zero lets it
// take for ever: then a probe that is lost keeps its place for ever.
func ProbeLease(lease time.Duration) Option {
	return func(c *config) error {
		if lease < 0 {
			return refuse.Value("breaker", "ProbeLease", lease, "zero or above")
		}
		c.probeLease = lease
		return nil
	}
}

// ProbeFailureRate sets the share of probes that must fail for a half-open breaker to open again: that of FailureRate unless set (0.5
// where there is none). The smallest, 0.000001, is any probe.
func ProbeFailureRate(rate float64) Option {
	return func(c *config) error {
		if err := refuse.Ratio("breaker", "ProbeFailureRate", rate); err != nil {
			return err
		}
		c.probeRate = uint32(refuse.PartsBelow(rate))
		return nil
	}
}

// MinPatience leaves a timeout uncounted where the deadline that passed, the caller's or one around the breaker, had given the dependency
// less than this: one impatient caller cannot open the breaker for all. A timeout inside of the breaker counts however short it is. Who
// drives the breaker by hand marks the error: fault.End(err, fault.ClassTimeout). Off unless set. It costs a clock reading for calls
// with a deadline.
func MinPatience(patience time.Duration) Option {
	return func(c *config) error {
		c.patience = patience
		return refuse.Positive("breaker", "MinPatience", patience)
	}
}

// NoMinPatience undoes MinPatience: a timeout counts whatever time the deadline had given.
func NoMinPatience() Option {
	return func(c *config) error {
		c.patience = 0
		return nil
	}
}

// Ramp lets the load come back over a time after the probes have closed the breaker: a tenth of the calls at first, all of them in the
// end; the others are refused. Unless set, all calls go at once.
func Ramp(over time.Duration) Option {
	return func(c *config) error {
		c.ramp = over
		return refuse.Positive("breaker", "Ramp", over)
	}
}

// NoRamp undoes Ramp: all calls go once the probes have closed the breaker.
func NoRamp() Option {
	return func(c *config) error {
		c.ramp = 0
		return nil
	}
}

// Classify sets the breaker's own opinion of errors, asked in place of fault.Of. Classify(fault.Of) undoes it.
func Classify(classifier fault.Classifier) Option {
	return func(c *config) error {
		if classifier == nil {
			return refuse.Value("breaker", "Classify", "nil", "a function from an error to its class")
		}
		c.classify = classifier
		return nil
	}
}

// CountAs counts the ends of one class as another counts: what a breaker makes of each is in the documentation of package ductile.
// CountAs(fault.ClassCanceled, fault.ClassTransient) makes a failure of a caller who has gone, CountAs(fault.ClassAborted,
// fault.ClassIgnored) nothing of a panic. It is applied after Classify. CountAs(class, class) undoes it.
func CountAs(class, as fault.Class) Option {
	return func(c *config) error {
		if class == fault.ClassSuccess || !class.Valid() || !as.Valid() {
			return refuse.Value("breaker", "CountAs", fmt.Sprintf("%v, %v", class, as), "given two classes, the first not success")
		}
		countAs := maps.Clone(c.countAs) // which a breaker may be reading
		if countAs == nil {
			countAs = make(map[fault.Class]fault.Class)
		}
		countAs[class] = as
		c.countAs = countAs
		return nil
	}
}

// OnTransition adds a listener, told of each change of state in order, outside all locks, on the goroutine of a call (or of whoever
// calls Isolate and its siblings). It may use the breaker. If it panics, so does that call, after its permits have gone back. While
// it hangs, up to 64 transitions wait, and older ones are counted in Transition.Missed.
func OnTransition(listener func(Transition)) Option {
	return func(c *config) error {
		if listener == nil {
			return refuse.Value("breaker", "OnTransition", "nil", "a function")
		}
		if c.live {
			return fmt.Errorf("breaker: OnTransition(a function): %q is there already: use Listen", c.name)
		}
		if before := c.onTransition; before != nil {
			c.onTransition = func(t Transition) {
				defer listener(t) // also where the one before panics
				before(t)
			}
			return nil
		}
		c.onTransition = listener
		return nil
	}
}
