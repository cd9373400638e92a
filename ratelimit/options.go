package ratelimit

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] and [From] make.
type Option func(*config) error

type config struct {
	name string
	wait time.Duration // zero for none
}

// Name sets what errors, telemetry and Pipeline.String call the limiter: "ratelimit" unless set.
func Name(name string) Option {
	return func(c *config) error {
		if name == "" {
			return refuse.Value("ratelimit", "Name", `""`, "a name")
		}
		c.name = name
		return nil
	}
}

// Wait lets a call wait for its token, up to a time; unless set, a call that finds none is refused at once. Who waits has a turn, which no
// later caller takes away. A call is refused at once all the same where the wait would be longer, or would not end before the caller's
// deadline.
//
// Waiting suits a client that has the time and keeps to a quota. A server that makes its callers wait holds what they hold.
func Wait(most time.Duration) Option {
	return func(c *config) error {
		c.wait = most
		return refuse.Positive("ratelimit", "Wait", most)
	}
}

// slowest is the lowest limit of New: a call in 31 years. Waits above 292 years do not fit a time.Duration, and at the very edge
// x/time/rate takes one for none.
const slowest rate.Limit = 1e-9

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(limit rate.Limit, burst int, options ...Option) error {
	var problems []error
	if !(limit >= slowest && limit <= rate.Inf) {
		problems = append(problems, refuse.Value("ratelimit", "New", fmt.Sprintf("%v, %d", float64(limit), burst),
			fmt.Sprintf("given a limit of at least %v a second; rate.Inf is no limit", float64(slowest))))
	}
	if burst < 1 {
		problems = append(problems, refuse.Value("ratelimit", "New", fmt.Sprintf("%v, %d", float64(limit), burst),
			"given a burst of at least 1: a bucket that holds no token lets nothing through"))
	}
	_, err := configure(options)
	return errors.Join(append(problems, err)...)
}

func configure(options []Option) (config, error) {
	c := config{name: "ratelimit"}
	err := refuse.Apply("ratelimit", &c, options)
	return c, err
}
