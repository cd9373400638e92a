package ratelimit

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] and [From] make, or, by [Limiter.Update], what they made.
type Option func(*config) error

type config struct {
	name    string
	wait    time.Duration // zero for none
	brought bool          // the bucket is the program's own, and has the limit and the burst
	limit   rate.Limit
	burst   int
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

// NoWait lets no call wait, as it is unless there is the option [Wait]. It takes that back.
func NoWait() Option {
	return func(c *config) error {
		c.wait = 0
		return nil
	}
}

// Limit sets how many tokens are earned a second, at least 1e-9, in place of the limit that [New] was given; rate.Inf is no limit. It is
// not for a limiter made by [From], whose rate.Limiter has a SetLimit.
func Limit(limit rate.Limit) Option {
	return func(c *config) error {
		switch {
		case c.brought:
			return refuse.Value("ratelimit", "Limit", float64(limit), "left out for a rate.Limiter of the program's own: use its SetLimit")
		case !allowed(limit):
			return refuse.Value("ratelimit", "Limit", float64(limit), limits)
		}
		c.limit = limit
		return nil
	}
}

// Burst sets how many tokens there can be at once, at least 1, in place of the burst that [New] was given. It is not for a limiter made by
// [From], whose rate.Limiter has a SetBurst.
func Burst(n int) Option {
	return func(c *config) error {
		switch {
		case c.brought:
			return refuse.Value("ratelimit", "Burst", n, "left out for a rate.Limiter of the program's own: use its SetBurst")
		case n < 1:
			return refuse.Value("ratelimit", "Burst", n, bursts)
		}
		c.burst = n
		return nil
	}
}

// slowest is the lowest limit of New: a call in 31 years. Waits above 292 years do not fit a time.Duration, and at the very edge
// x/time/rate takes one for none.
const slowest rate.Limit = 1e-9

// What is said of a limit or a burst that is refused.
const (
	limits = "given a limit of at least 1e-09 a second; rate.Inf is no limit"
	bursts = "given a burst of at least 1: a bucket that holds no token lets nothing through"
)

// allowed reports whether a limit makes sense. Not a number is none.
func allowed(limit rate.Limit) bool { return limit >= slowest && limit <= rate.Inf }

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(limit rate.Limit, burst int, options ...Option) error {
	_, err := configure(limit, burst, options)
	return err
}

func configure(limit rate.Limit, burst int, options []Option) (config, error) {
	var problems []error
	given := fmt.Sprintf("%v, %d", float64(limit), burst)
	if !allowed(limit) {
		problems = append(problems, refuse.Value("ratelimit", "New", given, limits))
	}
	if burst < 1 {
		problems = append(problems, refuse.Value("ratelimit", "New", given, bursts))
	}
	c := config{name: "ratelimit", limit: limit, burst: burst}
	err := refuse.Apply("ratelimit", &c, options)
	return c, errors.Join(append(problems, err)...)
}
