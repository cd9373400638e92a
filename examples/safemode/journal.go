package main

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ductile-go/ductile/safemode"
)

// A journal keeps what a safe mode tells of itself.
type journal struct {
	mu      sync.Mutex
	changes []safemode.Change
}

// hear is a listener of the mode's.
func (j *journal) hear(c safemode.Change) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.changes = append(j.changes, c)
}

func (j *journal) all() []safemode.Change {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.changes)
}

// before returns the last change before a time, which says how the mode is then.
func before(changes []safemode.Change, at time.Time) (last safemode.Change) {
	for _, c := range changes {
		if c.At.Before(at) {
			last = c
		}
	}
	return last
}

// level says where a change has led.
func level(c safemode.Change) string {
	switch {
	case c.Held:
		return c.To.String() + ", by hand"
	case c.Share > 0:
		return fmt.Sprintf("%v, 1 in %.0f", c.To, 1/c.Share)
	default:
		return c.To.String()
	}
}

// told says what happened, and why.
func told(c safemode.Change) string {
	levels, why := c.To.String(), c.Cause.String()
	if c.From != c.To {
		levels = fmt.Sprintf("%v → %v", c.From, c.To)
	}
	switch n := c.Counts; c.Cause {
	case safemode.CauseFailureRate, safemode.CauseProbesFailed, safemode.CauseProbeExpired, safemode.CauseStepFailed:
		why += fmt.Sprintf(" (%d of %d)", n.Failures, n.Calls)
	case safemode.CauseProbesSucceeded, safemode.CauseStepSucceeded:
		why += fmt.Sprintf(" (%d of %d)", n.Calls-n.Failures, n.Calls)
	default:
	}
	switch {
	case c.Held:
		why += ": " + c.Reason
	case c.Share > 0:
		why += fmt.Sprintf(": from here on 1 in %.0f goes", 1/c.Share)
	case c.NextTry > 0:
		why += fmt.Sprintf(": probes in %v", c.NextTry.Round(time.Millisecond))
	}
	return fmt.Sprintf("%-19s %s", levels, why)
}
