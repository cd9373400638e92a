package breaker

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// ErrOpen matches every refusal by a breaker. It also matches the error of a call whose first attempt failed and whose repeat was refused:
// where that makes a difference, fault.Of tells them apart, which is fault.ClassRejected only where nothing was sent.
var ErrOpen = errors.New("breaker open")

// An OpenError says that a breaker refused a call. It matches [ErrOpen] and fault.ErrRejected. The breaker makes it when it changes its
// state, and returns the same to every call it refuses until the next change.
type OpenError struct {
	Name   string    // the breaker's
	State  State     // in which it refused: Open, HalfOpen (all probes are out), Isolated, or Closed (the load is coming back)
	Since  time.Time // when the state began
	Cause  Cause     // why it began
	Reason string    // of Isolate
	Last   error     // the last failure that led to it, if there was one: not wrapped, for it was another call's

	until time.Time
}

// Error implements error. It does not repeat the text of the last failure. It says when the next probe may go, from the moment when it is asked.
func (e *OpenError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is ", e.Name)
	switch e.State {
	case Isolated:
		b.WriteString("isolated")
		if e.Reason != "" {
			fmt.Fprintf(&b, ": %s", e.Reason)
		}
	case Closed:
		b.WriteString("closed again and lets the load come back slowly")
	case HalfOpen:
		b.WriteString("half-open and all its probes are out")
	default:
		fmt.Fprintf(&b, "open: %s", e.Cause)
		if after, ok := e.RetryAfter(); ok {
			fmt.Fprintf(&b, "; next probe in %v", after.Round(time.Millisecond))
		}
	}
	return b.String()
}

// Is reports whether target is ErrOpen or fault.ErrRejected.
func (e *OpenError) Is(target error) bool { return target == ErrOpen || target == fault.ErrRejected }

// Fault returns fault.ClassRejected.
func (e *OpenError) Fault() fault.Class { return fault.ClassRejected }

// Timeout reports false: a refusal is at once.
func (e *OpenError) Timeout() bool { return false }

// RetryAfter returns the time until the next probe may go, where that is known: of an open breaker.
func (e *OpenError) RetryAfter() (time.Duration, bool) {
	if e.until.IsZero() {
		return 0, false
	}
	return max(time.Until(e.until), 0), true
}
