package gobreakeradapter

import (
	"errors"
	"fmt"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// A RefusedError says that a breaker refused a call. It matches what the breaker said (gobreaker.ErrOpenState or
// gobreaker.ErrTooManyRequests), fault.ErrRejected, and breaker.ErrOpen: what asks for that goes on working when the breaker has been
// replaced by one of package breaker.
//
// gobreaker does not say when it is worth coming back, so this does not either.
type RefusedError struct {
	Name string // the breaker's
	Err  error  // what the breaker said
}

// Error implements error.
func (e *RefusedError) Error() string {
	switch {
	case errors.Is(e.Err, gobreaker.ErrOpenState):
		return fmt.Sprintf("%s: %v: calls have failed, and the Timeout of its Settings is not over", e.Name, e.Err)
	case errors.Is(e.Err, gobreaker.ErrTooManyRequests):
		return fmt.Sprintf("%s: %v: it is half-open, and has all the probes that the MaxRequests of its Settings allows", e.Name, e.Err)
	default:
		return fmt.Sprintf("%s: %v", e.Name, e.Err)
	}
}

// Unwrap returns what the breaker said.
func (e *RefusedError) Unwrap() error { return e.Err }

// Is reports whether target is breaker.ErrOpen or fault.ErrRejected.
func (e *RefusedError) Is(target error) bool {
	return target == breaker.ErrOpen || target == fault.ErrRejected
}

// Fault returns fault.ClassRejected.
func (e *RefusedError) Fault() fault.Class { return fault.ClassRejected }

// RetryAfter reports that it is not known when to come back.
func (e *RefusedError) RetryAfter() (time.Duration, bool) { return 0, false }

// Timeout reports false: a refusal is at once.
func (e *RefusedError) Timeout() bool { return false }

// refusals are the errors that one breaker's refusals are, made once, so that refusing allocates nothing.
type refusals struct{ open, busy RefusedError }

func refusalsBy(name string) refusals {
	return refusals{RefusedError{name, gobreaker.ErrOpenState}, RefusedError{name, gobreaker.ErrTooManyRequests}}
}

// of returns the error for what the breaker said. A breaker that is not gobreaker's of this version has errors of its own.
func (r *refusals) of(err error) error {
	switch err {
	case gobreaker.ErrOpenState: //nolint:errorlint // what wraps it says more, and is kept
		return &r.open
	case gobreaker.ErrTooManyRequests:
		return &r.busy
	default:
		return &RefusedError{r.open.Name, err}
	}
}
