// Package timeout limits how long a call may take, or each of its attempts.
//
// A dependency that does not answer is worse than one that fails: callers wait, and with them their goroutines, connections and
// callers in turn. A timeout around a retry limits the whole call; one inside it limits each attempt; most pipelines want both.
// It waits for a function that does not heed its context, since it runs on the caller's goroutine; [Detached] does not.
// [Policy.Update] changes the limit while calls go through it.
package timeout

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// A Policy is a timeout for a pipeline. It is made by [New] or [From], and may stand in any number of pipelines. It holds nothing but
// its settings, which [Policy.Update] changes in all of them.
//
// It is cooperative: the function runs on the caller's goroutine, with a context that ends when the time is up, and the call ends
// when the function returns. A function that does not heed its context is waited for, unless the timeout is [Detached]. What it returns in time or late without an
// error, or as an answer (fault.Permanent, fault.Ignore), is the call's result; any other error after the time is an [*Error].
//
// It costs one allocation for each call, and those of context.WithTimeout besides once somebody asks for the context's Done channel;
// none where the enclosing deadline is sooner.
type Policy struct {
	settings atomic.Pointer[config]
}

// New returns a timeout. It panics on a duration of zero or less and on options that make no sense; [Validate] says the same as an
// error.
func New(after time.Duration, options ...Option) *Policy {
	if err := Validate(after, options...); err != nil {
		panic(err)
	}
	return build(config{after: after}, options)
}

// From returns a timeout that asks a function for each call: by tenant, by the size of the request, by what the caller has left.
// A duration of zero or less means no limit for that call. It panics if from is nil, and on options that make no sense.
func From(from func(ctx context.Context) time.Duration, options ...Option) *Policy {
	if from == nil {
		panic(errors.New("timeout: From(nil): must be a function that returns how long a call may take"))
	}
	return build(config{from: from}, options)
}

func build(c config, options []Option) *Policy {
	c, err := configure(c, options)
	if err != nil {
		panic(err)
	}
	c.inUse = true
	p := new(Policy)
	p.settings.Store(&c)
	return p
}

// Detached reports whether the timeout does not wait: see the option of that name.
func (p *Policy) Detached() bool { return p.settings.Load().detached }

// Name returns the timeout's name.
func (p *Policy) Name() string { return p.settings.Load().name }

// Timeout returns how long a call with this context may take; zero or less is no limit.
func (p *Policy) Timeout(ctx context.Context) time.Duration {
	c := p.settings.Load()
	if c.from != nil {
		return c.from(ctx)
	}
	return c.after
}

// Exceeded returns the error of a call that took longer than after, and returned cause: an [*Error], or cause itself where that is an
// answer all the same.
func (p *Policy) Exceeded(after time.Duration, cause error) error {
	c := p.settings.Load()
	switch c.classify.Of(cause) {
	case fault.ClassPermanent, fault.ClassIgnored:
		return cause
	default:
	}
	return &Error{Name: c.name, After: after, Cause: cause}
}

// String returns what the timeout does, for Pipeline.String.
func (p *Policy) String() string {
	c := p.settings.Load()
	text := c.after.String()
	if c.from != nil {
		text = "asks how long for each call"
	}
	if c.detached {
		text += ", detached"
	}
	return text
}
