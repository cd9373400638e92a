package safemode

import (
	"math"
	"time"
)

// goes reports whether a call may go in the step that a phase is in.
func (m *Mode) goes(p *phase) bool {
	t, now := p.trial, m.now()
	if !t.due(now, p.auto) {
		return t.turn()
	}
	if q := m.current.Load(); q != p && q.trial == t { // an Update was faster, and may have hastened the step before this call had its turn
		t.hasten(now, q.auto.stepTime)
	}
	return true
}

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

// hasten keeps a step from waiting, by the rhythm that it had before an Update, for longer than the new one would. Update does so once the
// new one is there, and so does a call that went by the old one and then finds the new.
func (t *trial) hasten(now, stepTime time.Duration) {
	for {
		used, most := t.used.Load(), int64(plus(now, stepTime))
		if used <= most || t.used.CompareAndSwap(used, most) {
			return
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
	if p.trial.stepEnds(p.auto, unpack(tally), now) == CauseNone {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now = m.now()
	t := p.trial // which outlives an Update
	if p = m.current.Load(); p.trial != t {
		return
	}
	switch cause := t.stepEnds(p.auto, t.counts(), now); cause {
	case CauseStepFailed:
		m.back(now, cause, t)
	case CauseStepSucceeded:
		m.forward(now, cause, t)
	default:
	}
}

// stepEnds returns how a step ends, CauseNone while it goes on.
func (t *trial) stepEnds(a *automatic, c Counts, now time.Duration) Cause {
	switch {
	case reaches(c.Failures, max(c.Calls, a.stepCalls), a.releaseRate):
		return CauseStepFailed
	case c.Calls >= a.stepCalls && now >= plus(t.began, a.stepTime):
		return CauseStepSucceeded
	default:
		return CauseNone
	}
}
