package safemode

import (
	"math"
	"time"
)

// goes reports whether a call may go in a step.
func (t *trial) goes(now time.Duration, a *automatic) bool { return t.due(now, a) || t.turn() }

// due reports whether a call of a step may go because the step needs it: so many in the step's time as must have ended, at once where
// none have gone for that long. Without it a step would wait for ever where there is little traffic, from which there is nothing to fear
// either. It is the generic cell rate algorithm (ITU-T I.371).
func (t *trial) due(now time.Duration, a *automatic) bool {
	each := max(a.stepTime/time.Duration(a.stepCalls), 1)
	for {
		used := t.used.Load()
		next := plus(max(time.Duration(used), now), each)
		if next-now > a.stepTime {
			return false
		}
		if t.used.CompareAndSwap(used, int64(next)) {
			return true
		}
	}
}

// turn reports whether one of the other calls of a step may go: exactly one of each oneIn in a row, drawn at random, so that no rhythm of
// the callers' decides which of them go.
func (t *trial) turn() bool {
	n := t.came.Add(1) - 1
	x := t.seed + n/t.oneIn*0x9e3779b97f4a7c15 // splitmix64, by Steele, Lea and Flood (2014)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return (x^x>>31)%t.oneIn == n%t.oneIn
}

func unpack(tally uint64) Counts { return Counts{Calls: tally & math.MaxUint32, Failures: tally >> 32} }

// settleStep counts a call of a step, without a lock until the step is over.
func (m *Mode) settleStep(p *phase, now time.Duration, o outcome) {
	if o == uncounted {
		return
	}
	one := uint64(1)
	if o == failure {
		one |= 1 << 32
	}
	tally := p.trial.tally.Add(one)
	if now == unread {
		now = m.now()
	}
	if m.stepEnds(p.trial, unpack(tally), now) == CauseNone {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now = m.now()
	if m.current.Load() != p {
		return
	}
	switch cause := m.stepEnds(p.trial, p.trial.counts(), now); cause {
	case CauseStepFailed:
		m.back(now, cause, p.trial)
	case CauseStepSucceeded:
		m.forward(now, cause, p.trial)
	default:
	}
}

// stepEnds returns how a step ends, CauseNone while it goes on.
func (m *Mode) stepEnds(t *trial, c Counts, now time.Duration) Cause {
	switch a := m.automatic; {
	case reaches(c.Failures, max(c.Calls, a.stepCalls), a.releaseRate):
		return CauseStepFailed
	case c.Calls >= a.stepCalls && now >= t.until:
		return CauseStepSucceeded
	default:
		return CauseNone
	}
}
