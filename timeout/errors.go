package timeout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile/fault"
)

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
