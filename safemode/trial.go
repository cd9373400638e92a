package safemode

import (
	"sync/atomic"
	"time"
)

// A trial is one stage of leaving a level: first a wait and then a few probes, and then steps, each of which lets a larger share of the
// calls through that the level refuses.
//
// A probe has a lease: one that never reports (it hangs, or was lost) counts as failed when the lease ends, and its place is free again.
type trial struct {
	number  uint64 // as tokens have it
	step    int    // probing, or the number of the step, from 1
	oneIn   uint64 // of a step: one call in so many goes
	began   time.Duration
	until   time.Duration // of probing: when probes may go
	drawn   float64       // of probing: where in its jitter the wait lies
	retreat float64       // the same of the wait that follows if this stage fails: drawn beforehand, so that readers know
	seed    uint64

	used  atomic.Int64  // of a step: until when the calls that it needs have been let through
	came  atomic.Uint64 // of a step: the other calls that asked
	tally atomic.Uint64 // of a step: how those ended that went, failures<<32 | calls

	leases []lease // of probing: live, in the order of their ends. Under the mode's mutex
	last   uint64  // the newest lease's number
	probes Counts  // that have reported
}

// probing is the first stage of leaving a level.
const probing = 0

// attempt decides about a call that the level refuses: it may go all the same, to find out whether the level can be left.
func (m *Mode) attempt(p *phase, lowest Level) (token uint64, err error) {
	if t := p.trial; t != nil {
		if t.step > probing {
			if m.goes(p) {
				return p.tag | onTrial | t.number, nil
			}
		} else if m.now() >= t.until {
			return m.probe(lowest)
		}
	}
	m.refused.Add(1)
	return 0, p.refusal
}

// share returns which share of the calls goes at least that the level refuses.
func (t *trial) share() float64 {
	if t.step == probing {
		return 0
	}
	return 1 / float64(t.oneIn)
}

// counts returns how the calls of a stage have ended. The caller holds the mode's mutex.
func (t *trial) counts() Counts {
	if t.step == probing {
		return t.probes
	}
	return unpack(t.tally.Load())
}

// report ends a call that was let through on trial.
func (m *Mode) report(token uint64, now time.Duration, a *automatic, err error) {
	o := uncounted
	defer func() { // where the user's classifier panics, too: then the place is free, and nothing is counted
		m.settle(token, now, o)
		m.deliver()
	}()
	o = a.outcome(err)
}

// settle decides what the end of a call on trial means.
func (m *Mode) settle(token uint64, now time.Duration, o outcome) {
	p := m.current.Load()
	if p.trial == nil || p.trial.number != token&trialMask {
		return
	}
	if p.trial.step > probing {
		m.settleStep(p, now, o)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now = m.now()
	m.advance(now)
	t := p.trial // which outlives an Update
	if m.current.Load().trial != t || !t.end(token&leaseMask) || o == uncounted {
		return
	}
	t.probes.Calls++
	if o == failure {
		t.probes.Failures++
	}
	m.judgeProbes(t, now, CauseProbesFailed)
}

// back waits again, for longer, because a stage has failed. The caller holds mu.
func (m *Mode) back(at time.Duration, cause Cause, t *trial) {
	m.memory.fail()
	m.stage(m.waiting(at, t.retreat), cause, at, t.counts())
}

// forward goes on with the next step, or to the next better level. The caller holds mu.
func (m *Mode) forward(at time.Duration, cause Cause, t *trial) {
	p := m.current.Load()
	if steps := p.auto.steps; t.step < len(steps) {
		next := &trial{step: t.step + 1, oneIn: steps[t.step], began: at}
		if t.step > probing {
			next.oneIn = min(next.oneIn, t.oneIn) // an Update may have changed the steps
		}
		m.stage(next, cause, at, t.counts())
		return
	}
	next := &phase{level: p.level - 1, cause: cause, reason: p.reason, since: at, auto: p.auto}
	m.memory.calm = max(at, 1)
	if next.level == Normal {
		next.reason = ""
	} else {
		next.trial = m.numbered(&trial{began: at, until: at}) // the dependency has just shown that it is well
	}
	m.enter(next, Change{Counts: t.counts()})
}
