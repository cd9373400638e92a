package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/fault"
)

// ErrLimited matches every refusal by a limiter.
var ErrLimited = errors.New("rate limited")

// A Reason is why a limiter refused a call: one of the constants.
type Reason uint8

// The reasons.
const (
	admitted       Reason = iota
	ReasonNoToken         // there is none, and the limiter lets no call wait
	ReasonLongWait        // one would come, but later than the option Wait allows
	ReasonDeadline        // one would come, but not before the caller's deadline; or the deadline has passed
	ReasonCanceled        // the caller's context was canceled before one came
	ReasonNever           // none will come, at a limit or a burst of zero
)

// String returns the reason in a word or two, which is also its name in telemetry.
func (r Reason) String() string {
	switch r {
	case ReasonNoToken:
		return "no_token"
	case ReasonLongWait:
		return "long_wait"
	case ReasonDeadline:
		return "deadline"
	case ReasonCanceled:
		return "canceled"
	case ReasonNever:
		return "never"
	default:
		return "unknown"
	}
}

// A LimitedError says that a limiter refused a call. It matches [ErrLimited] and fault.ErrRejected. Where the call's context had ended, it
// matches context.Canceled or context.DeadlineExceeded, too, and the context's cause; it is a rejection all the same, for the
// dependency never saw the call.
//
// Calls that are refused one after the other, at once and for the same reason, get the same one until the next token comes.
type LimitedError struct {
	Name   string        // the limiter's
	Reason Reason        // why the call got no token
	Limit  rate.Limit    // tokens a second
	Burst  int           // how many there can be at once
	Waited time.Duration // for how long the call had a turn, zero where it was refused at once

	wait       time.Duration // of the option
	next       time.Time     // when a token comes, zero where that is not known
	end, cause error         // of the caller's context, nil where it is alive
}

// over returns the refusal of a call whose context has ended.
func (l *Limiter) over(ctx context.Context, waited time.Duration) error {
	l.refused.Add(1)
	c, seen := l.look()
	e := &LimitedError{
		Name: c.name, Reason: ReasonCanceled, Limit: seen.limit, Burst: seen.burst, Waited: waited,
		end: ctx.Err(), cause: context.Cause(ctx),
	}
	if errors.Is(e.end, context.DeadlineExceeded) {
		e.Reason = ReasonDeadline
	}
	return e
}

// Error implements error.
func (e *LimitedError) Error() string {
	left := fmt.Sprintf("%s: no token left of %s", e.Name, terms(e.Limit, e.Burst))
	if after, ok := e.RetryAfter(); ok {
		left += fmt.Sprintf("; the next comes in %v", rounded(after))
	}
	switch {
	case e.end != nil:
		return e.Name + ": " + e.over()
	case e.Reason == ReasonNever:
		return fmt.Sprintf("%s: no token will come at %s", e.Name, terms(e.Limit, e.Burst))
	case e.Reason == ReasonLongWait:
		return fmt.Sprintf("%s, and no call waits for longer than %v", left, e.wait)
	case e.Reason == ReasonDeadline:
		return left + ", not before the caller's deadline"
	default:
		return left
	}
}

// over says how a call came to be over.
func (e *LimitedError) over() string {
	waited := rounded(e.Waited)
	switch {
	case e.Reason == ReasonDeadline && e.Waited == 0:
		return fmt.Sprintf("the deadline has passed: %v", e.cause)
	case e.Reason == ReasonDeadline:
		return fmt.Sprintf("the deadline passed after a wait of %v for a token: %v", waited, e.cause)
	case e.Waited == 0:
		return fmt.Sprintf("the caller has gone: %v", e.cause)
	default:
		return fmt.Sprintf("the caller went after a wait of %v for a token: %v", waited, e.cause)
	}
}

// Is reports whether target is ErrLimited or fault.ErrRejected.
func (e *LimitedError) Is(target error) bool {
	return target == ErrLimited || target == fault.ErrRejected
}

// Unwrap returns why the caller's context ended, if that was the reason: its error and its cause.
func (e *LimitedError) Unwrap() []error {
	if e.end == nil {
		return nil
	}
	return []error{e.end, e.cause}
}

// Fault returns fault.ClassRejected.
func (e *LimitedError) Fault() fault.Class { return fault.ClassRejected }

// Timeout reports false: it was the limiter that let the call not go, not the dependency that did not answer.
func (e *LimitedError) Timeout() bool { return false }

// RetryAfter returns the time until a token comes that nobody was promised. A call that comes then is let through, if no other takes
// the token first. It is not known of a call whose context had ended, nor where no token will come.
func (e *LimitedError) RetryAfter() (time.Duration, bool) {
	if e.next.IsZero() {
		return 0, false
	}
	return max(time.Until(e.next), 0), true
}

// terms says what a limiter allows, as in "100/s in bursts of 10", or "1 in 1m0s in bursts of 1".
func terms(limit rate.Limit, burst int) string {
	const thousandths = 1000
	each := float64(time.Second) / float64(limit)
	switch {
	case limit == rate.Inf:
		return "no limit"
	case limit > 0 && limit < 1 && each < math.MaxInt64:
		return fmt.Sprintf("1 in %v in bursts of %d", rounded(time.Duration(each)), burst)
	case limit <= 0 || limit >= 1 && limit < 1e12:
		limit = rate.Limit(math.Round(float64(limit)*thousandths) / thousandths)
		return fmt.Sprintf("%s/s in bursts of %d", strconv.FormatFloat(float64(limit), 'f', -1, 64), burst)
	default:
		return fmt.Sprintf("%g/s in bursts of %d", float64(limit), burst)
	}
}

// rounded returns a duration in three digits or a few more: what people read.
func rounded(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/1000 >= unit {
		unit *= 10
	}
	return d.Round(unit)
}
