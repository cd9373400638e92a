package safemode

import (
	"fmt"

	"github.com/ductile-go/ductile/internal/refuse"
)

type config struct {
	name      string
	automatic *automatic // nil for by hand only
	onChange  func(Change)
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
	err := refuse.Apply("safemode", &c, options)
	return c, err
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
// [AutomaticOption] for what it does and how to change that.
func Automatic(options ...AutomaticOption) Option {
	return func(c *config) error {
		a, err := automatically(options)
		c.automatic = a
		return err
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
func (c *config) String() string { return fmt.Sprintf("refuses unless normal; %s", c.changes()) }

// changes says how the level changes.
func (c *config) changes() string {
	if c.automatic == nil {
		return "by hand"
	}
	return "by hand, or " + c.automatic.String()
}
