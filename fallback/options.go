package fallback

import (
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/classes"
	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what a fallback answers for.
type Option func(*config) error

type config struct {
	name     string
	on       classes.Set
	onSet    bool
	classify fault.Classifier
}

// Name sets what errors, telemetry, reports and Pipeline.String call the fallback: "fallback" unless set.
func Name(name string) Option {
	return func(c *config) error {
		if name == "" {
			return refuse.Value("fallback", "Name", `""`, "a name")
		}
		c.name = name
		return nil
	}
}

// On sets which classes the fallback answers for: transient, timeout, overload and rejected unless set. A panic and a Goexit are never
// answered, and a success or a superseded copy has nothing to answer.
func On(list ...fault.Class) Option {
	return func(c *config) error {
		on, err := classes.Choose("fallback", list, fault.ClassPermanent, fault.ClassIgnored, fault.ClassTransient, fault.ClassTimeout,
			fault.ClassOverload, fault.ClassRejected, fault.ClassCanceled)
		c.on, c.onSet = on, true
		return err
	}
}

// Classify sets the fallback's own opinion of errors, asked in place of fault.Of: an error of a class that On does not name is
// returned as it is.
func Classify(classifier fault.Classifier) Option {
	return func(c *config) error {
		if classifier == nil {
			return refuse.Value("fallback", "Classify", "nil", "a function from an error to its class")
		}
		c.classify = classifier
		return nil
	}
}

// Validate returns what the options would make Value and Chain panic with, or nil: for values that come from flags or files. (Func and Run
// take no On(fault.ClassCanceled) besides.)
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	c := config{name: "fallback", on: classes.Of(fault.ClassTransient, fault.ClassTimeout, fault.ClassOverload, fault.ClassRejected)}
	err := refuse.Apply("fallback", &c, options)
	return c, err
}

func mustConfigure(options []Option) config {
	c, err := configure(options)
	if err != nil {
		panic(err)
	}
	return c
}
