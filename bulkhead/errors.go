package bulkhead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// ErrFull matches every refusal by a bulkhead.
var ErrFull = errors.New("bulkhead full")

// A Reason is why a call was refused that found all permits taken: one of the constants.
type Reason uint8

// The reasons.
const (
	ReasonFull      Reason = iota // there is no queue to wait in
	ReasonQueueFull               // the queue is full, too
	ReasonWaited                  // none came free in the longest time that the queue allows
	ReasonDeadline                // none came free before the caller's deadline, or none would
	ReasonCanceled                // the caller's context was canceled before one came free
)

// String returns the reason in a word or two, which is also its name in telemetry.
func (r Reason) String() string {
	switch r {
	case ReasonFull:
		return "full"
	case ReasonQueueFull:
		return "queue_full"
	case ReasonWaited:
		return "waited"
	case ReasonDeadline:
		return "deadline"
	case ReasonCanceled:
		return "canceled"
	default:
		return "unknown"
	}
}

// A FullError says that a bulkhead refused a call. It matches [ErrFull] and fault.ErrRejected. Where the call's context had ended, it
// matches context.Canceled or context.DeadlineExceeded, too, and the context's cause; it is a rejection all the same, for the
// dependency never saw the call.
//
// A bulkhead returns the same one for all calls that it refuses at once, until it is tuned. Its numbers are those that the call met.
type FullError struct {
	Name   string        // the bulkhead's
	Limit  int           // how many permits it has
	Queue  int           // how many places its queue has, zero for no queue
	Reason Reason        // why the call had no permit
	Waited time.Duration // for how long the call was in the queue, zero where it was refused at once

	end, cause error // of the caller's context, nil where it is alive
}

// refusal returns the error of a call that had to go without having waited.
func (c *config) refusal(reason Reason) FullError {
	return FullError{Name: c.name, Limit: int(c.limit), Queue: int(c.queue), Reason: reason}
}

// late returns the error of a call that waited for as long as it could.
func (c *config) late(reason Reason, waited time.Duration) *FullError {
	e := c.refusal(reason)
	e.Waited = waited
	return &e
}

// gone returns the error of a call whose context has ended, or whose deadline has passed and the context is about to say so.
func (c *config) gone(ctx context.Context, waited time.Duration) *FullError {
	e := c.late(ReasonDeadline, waited)
	e.end, e.cause = ctx.Err(), context.Cause(ctx)
	if e.end == nil {
		e.end, e.cause = context.DeadlineExceeded, context.DeadlineExceeded
	}
	if !errors.Is(e.end, context.DeadlineExceeded) {
		e.Reason = ReasonCanceled
	}
	return e
}

// Error implements error.
func (e *FullError) Error() string {
	taken := fmt.Sprintf("all %d permits are taken", e.Limit)
	if e.Limit == 1 {
		taken = "its only permit is taken"
	}
	return fmt.Sprintf("%s is full: %s%s", e.Name, taken, e.why())
}

func (e *FullError) why() string {
	waited := e.Waited.Round(time.Microsecond)
	switch {
	case e.Reason == ReasonFull:
		return ", and there is no queue"
	case e.Reason == ReasonQueueFull && e.Queue == 1:
		return ", and so is the only place in the queue"
	case e.Reason == ReasonQueueFull:
		return fmt.Sprintf(", and so are all %d places in the queue", e.Queue)
	case e.Reason == ReasonWaited:
		return fmt.Sprintf("; none came free in %v, the longest wait allowed", waited)
	case e.Reason == ReasonDeadline && e.end == nil:
		return "; the queue is too long for the time left before the deadline"
	case e.Reason == ReasonDeadline && e.Waited == 0:
		return fmt.Sprintf("; the deadline has passed: %v", e.cause)
	case e.Reason == ReasonDeadline:
		return fmt.Sprintf("; none came free in %v, until the deadline: %v", waited, e.cause)
	case e.Waited == 0:
		return fmt.Sprintf("; the caller has gone: %v", e.cause)
	default:
		return fmt.Sprintf("; the caller went after a wait of %v: %v", waited, e.cause)
	}
}

// Is reports whether target is ErrFull or fault.ErrRejected.
func (e *FullError) Is(target error) bool { return target == ErrFull || target == fault.ErrRejected }

// Unwrap returns why the caller's context ended, if that was the reason: its error and its cause.
func (e *FullError) Unwrap() []error {
	if e.end == nil {
		return nil
	}
	return []error{e.end, e.cause}
}

// Fault returns fault.ClassRejected.
func (e *FullError) Fault() fault.Class { return fault.ClassRejected }

// Timeout reports false: it was the bulkhead that took no more, not the dependency that did not answer.
func (e *FullError) Timeout() bool { return false }

// RetryAfter reports that it is not known when a permit will be free: that is for the calls in flight to say.
func (e *FullError) RetryAfter() (time.Duration, bool) { return 0, false }
