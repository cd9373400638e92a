package safemode

import (
	"fmt"
	"math"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// Window sets how far back calls count for engaging: 10 s unless set, from 1 s to 1 h. It moves in steps of a tenth.
func Window(window time.Duration) AutomaticOption {
	return func(a *automatic) error {
		if window < minWindow || window > maxWindow {
			return refuse.Value("safemode", "Window", window, fmt.Sprintf("from %v to %v", minWindow, maxWindow))
		}
		a.window = window
		return nil
	}
}

// MinCalls sets how many calls the window must hold before the share that failed is believed: 20 unless set. With less traffic the mode
// never engages itself.
func MinCalls(calls int) AutomaticOption {
	return func(a *automatic) error {
		a.minCalls = uint64(max(calls, 1))
		return refuse.AtLeast("safemode", "MinCalls", calls, 1)
	}
}

// FailureRate sets the share of calls that must fail for the mode to engage: 0.5 unless set. It is kept in millionths; a rate equal to it
// engages.
func FailureRate(rate float64) AutomaticOption {
	return func(a *automatic) error {
		if err := refuse.Ratio("safemode", "FailureRate", rate); err != nil {
			return err
		}
		a.failureRate = refuse.PartsBelow(rate)
		return nil
	}
}

// Sustain sets for how long the share must stay at FailureRate or above before the mode goes a level further: 10 s unless set; zero for
// at once.
func Sustain(sustain time.Duration) AutomaticOption {
	return func(a *automatic) error {
		if sustain < 0 {
			return refuse.Value("safemode", "Sustain", sustain, "zero or above")
		}
		a.sustain = sustain
		return nil
	}
}

// EngagedFor sets for how long the mode keeps a level, the first time, before it tries to leave it: 30 s unless set.
func EngagedFor(first time.Duration) AutomaticOption {
	return func(a *automatic) error {
		a.engaged = first
		return refuse.Positive("safemode", "EngagedFor", first)
	}
}

// EngagedGrowth sets how many times longer the mode keeps a level each time that leaving has failed, or that it engages again within the
// limit, and for how long at most: 2 and 5 min (or EngagedFor, where that is longer) unless set. A factor of 1 is no growth.
func EngagedGrowth(factor float64, limit time.Duration) AutomaticOption {
	return func(a *automatic) error {
		if math.IsNaN(factor) || math.IsInf(factor, 0) || factor < 1 {
			return refuse.Value("safemode", "EngagedGrowth", fmt.Sprintf("%v, %v", factor, limit), "given a factor of at least 1")
		}
		a.growth, a.limit, a.set.growth = factor, limit, true
		return refuse.Positive("safemode", "EngagedGrowth", limit)
	}
}

// EngagedJitter sets by which share that time varies to both sides, so that many instances do not probe at the same moment: 0.1 unless
// set; zero for none. It is applied after the limit of EngagedGrowth.
func EngagedJitter(share float64) AutomaticOption {
	return func(a *automatic) error {
		if math.IsNaN(share) || share < 0 || share >= 1 {
			return refuse.Value("safemode", "EngagedJitter", share, "0, or a share below 1")
		}
		a.jitter = share
		return nil
	}
}

// Probes sets how many probes are out at most, and how many must have reported before the steps begin: 5 unless set, up to 1024.
func Probes(n int) AutomaticOption {
	return func(a *automatic) error {
		if n < 1 || n > maxProbes {
			return refuse.Value("safemode", "Probes", n, fmt.Sprintf("from 1 to %d", maxProbes))
		}
		a.probes = n
		return nil
	}
}

// ProbeLease sets how long a probe may take before it counts as failed and another may go in its place: 10 s unless set.
func ProbeLease(lease time.Duration) AutomaticOption {
	return func(a *automatic) error {
		a.lease = lease
		return refuse.Positive("safemode", "ProbeLease", lease)
	}
}

// ReleaseRate sets the share of the probes, or of the calls of a step, that must fail for the mode to wait again: half of FailureRate
// unless set. The smallest, 0.000001, is any. The distance to FailureRate keeps a dependency that is half well from being switched to and
// fro, so it cannot be above that.
func ReleaseRate(rate float64) AutomaticOption {
	return func(a *automatic) error {
		if err := refuse.Ratio("safemode", "ReleaseRate", rate); err != nil {
			return err
		}
		a.releaseRate, a.set.releaseRate = refuse.PartsBelow(rate), true
		return nil
	}
}

// Steps sets which share of the calls goes in each step, as one call in so many: 10, 4 and 2 unless set. Each must let through more than
// the one before; there are at least one, and at most 1 in 1024. The number of calls is exact, which of them go is chance. Besides these go
// the calls that the step needs: see StepAtLeast.
func Steps(oneIn ...int) AutomaticOption {
	return func(a *automatic) error {
		const allowed = "given falling numbers from 1024 to 1, at least one"
		steps := make([]uint64, len(oneIn))
		for i, n := range oneIn {
			if n < 1 || n > maxOneIn || i > 0 && n >= oneIn[i-1] {
				return refuse.Value("safemode", "Steps", fmt.Sprint(oneIn), allowed)
			}
			steps[i] = uint64(n)
		}
		if len(steps) == 0 {
			return refuse.Value("safemode", "Steps", "", allowed)
		}
		a.steps = steps
		return nil
	}
}

// StepAtLeast sets how long a step takes, and how many of the calls that it lets through must have ended, before the next begins: 3 s and
// 10 calls unless set. So many calls in that time go in any case, so that little traffic does not make it last.
func StepAtLeast(long time.Duration, calls int) AutomaticOption {
	return func(a *automatic) error {
		if err := refuse.AtLeast("safemode", "StepAtLeast", calls, 1); err != nil {
			return err
		}
		a.stepTime, a.stepCalls = long, uint64(calls)
		return refuse.Positive("safemode", "StepAtLeast", long)
	}
}

// Classify sets the mode's own opinion of errors, asked in place of fault.Of.
func Classify(classifier fault.Classifier) AutomaticOption {
	return func(a *automatic) error {
		if classifier == nil {
			return refuse.Value("safemode", "Classify", "nil", "a function from an error to its class")
		}
		a.classify = classifier
		return nil
	}
}

// CountAs counts the ends of one class as another counts. CountAs(fault.ClassRejected, fault.ClassIgnored) leaves out what policies
// inside have refused, which suits a mode around a limiter of the program's own. It is applied after Classify.
func CountAs(class, as fault.Class) AutomaticOption {
	return func(a *automatic) error {
		if class == fault.ClassSuccess || !class.Valid() || !as.Valid() {
			return refuse.Value("safemode", "CountAs", fmt.Sprintf("%v, %v", class, as), "given two classes, the first not success")
		}
		if a.countAs == nil { // a copy of the option's own, see clone
			a.countAs = make(map[fault.Class]fault.Class)
		}
		a.countAs[class] = as
		return nil
	}
}
