package hedge

import (
	"fmt"
	"math"
	"time"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/classes"
	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] makes.
type Option func(*config) error

// The bounds of what options take, and what they are unless set.
const (
	maxExtra  = 10
	minWindow = time.Second
	maxWindow = time.Hour

	defShare    = 0.95             // of Dean and Barroso: 5 % more load
	defSamples  = 100              // five of them beyond the 95th percentile
	defBeyond   = 5                // as many for a higher one
	defWindow   = 30 * time.Second // as long as Finagle's
	defMinDelay = time.Millisecond // Finagle's: below it a copy costs more than it saves
)

// Name sets what errors, telemetry and Pipeline.String call the hedge: "hedge" unless set.
func Name(name string) Option {
	return func(c *config) error {
		if name == "" {
			return refuse.Value("hedge", "Name", `""`, "a name")
		}
		c.name = name
		return nil
	}
}

// Extra sets how many copies a call may have besides the first: 1 unless set, up to 10, each one delay after the one before it. More are
// for calls that must not be slow even where two copies are. With 0 there are none, and the hedge only observes: its Snapshot then
// says what the delay would be.
func Extra(copies int) Option {
	return func(c *config) error {
		if copies < 0 || copies > maxExtra {
			return refuse.Value("hedge", "Extra", copies, fmt.Sprintf("from 0 to %d", maxExtra))
		}
		c.extra = copies
		return nil
	}
}

// Percentile sets which share of the answers of the last while are not slow, and so have no extra copy: 0.95, the 95th percentile,
// unless set. About the rest of it, 5 %, is the load that copies add. It takes the place of After.
func Percentile(share float64) Option {
	return func(c *config) error {
		if math.IsNaN(share) || share < refuse.Part || share > 1-refuse.Part {
			return refuse.Value("hedge", "Percentile", share, "a share of the answers, above 0 and below 1 (0.95 is the 95th percentile)")
		}
		c.share, c.fixed = refuse.Parts(share), false
		return nil
	}
}

// After sets a fixed delay in place of an observed one: for dependencies with too little traffic to observe, and for those whose
// latency you know better. Zero starts all copies at once. A delay that is too short for what the dependency does now makes copies of
// most calls, as far as the budget allows. MinDelay and MaxDelay, which are about what is observed, have no say in it.
func After(delay time.Duration) Option {
	return func(c *config) error {
		if delay < 0 {
			return refuse.Value("hedge", "After", delay, "zero or above")
		}
		c.after, c.fixed = delay, true
		return nil
	}
}

// MinSamples sets how many answers the window must hold for what was observed to be believed: 100 unless set, or as many as it takes
// for 5 to be beyond a higher percentile, 500 for the 99th.
func MinSamples(answers int) Option {
	return func(c *config) error {
		c.samples, c.set.samples = uint64(max(answers, 0)), true
		return refuse.AtLeast("hedge", "MinSamples", answers, 1)
	}
}

// MinDelay sets the shortest delay that may be observed: 1 ms unless set, or MaxDelay where that is shorter.
func MinDelay(delay time.Duration) Option {
	return func(c *config) error {
		if delay < 0 {
			return refuse.Value("hedge", "MinDelay", delay, "zero or above")
		}
		c.minDelay, c.set.minDelay = delay, true
		return nil
	}
}

// MaxDelay sets the longest delay that may be observed: none unless set. It is for outages in part. When one replica of ten hangs, a
// tenth of the calls outlast any delay, and it rises from window to window in search of one that only a twentieth do; with MaxDelay all
// of the tenth still have their copies early, as far as the budget allows.
func MaxDelay(delay time.Duration) Option {
	return func(c *config) error {
		if err := refuse.Positive("hedge", "MaxDelay", delay); err != nil {
			return err
		}
		c.maxDelay = delay
		return nil
	}
}

// NoMaxDelay takes MaxDelay back: none, as unless set.
func NoMaxDelay() Option {
	return func(c *config) error {
		c.maxDelay = math.MaxInt64
		return nil
	}
}

// Window sets how far back answers count: 30 s unless set, from 1 s to 1 h. It moves in steps of a third, so that it holds from two
// thirds of that time to the whole.
func Window(window time.Duration) Option {
	return func(c *config) error {
		if window < minWindow || window > maxWindow {
			return refuse.Value("hedge", "Window", window, fmt.Sprintf("from %v to %v", minWindow, maxWindow))
		}
		c.window = window
		return nil
	}
}

// Budget sets what copies draw on, in place of the budget of the pipeline: share one between pipelines that load the same dependency.
// budget.Unlimited() takes the bound away.
func Budget(b *budget.Budget) Option {
	return func(c *config) error {
		if b == nil {
			return refuse.Value("hedge", "Budget", "nil", "a budget: budget.New(), budget.Unlimited(), budget.None()")
		}
		c.budget = b
		return nil
	}
}

// On sets after which classes of a copy's end the next goes at once: transient and timeout unless set; overload and rejected can be added.
// After one that is not listed there is no further copy, nor after a final failure or one with a pushback (fault.Final, fault.Pushback).
func On(list ...fault.Class) Option {
	return func(c *config) error {
		on, err := classes.Choose("hedge", list, fault.ClassTransient, fault.ClassTimeout, fault.ClassOverload, fault.ClassRejected)
		c.on = on
		return err
	}
}

// Classify sets the hedge's own opinion of errors, asked in place of fault.Of. It does not overrule fault.Final or fault.Pushback: they
// are no classes.
func Classify(classifier fault.Classifier) Option {
	return func(c *config) error {
		if classifier == nil {
			return refuse.Value("hedge", "Classify", "nil", "a function from an error to its class")
		}
		c.classify = classifier
		return nil
	}
}
