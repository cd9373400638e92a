package safemode

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// ErrSafeMode matches every refusal by a mode, at whichever level.
var ErrSafeMode = errors.New("in safe mode")

// An EngagedError says that a mode refused a call, whose work is let go at the level. It matches [ErrSafeMode] and fault.ErrRejected. The
// mode makes it when it changes, and returns the same to every call it refuses until the next change.
type EngagedError struct {
	Name   string    // the mode's
	Level  Level     // at which it refused: Degraded or Safe
	Since  time.Time // when the level began, or a person said so
	Held   bool      // a person holds it
	Reason string    // of a person; of the automatic, the numbers for which it engaged
	Share  float64   // which share of the calls, at least, goes all the same, while the mode finds out whether it can release

	until time.Time
}

// refusal returns the error for the calls that a phase does not admit: made once, so that refusing allocates nothing.
func (m *Mode) refusal(p *phase) *EngagedError {
	e := &EngagedError{Name: m.name, Level: p.level, Since: m.base.Add(p.since), Held: p.held, Reason: p.reason}
	if t := p.trial; t != nil {
		if e.Share = t.share(); e.Share == 0 {
			e.until = m.base.Add(t.until)
		}
	}
	return e
}

// Error implements error: "inventory is in safe mode since 2026-03-01T12:03:00Z, by hand: disk is full". The text is the same until the
// mode changes.
func (e *EngagedError) Error() string {
	var b strings.Builder
	level := e.Level.String()
	if e.Level == Safe {
		level = "in safe mode"
	}
	fmt.Fprintf(&b, "%s is %s since %s", e.Name, level, e.Since.UTC().Format(time.RFC3339))
	if e.Held {
		b.WriteString(", by hand")
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, ": %s", e.Reason)
	}
	if e.Share > 0 {
		fmt.Fprintf(&b, "; %.3g %% of the calls go to see whether it can end", 100*e.Share)
	}
	return b.String()
}

// Is reports whether target is ErrSafeMode or fault.ErrRejected.
func (e *EngagedError) Is(target error) bool {
	return target == ErrSafeMode || target == fault.ErrRejected
}

// Fault returns fault.ClassRejected.
func (e *EngagedError) Fault() fault.Class { return fault.ClassRejected }

// Timeout reports false: a refusal is at once.
func (e *EngagedError) Timeout() bool { return false }

// RetryAfter returns the time until the mode tries by itself to release, where that is known: not while a person holds it, nor while it
// tries.
func (e *EngagedError) RetryAfter() (time.Duration, bool) {
	if e.until.IsZero() {
		return 0, false
	}
	left := time.Until(e.until)
	return max(left, 0), left > 0
}
