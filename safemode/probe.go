package safemode

import (
	"slices"
	"time"
)

type lease struct {
	number         uint64
	began, expires time.Duration
}

// probe admits a call that probes, if there is a free place.
func (m *Mode) probe(lowest Level) (token uint64, err error) {
	m.mu.Lock()
	m.advance(m.now())
	token, err = m.lease(lowest)
	m.mu.Unlock()
	if err != nil {
		m.refused.Add(1)
		m.deliver()
		return 0, err
	}
	delivered := false
	defer func() {
		if !delivered { // a listener panicked: there will be no call
			m.settle(token, unread, uncounted)
			m.deliver()
		}
	}()
	m.deliver()
	delivered = true
	return token, nil
}

// lease admits a call by the current phase. The caller holds mu.
func (m *Mode) lease(lowest Level) (uint64, error) {
	p := m.current.Load()
	switch t := p.trial; {
	case p.level <= lowest:
		return p.tag, nil // others were faster
	case t != nil && t.step > probing && m.goes(p):
		return p.tag | onTrial | t.number, nil // the last lease has ended, and the step begun
	case t == nil || t.step > probing || m.now() < t.until || len(t.leases) >= p.auto.probes:
		return 0, p.refusal
	default:
		t.last++
		now := m.now()
		t.leases = append(t.leases, lease{t.last & leaseMask, now, plus(now, p.auto.lease)})
		return p.tag | onTrial | t.number | t.last&leaseMask, nil
	}
}

// end takes a lease out.
func (t *trial) end(number uint64) bool {
	live := len(t.leases)
	t.leases = slices.DeleteFunc(t.leases, func(l lease) bool { return l.number == number })
	return len(t.leases) < live
}

// probesFailed reports whether so many bad probes make it impossible to go on, whatever the others say. More than it takes have reported
// only where it took more before an Update.
func (a *automatic) probesFailed(c Counts) bool {
	return reaches(c.Failures, max(c.Calls, uint64(a.probes)), a.releaseRate)
}

// judgeProbes goes on or back where the probes have shown what there is to do. The caller holds mu.
func (m *Mode) judgeProbes(t *trial, at time.Duration, failed Cause) {
	a := m.current.Load().auto
	switch {
	case a.probesFailed(t.probes):
		m.back(at, failed, t)
	case t.probes.Calls >= uint64(a.probes):
		m.forward(at, CauseProbesSucceeded, t)
	}
}

// advance does what the passing of time alone does: leases end. The caller holds mu.
func (m *Mode) advance(now time.Duration) {
	for {
		t := m.current.Load().trial
		if t == nil || len(t.leases) == 0 || now < t.leases[0].expires {
			return
		}
		at := t.leases[0].expires
		t.leases = t.leases[1:]
		t.probes.Calls++
		t.probes.Failures++
		m.judgeProbes(t, at, CauseProbeExpired)
	}
}
