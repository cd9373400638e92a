package safemode

import (
	"errors"
	"fmt"

	"github.com/ductile-go/ductile/internal/refuse"
)

type config struct {
	name      string
	automatic *automatic // nil where nobody has asked for it
	off       bool       // NoAutomatic has the last word
	onChange  func(Change)
}

// acts returns what the mode does by itself, nil for by hand only.
func (c *config) acts() *automatic {
	if c.off {
		return nil
	}
	return c.automatic
}

// An Option changes what [New] makes.
type Option func(*config) error

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	c := config{name: "safemode"}
	err := c.apply(options)
	return c, err
}

// apply changes what options say, and works out anew what follows from the whole. What has been the mode's before it does not touch.
func (c *config) apply(options []Option) error {
	before := c.automatic
	err := refuse.Apply("safemode", c, options)
	if c.automatic != before {
		err = errors.Join(err, c.automatic.complete())
	}
	return err
}

// Name sets what errors, telemetry and Pipeline.String call the mode: "safemode" unless set.
func Name(name string) Option {
	return func(c *config) error {
		if name == "" {
			return refuse.Value("safemode", "Name", `""`, "a name")
		}
		c.name = name
		return nil
	}
}

// Automatic lets the mode engage and release itself while nobody holds it. Without it, it does nothing but what a person says. See
// [AutomaticOption] for what it does and how to change that. A second one changes the options given, and leaves those of the first.
func Automatic(options ...AutomaticOption) Option {
	return func(c *config) error {
		a := c.automatic.clone()
		if err := refuse.Apply("safemode", a, options); err != nil {
			return err
		}
		c.automatic, c.off = a, false
		return nil
	}
}

// NoAutomatic takes Automatic back: the mode does nothing but what a person says. A later Automatic gives it back, with the options it had.
func NoAutomatic() Option {
	return func(c *config) error {
		c.off = true
		return nil
	}
}

// OnChange adds a listener, told of each change in order, outside all locks, on the goroutine of a call (or of whoever calls Engage and
// its siblings). It may use the mode. If it panics, so does that call, after its permits have gone back. While it hangs, up to 64 changes
// wait, and older ones are counted in Change.Missed.
func OnChange(listener func(Change)) Option {
	return func(c *config) error {
		if listener == nil {
			return refuse.Value("safemode", "OnChange", "nil", "a function")
		}
		if before := c.onChange; before != nil {
			c.onChange = func(change Change) {
				defer listener(change) // also where the one before panics
				before(change)
			}
			return nil
		}
		c.onChange = listener
		return nil
	}
}

// String returns what the mode does, for Pipeline.String.
func (m *Mode) String() string { return fmt.Sprintf("refuses unless normal; %s", m.changes()) }

// changes says how the level changes.
func (m *Mode) changes() string {
	if a := m.current.Load().auto; a != nil {
		return "by hand, or " + a.String()
	}
	return "by hand"
}
