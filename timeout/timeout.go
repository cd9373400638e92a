// Package timeout limits how long a call may take, or each of its attempts.
//
// A dependency that does not answer is worse than one that fails: callers wait, and with them their goroutines, connections and
// callers in turn. A timeout around a retry limits the whole call; one inside it limits each attempt; most pipelines want both.
package timeout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// A Policy is a timeout for a pipeline. It is made by [New] or [From], holds no state, and may stand in any number of pipelines.
//
// It is cooperative: the function runs on the caller's goroutine, with a context that ends when the time is up, and the call ends
// when the function returns. A function that does not heed its context is waited for, unless the timeout is [Detached]. What it returns in time or late without an
// error, or as an answer (fault.Permanent, fault.Ignore), is the call's result; any other error after the time is an [*Error].
//
// It costs one allocation for each call, and those of context.WithTimeout besides once somebody asks for the context's Done channel;
// none where the enclosing deadline is sooner.
type Policy struct {
	name  string
	after time.Duration
	from  func(context.Context) time.Duration

	classify fault.Classifier
	detached bool
}

// New returns a timeout. It panics on a duration of zero or less and on options that make no sense; [Validate] says the same as an
// error.
func New(after time.Duration, options ...Option) *Policy {
	if err := Validate(after, options...); err != nil {
		panic(err)
	}
	return build(Policy{after: after}, options)
}

// From returns a timeout that asks a function for each call: by tenant, by the size of the request, by what the caller has left.
// A duration of zero or less means no limit for that call. It panics if from is nil, and on options that make no sense.
func From(from func(ctx context.Context) time.Duration, options ...Option) *Policy {
	if from == nil {
		panic(errors.New("timeout: From(nil): must be a function that returns how long a call may take"))
	}
	if err := check(options); err != nil {
		panic(err)
	}
	return build(Policy{from: from}, options)
}

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(after time.Duration, options ...Option) error {
	return errors.Join(refuse.Positive("timeout", "New", after), check(options))
}

func check(options []Option) error {
	var p Policy
	return refuse.Apply("timeout", &p, options)
}

func build(p Policy, options []Option) *Policy {
	p.name = "timeout"
	for _, option := range options {
		_ = option(&p) // checked before
	}
	return &p
}

// An Option changes what New and From make.
type Option func(*Policy) error

// Name sets what errors, telemetry and Pipeline.String call the timeout: "timeout" unless set. Give two in
// one pipeline names of their own where it matters which of them passed.
func Name(name string) Option {
	return func(p *Policy) error {
		if name == "" {
			return refuse.Value("timeout", "Name", `""`, "a name")
		}
		p.name = name
		return nil
	}
}

// Classify sets the timeout's own opinion of errors, asked in place of fault.Of: what is permanent or ignored is an answer, however late.
func Classify(classifier fault.Classifier) Option {
	return func(p *Policy) error {
		if classifier == nil {
			return refuse.Value("timeout", "Classify", "nil", "a function from an error to its class")
		}
		p.classify = classifier
		return nil
	}
}

// Detached makes a timeout that does not wait: when the time is up, the call ends, and a function that does not heed its context goes on
// alone on a goroutine of its own, holding the permits of policies inside the timeout until it returns. It is for functions that cannot be
// interrupted, such as those of a C library; it costs a goroutine for each call, and only concurrent pipelines take it: see
// ductile.NewConcurrent. Bound how many are left behind by a bulkhead inside of it.
func Detached() Option {
	return func(p *Policy) error {
		p.detached = true
		return nil
	}
}

// Detached reports whether the timeout does not wait: see the option of that name.
func (p *Policy) Detached() bool { return p.detached }

// Name returns the timeout's name.
func (p *Policy) Name() string { return p.name }

// Timeout returns how long a call with this context may take; zero or less is no limit.
func (p *Policy) Timeout(ctx context.Context) time.Duration {
	if p.from != nil {
		return p.from(ctx)
	}
	return p.after
}

// Exceeded returns the error of a call that took longer than after, and returned cause: an [*Error], or cause itself where that is an
// answer all the same.
func (p *Policy) Exceeded(after time.Duration, cause error) error {
	switch p.classify.Of(cause) {
	case fault.ClassPermanent, fault.ClassIgnored:
		return cause
	default:
	}
	return &Error{Name: p.name, After: after, Cause: cause}
}

// String returns what the timeout does, for Pipeline.String.
func (p *Policy) String() string {
	text := p.after.String()
	if p.from != nil {
		text = "asks how long for each call"
	}
	if p.detached {
		text += ", detached"
	}
	return text
}

// ErrExceeded matches the error of every timeout that is a policy's. The caller's own deadline does not match it.
var ErrExceeded = errors.New("timeout exceeded")

// An Error says that a policy's timeout has passed. It matches [ErrExceeded] and context.DeadlineExceeded, and is a net.Error that
// is a timeout. It is also the cause of the context that ended by it.
type Error struct {
	Name  string        // the policy's name
	After time.Duration // what it allowed
	Cause error         // what the function returned, nil while it still runs
}

// Error implements error.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: no answer within %v", e.Name, e.After)
	if e.Cause == nil || e.Cause == context.DeadlineExceeded { //nolint:errorlint // what wraps it says more
		return text
	}
	if cause := e.Cause.Error(); cause != text { // which is what a function that returns its context's cause has to say
		text += ": " + cause
	}
	return text
}

// Unwrap returns what the function returned.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is ErrExceeded or context.DeadlineExceeded.
func (e *Error) Is(target error) bool {
	return target == ErrExceeded || target == context.DeadlineExceeded
}

// Fault returns fault.ClassTimeout.
func (e *Error) Fault() fault.Class { return fault.ClassTimeout }

// Timeout reports true.
func (e *Error) Timeout() bool { return true }

// Temporary reports true, as context.DeadlineExceeded does: without it this would be no net.Error.
func (e *Error) Temporary() bool { return true }
