package ductile

import (
	"fmt"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// in puts the pipeline's name before what is said.
func in(pipeline, text string) string {
	if pipeline == "" {
		return text
	}
	return pipeline + ": " + text
}

// A RejectedError says that a gate refused a call, so that its function was not called. It matches fault.ErrRejected, and whatever the
// gate's own error matches. Gates whose errors are rejections by themselves, as those of this module, go without it.
type RejectedError struct {
	Pipeline string // the pipeline's name
	Policy   string // the gate's name
	Err      error  // what the gate said
}

// Error implements error.
func (e *RejectedError) Error() string {
	return in(e.Pipeline, fmt.Sprintf("rejected by %s: %v", e.Policy, e.Err))
}

// Unwrap returns the gate's error.
func (e *RejectedError) Unwrap() error { return e.Err }

// Is reports whether target is fault.ErrRejected.
func (e *RejectedError) Is(target error) bool { return target == fault.ErrRejected }

// Fault returns fault.ClassRejected.
func (e *RejectedError) Fault() fault.Class { return fault.ClassRejected }

// RetryAfter returns when the gate says that it is worth coming back.
func (e *RejectedError) RetryAfter() (time.Duration, bool) { return fault.RetryAfter(e.Err) }

// Timeout reports false: a rejection is at once.
func (e *RejectedError) Timeout() bool { return false }

// A RetryError says that a call is not made again though it failed, and why. It is no rejection: its class is that of the last error.
// An error that is not one to repeat is returned without it.
type RetryError struct {
	Pipeline string // the pipeline's name
	Policy   string // the retrier's name
	Attempts int    // how many attempts reached the function
	// Reason is why there is no further attempt: retry.ErrAttempts, retry.ErrBudget and so on, the rejection of a later attempt, or the
	// end of the caller's context.
	Reason error
	Last   error // what the last attempt that reached the function returned
}

// Error implements error.
func (e *RetryError) Error() string {
	plural := "s"
	if e.Attempts == 1 {
		plural = ""
	}
	return in(e.Pipeline, fmt.Sprintf("%s gave up after %d attempt%s (%v): %v", e.Policy, e.Attempts, plural, e.Reason, e.Last))
}

// Unwrap returns the last error and the reason.
func (e *RetryError) Unwrap() []error { return []error{e.Last, e.Reason} }

// Fault returns the class of the last error, or fault.ClassCanceled where the caller's cancellation was the reason.
func (e *RetryError) Fault() fault.Class {
	if fault.Of(e.Reason) == fault.ClassCanceled {
		return fault.ClassCanceled
	}
	return fault.Of(e.Last)
}

// Timeout reports whether the last error was a timeout.
func (e *RetryError) Timeout() bool { return e.Fault() == fault.ClassTimeout }

// A FallbackError says that a call failed and so did its fallback. Its class is that of the call's own error.
type FallbackError struct {
	Pipeline string // the pipeline's name
	Policy   string // the fallback's name
	Cause    error  // what the call returned
	Err      error  // what the fallback returned
}

// Error implements error.
func (e *FallbackError) Error() string {
	return fmt.Sprintf("%v; and %s failed: %v", e.Cause, e.Policy, e.Err)
}

// Unwrap returns both errors.
func (e *FallbackError) Unwrap() []error { return []error{e.Cause, e.Err} }

// Fault returns the class of the call's own error.
func (e *FallbackError) Fault() fault.Class { return fault.Of(e.Cause) }

// Timeout reports whether the call's own error was a timeout.
func (e *FallbackError) Timeout() bool { return e.Fault() == fault.ClassTimeout }

// A MismatchError says that a fallback cannot answer a call, because it has values of another type. It is returned by every call
// through such a pipeline, before its function is called.
type MismatchError struct {
	Pipeline string // the pipeline's name
	Policy   string // the fallback's name
	Type     string // the type that the call returns
}

// Error implements error.
func (e *MismatchError) Error() string {
	if e.Type == "struct {}" {
		return in(e.Pipeline, e.Policy+" has a value, and ductile.Run has none: use fallback.Run, or ductile.Do")
	}
	return in(e.Pipeline, fmt.Sprintf("%s has no answer of type %s, which is what the call returns", e.Policy, e.Type))
}

// Fault returns fault.ClassIgnored: the program is at fault, not the dependency.
func (e *MismatchError) Fault() fault.Class { return fault.ClassIgnored }
