package retry

import (
	"fmt"
	"math"
	"time"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/classes"
	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] makes, and by [Policy.Update] what it has made.
type Option func(*config) error

// config is what a retry goes by. Once it is in a Policy it is never written again.
type config struct {
	name     string
	attempts int
	elapsed  time.Duration
	schedule schedule
	maxHint  time.Duration
	budget   *budget.Budget
	on       classes.Set
	classify fault.Classifier
	onRetry  []func(Event)

	inUse bool // it is in a Policy: what is applied to it now is an Update's
}

// Name sets what errors, telemetry and Pipeline.String call the retry: "retry" unless set.
func Name(name string) Option {
	return func(c *config) error {
		if name == "" {
			return refuse.Value("retry", "Name", `""`, "a name")
		}
		if c.inUse && name != c.name {
			return fmt.Errorf("retry: Name(%q): %q is in use under its name: make another retry", name, c.name)
		}
		c.name = name
		return nil
	}
}

// Attempts sets how many attempts a call has in all, the first included: 3 unless set; 1 is no retry.
func Attempts(n int) Option {
	return func(c *config) error {
		c.attempts = n
		return refuse.AtLeast("retry", "Attempts", n, 1)
	}
}

// UnlimitedAttempts leaves the number of attempts to the other limits: the elapsed time, the caller's deadline and the budget.
func UnlimitedAttempts() Option { return Attempts(math.MaxInt) }

// Elapsed limits the time in which attempts may begin, from the beginning of the first. Unless set there is no such limit but the
// caller's deadline. [NoElapsed] takes it back.
func Elapsed(limit time.Duration) Option {
	return func(c *config) error {
		c.elapsed = limit
		return refuse.Positive("retry", "Elapsed", limit)
	}
}

// NoElapsed leaves the time in which attempts may begin to the caller's deadline, as it is unless Elapsed is set.
func NoElapsed() Option {
	return func(c *config) error {
		c.elapsed = 0
		return nil
	}
}

// MaxHint limits how long the dependency may ask to be left alone: 30 s unless set. A longer hint (fault.RetryAfter, as HTTP's
// Retry-After) or decision (fault.Pushback, as gRPC's grpc-retry-pushback-ms) ends the call at once, and is still in the error. Zero
// ends it at any above zero.
func MaxHint(limit time.Duration) Option {
	return func(c *config) error {
		if limit < 0 {
			return refuse.Value("retry", "MaxHint", limit, "zero or above")
		}
		c.maxHint = limit
		return nil
	}
}

// Budget sets what repeats draw on, in place of the budget of the pipeline: share one between pipelines that load the same
// dependency. budget.Unlimited() takes the bound away.
func Budget(b *budget.Budget) Option {
	return func(c *config) error {
		if b == nil {
			return refuse.Value("retry", "Budget", "nil", "a budget: budget.New(), budget.Unlimited(), budget.None()")
		}
		if c.inUse && b != c.budget {
			return fmt.Errorf("retry: Budget(another): %q is in pipelines that deposit into the one that it has: make another retry", c.name)
		}
		c.budget = b
		return nil
	}
}

// On sets which classes are repeated: transient, timeout and overload unless set. What is marked by fault.Final is not repeated in any.
func On(list ...fault.Class) Option {
	return func(c *config) error {
		on, err := classes.Choose("retry", list, fault.ClassPermanent, fault.ClassIgnored, fault.ClassTransient, fault.ClassTimeout,
			fault.ClassOverload, fault.ClassRejected)
		c.on = on
		return err
	}
}

// Classify sets the retry's own opinion of errors, asked in place of fault.Of. It does not overrule fault.Final or fault.Pushback: they
// are no classes. Classify(fault.Of) takes it back.
func Classify(classifier fault.Classifier) Option {
	return func(c *config) error {
		if classifier == nil {
			return refuse.Value("retry", "Classify", "nil", "a function from an error to its class")
		}
		c.classify = classifier
		return nil
	}
}

// An Event tells a listener of an attempt to come.
type Event struct {
	Attempt int           // its number: 2 is the first repeat
	Wait    time.Duration // until it begins
	Class   fault.Class   // of what failed
	Err     error         // what failed
}

// OnRetry adds a listener, called on the caller's goroutine before each wait. If it panics, so does the call.
func OnRetry(listener func(Event)) Option {
	return func(c *config) error {
		if listener == nil {
			return refuse.Value("retry", "OnRetry", "nil", "a function")
		}
		if c.inUse {
			return fmt.Errorf("retry: OnRetry(a function): the listeners of %q were set when it was made: give it to New", c.name)
		}
		c.onRetry = append(c.onRetry, listener)
		return nil
	}
}

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	c := config{
		name:     "retry",
		attempts: 3,
		schedule: defaultSchedule(),
		maxHint:  30 * time.Second,
		on:       classes.Of(fault.ClassTransient, fault.ClassTimeout, fault.ClassOverload),
	}
	err := refuse.Apply("retry", &c, options)
	return c, err
}
