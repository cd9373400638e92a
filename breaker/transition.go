package breaker

import "time"

// A Cause is why a breaker changed its state: one of the constants. String has it in words.
type Cause uint8

// The causes. The zero Cause is that of a breaker that has never changed its state.
const (
	CauseNone Cause = iota
	CauseFailureRate
	CauseConsecutive
	CauseOvertaken // as CauseConsecutive, where the last of the row was a copy that a faster one had overtaken
	CauseSlowRate
	CauseTimeUp
	CauseProbesFailed
	CauseProbeExpired
	CauseProbesSucceeded
	CauseIsolated
	CauseForcedClosed
	CauseReset
)

var causeNames = [...]string{
	"new",
	"too large a share of calls failed",
	"too many calls in a row failed",
	"too many calls in a row failed or were overtaken",
	"too large a share of calls was slow",
	"time to probe",
	"too many probes failed",
	"too many probes failed or never reported",
	"the probes succeeded",
	"isolated",
	"forced closed",
	"reset",
}

// String returns the cause in a few words.
func (c Cause) String() string {
	if int(c) < len(causeNames) {
		return causeNames[c]
	}
	return "unknown"
}

// A Transition tells a listener that a breaker has changed its state.
type Transition struct {
	Name      string        // the breaker's
	From, To  State         // what it did with calls, and does now
	Cause     Cause         // why it changed
	Reason    string        // of Isolate
	Err       error         // the last failure that led to it, if there was one
	At        time.Time     // when the new state began, which is before the listener hears of it
	Counts    Counts        // of the state that ended
	NextProbe time.Duration // of To == Open: how long it stays open
	Missed    uint64        // how many transitions before this one the listener never hears of: it did not keep up
}

// Counts is what a breaker counted in a state: of the calls in its window while it was closed, of the probes while it was half-open.
type Counts struct {
	Calls       uint64 // that ended, and were counted
	Failures    uint64 // of them
	Slow        uint64 // of them, failures or not
	Consecutive uint64 // failures and overtaken copies in a row, however long ago the first was
}

// FailureRate returns the share of the calls that failed, from 0 to 1.
func (c Counts) FailureRate() float64 { return share(c.Failures, c.Calls) }

// SlowRate returns the share of the calls that were slow, from 0 to 1.
func (c Counts) SlowRate() float64 { return share(c.Slow, c.Calls) }

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// counts returns what a phase has counted. The caller holds the breaker's mutex.
func (p *phase) counts(now time.Duration) Counts {
	if p.probes != nil {
		return Counts{Calls: p.probes.reported, Failures: p.probes.failures, Slow: p.probes.slow}
	}
	if p.window == nil {
		return Counts{}
	}
	t := p.window.tally(now)
	return Counts{Calls: t.calls, Failures: t.failures, Slow: t.slow, Consecutive: p.row.Load()}
}
