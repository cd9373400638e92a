package timeout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] and [From] make, and by [Policy.Update] what they have made.
type Option func(*config) error

// config is what a timeout goes by. Once it is in a Policy it is never written again.
type config struct {
	name     string
	after    time.Duration
	from     func(context.Context) time.Duration // nil for after
	classify fault.Classifier
	detached bool

	inUse bool // it is in a Policy: what is applied to it now is an Update's
}

// After sets how long a call may take, in place of what New was given: for Update. A timeout of [From] refuses it, since its function is asked
// on each call: change what that returns.
func After(after time.Duration) Option {
	return func(c *config) error {
		if err := refuse.Positive("timeout", "After", after); err != nil {
			return err
		}
		if c.from != nil {
			return fmt.Errorf("timeout: After(%v): %q asks a function for each call: change what that returns", after, c.name)
		}
		c.after = after
		return nil
	}
}

// Name sets what errors, telemetry and Pipeline.String call the timeout: "timeout" unless set. Give two in
// one pipeline names of their own where it matters which of them passed.
func Name(name string) Option {
	return func(c *config) error {
		if name == "" {
			return refuse.Value("timeout", "Name", `""`, "a name")
		}
		if c.inUse && name != c.name {
			return fmt.Errorf("timeout: Name(%q): %q is in use under its name: make another timeout", name, c.name)
		}
		c.name = name
		return nil
	}
}

// Classify sets the timeout's own opinion of errors, asked in place of fault.Of: what is permanent or ignored is an answer, however late.
// Classify(fault.Of) takes it back.
func Classify(classifier fault.Classifier) Option {
	return func(c *config) error {
		if classifier == nil {
			return refuse.Value("timeout", "Classify", "nil", "a function from an error to its class")
		}
		c.classify = classifier
		return nil
	}
}

// Detached makes a timeout that does not wait: when the time is up, the call ends, and a function that does not heed its context goes on
// alone on a goroutine of its own, holding the permits of policies inside the timeout until it returns. It is for functions that cannot be
// interrupted, such as those of a C library; it costs a goroutine for each call, and only concurrent pipelines take it: see
// ductile.NewConcurrent. Bound how many are left behind by a bulkhead inside of it.
func Detached() Option {
	return func(c *config) error {
		if c.inUse && !c.detached {
			return fmt.Errorf("timeout: Detached(): %q is in pipelines that were made for one that waits: make another timeout", c.name)
		}
		c.detached = true
		return nil
	}
}

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(after time.Duration, options ...Option) error {
	_, err := configure(config{after: after}, options)
	return errors.Join(refuse.Positive("timeout", "New", after), err)
}

func configure(c config, options []Option) (config, error) {
	c.name = "timeout"
	err := refuse.Apply("timeout", &c, options)
	return c, err
}
