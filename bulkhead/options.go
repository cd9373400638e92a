package bulkhead

import (
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] makes, or, by [Bulkhead.Update], what it made.
type Option func(*config) error

type config struct {
	name    string
	limit   int32
	queue   int32         // places; zero for no queue
	maxWait time.Duration // in the queue
}

// settings are what a bulkhead goes by: what was asked for, and the refusals that say so, made once, so that refusing allocates nothing.
type settings struct {
	config
	full, queueFull, hopeless FullError
}

func (c config) settle() *settings {
	return &settings{c, c.refusal(ReasonFull), c.refusal(ReasonQueueFull), c.refusal(ReasonDeadline)}
}

// noPlace returns the refusal of a call that finds no place to wait.
func (c *settings) noPlace() *FullError {
	if c.queue == 0 {
		return &c.full
	}
	return &c.queueFull
}

// The bounds of what New and the options take. The numbers share one word of 64 bits; more than a million calls at once, or in a
// queue, are a mistake long before they are a limit. So is a wait of 100, for which somebody forgot the unit.
const (
	maxCalls = 1 << 20
	minWait  = time.Microsecond
	maxWait  = 24 * time.Hour
)

// Name sets what errors, telemetry and Pipeline.String call the bulkhead: "bulkhead" unless set.
func Name(name string) Option {
	return func(c *config) error {
		if name == "" {
			return refuse.Value("bulkhead", "Name", `""`, "a name")
		}
		c.name = name
		return nil
	}
}

// Limit sets how many calls are admitted at once, from 1 to 1,048,576, in place of the number that New was given.
func Limit(n int) Option {
	return func(c *config) error { return c.admit("Limit", n) }
}

// admit sets the limit, for an option or for New.
func (c *config) admit(option string, limit int) error {
	if limit < 1 || limit > maxCalls {
		return refuse.Value("bulkhead", option, limit, fmt.Sprintf("from 1 to %d (for no limit, leave the bulkhead out)", maxCalls))
	}
	c.limit = int32(limit)
	return nil
}

// Queue lets up to n calls wait for a permit, from 1 to 1,048,576, each up to a time from 1 µs to 24 h. Unless set none waits.
//
// Who came first goes first, and nobody who comes later takes a permit before. A wait ends at the deadline of the caller's context, if
// that is sooner, and as soon as the context is canceled. Where a queue longer than the limit moves too slowly for a caller's
// deadline, the call is refused at once, while there is time for a fallback.
//
// Choose a short one. The last of n waits for about n / limit times as long as a call takes, which should be well below what callers
// can bear; a queue of a fraction of the limit is enough for bursts. The wait is the bound for when the dependency hangs.
func Queue(n int, wait time.Duration) Option {
	return func(c *config) error {
		value := fmt.Sprintf("%d, %v", n, wait)
		var problems []error
		if n < 1 || n > maxCalls {
			problems = append(problems, refuse.Value("bulkhead", "Queue", value,
				fmt.Sprintf("given from 1 to %d places (leave it out for no queue)", maxCalls)))
		}
		if wait < minWait || wait > maxWait {
			problems = append(problems, refuse.Value("bulkhead", "Queue", value, fmt.Sprintf("given a wait from %v to %v", minWait, maxWait)))
		}
		if len(problems) == 0 {
			c.queue, c.maxWait = int32(n), wait
		}
		return errors.Join(problems...)
	}
}

// NoQueue lets no call wait, as it is unless there is the option [Queue]. It takes that back.
func NoQueue() Option {
	return func(c *config) error {
		c.queue, c.maxWait = 0, 0
		return nil
	}
}

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(limit int, options ...Option) error {
	_, err := configure(limit, options)
	return err
}

func configure(limit int, options []Option) (config, error) {
	c := config{name: "bulkhead"}
	err := errors.Join(c.admit("New", limit), refuse.Apply("bulkhead", &c, options))
	return c, err
}
