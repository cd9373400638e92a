package safemode

import "time"

// A Cause is why a mode changed what it does: one of the constants. String has it in words.
type Cause uint8

// The causes. The zero Cause is that of a mode that has never changed.
const (
	CauseNone            Cause = iota
	CauseHeld                  // a person holds the level: Engage, Hold, or NoAutomatic at a level that the automatic has engaged
	CauseDisengaged            // a person handed back: Disengage
	CauseFailureRate           // the automatic: one level further
	CauseProbesFailed          // it waits again
	CauseProbeExpired          // as CauseProbesFailed, where the last straw was a probe that never reported
	CauseProbesSucceeded       // the first step begins
	CauseStepFailed            // it waits again
	CauseStepSucceeded         // the next step begins, or the next better level
)

// String returns the cause in a few words.
func (c Cause) String() string {
	switch c {
	case CauseNone:
		return "new"
	case CauseHeld:
		return "by hand"
	case CauseDisengaged:
		return "handed back"
	case CauseFailureRate:
		return "too large a share of calls failed"
	case CauseProbesFailed:
		return "too many probes failed"
	case CauseProbeExpired:
		return "too many probes failed or never reported"
	case CauseProbesSucceeded:
		return "the probes succeeded"
	case CauseStepFailed:
		return "too many of the calls let through failed"
	case CauseStepSucceeded:
		return "enough of the calls let through succeeded"
	default:
		return "unknown"
	}
}

// A Change tells a listener that a mode does something else with calls than before: it is at another level, somebody has said so, or, on
// its way back, it lets a larger share of calls through, or none again. There is one for each change. That it is time for probes is none.
type Change struct {
	Name     string        // the mode's
	From, To Level         // the same where a person said so, or where only the share changed
	Cause    Cause         // why
	Held     bool          // a person holds the level
	Reason   string        // of a person; of the automatic, the numbers for which it engaged
	Counts   Counts        // by which the automatic decided: of its window, of the probes, or of the step that ended
	Share    float64       // which share, at least, of the calls that the level refuses goes all the same, from here on
	NextTry  time.Duration // how long the automatic waits before it tries to leave the level, zero where it does not wait
	At       time.Time     // when it happened, which is before the listener hears of it
	Missed   uint64        // how many changes before this one the listener never hears of: it did not keep up
}
