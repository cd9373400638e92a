// Package standard has whole pipelines with defaults that can be defended, for who wants to start with something that works.
//
//	p := standard.Client("inventory")
//
// is, outermost first,
//
//	timeout   30s         the whole call: longer than three attempts and their waits, shorter than people wait
//	retry     3 attempts  enough for a blip, and bounded in an outage by a budget: a fifth of the first attempts, and 1 a second
//	breaker               at half of at least 20 calls in 10 s, or 5 failed attempts in a row
//	bulkhead  256         a fuse: a dependency that hangs takes so many goroutines, and not all
//	timeout   9s          each attempt: three of them fit
//
// The order has its reasons: the retry waits outside of the permit, the breaker hears of each attempt,
// and a refusal by the bulkhead is no failure to it. Every number is an option, and so is every option of the policies.
package standard

import (
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/internal/refuse"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// Client returns a pipeline for calls to a dependency: see the documentation of the package. Make one for each. It panics on options that make no sense;
// [ValidateClient] says the same as an error.
func Client(name string, options ...Option) *ductile.Pipeline {
	c, err := configure(client(), options)
	if err != nil {
		panic(err)
	}
	var policies []ductile.Policy
	if c.fallback != nil {
		policies = append(policies, c.fallback)
	}
	return ductile.New(name, append(policies,
		timeout.New(c.total, timeout.Name("total timeout")),
		retry.New(c.retry...),
		breaker.New(append([]breaker.Option{breaker.Name(breakerName(name))}, c.breaker...)...),
		bulkhead.New(c.limit, append([]bulkhead.Option{bulkhead.Name(bulkheadName(name))}, c.bulkhead...)...),
		timeout.New(c.attempt, timeout.Name("attempt timeout")),
	)...)
}

// Server returns a pipeline for the requests that a server handles:
//
//	bulkhead  1000        without a queue: what is above it is refused while refusing is cheap
//	timeout   30s         of a handler, which must heed its context
//
// There is no breaker and no retry: a server sheds load, and its callers repeat. It panics on options that make no sense, and on those
// of a client; [ValidateServer] says the same as an error.
func Server(name string, options ...Option) *ductile.Pipeline {
	c, err := configure(server(), options)
	if err != nil {
		panic(err)
	}
	return ductile.New(name,
		bulkhead.New(c.limit, append([]bulkhead.Option{bulkhead.Name(bulkheadName(name))}, c.bulkhead...)...),
		timeout.New(c.total),
	)
}

// ValidateClient returns what Client would panic with, or nil: for values that come from flags or files.
func ValidateClient(options ...Option) error {
	_, err := configure(client(), options)
	return err
}

// ValidateServer returns what Server would panic with, or nil.
func ValidateServer(options ...Option) error {
	_, err := configure(server(), options)
	return err
}

// The errors of a breaker and a bulkhead name themselves and not the pipeline, since they may serve several.
func breakerName(name string) string  { return joined(name, "breaker") }
func bulkheadName(name string) string { return joined(name, "bulkhead") }

func joined(name, policy string) string {
	if name == "" {
		return policy
	}
	return name + " " + policy
}

func client() config {
	return config{total: 30 * time.Second, attempt: 9 * time.Second, limit: 256}
}

func server() config {
	return config{server: true, total: 30 * time.Second, limit: 1000}
}

func configure(c config, options []Option) (config, error) {
	if err := refuse.Apply("standard", &c, options); err != nil {
		return c, err
	}
	err := errors.Join(retry.Validate(c.retry...), breaker.Validate(c.breaker...), bulkhead.Validate(c.limit, c.bulkhead...))
	if !c.server && c.attempt >= c.total {
		err = errors.Join(err, refuse.Value("standard", "Attempt", c.attempt, fmt.Sprintf("below Total, which is %v", c.total)))
	}
	return c, err
}
