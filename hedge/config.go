package hedge

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/classes"
	"github.com/ductile-go/ductile/internal/refuse"
)

// config is what a hedge is set to. Once a hedge has it, it is not changed: each Update makes another, in a state of its own.
type config struct {
	name     string
	extra    int
	fixed    bool // the delay is after, not observed
	after    time.Duration
	share    uint64 // of answers that are not slow, in millionths
	samples  uint64 // as many as the share asks for, unless set
	minDelay time.Duration
	maxDelay time.Duration
	window   time.Duration
	budget   *budget.Budget
	on       classes.Set
	set      struct{ samples, minDelay bool } // by the user
	classify fault.Classifier
}

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	c := config{
		name: "hedge", extra: 1, share: refuse.Parts(defShare), maxDelay: math.MaxInt64,
		window: defWindow, on: classes.Of(fault.ClassTransient, fault.ClassTimeout),
	}
	err := c.apply(options)
	return c, err
}

// apply changes what options say, and works out anew what follows from the whole.
func (c *config) apply(options []Option) error {
	err := refuse.Apply("hedge", c, options)
	switch {
	case !c.set.minDelay:
		c.minDelay = min(defMinDelay, c.maxDelay)
	case c.minDelay > c.maxDelay:
		err = errors.Join(err, refuse.Value("hedge", "MinDelay", c.minDelay, fmt.Sprintf("at most MaxDelay, which is %v", c.maxDelay)))
	}
	if !c.set.samples {
		const whole = uint64(1 / refuse.Part)
		beyond := whole - c.share
		c.samples = max(defSamples, (defBeyond*whole+beyond-1)/beyond)
	}
	return err
}
