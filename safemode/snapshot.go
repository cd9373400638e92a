package safemode

import "time"

// A Snapshot is what a mode was at one moment.
type Snapshot struct {
	Name    string        // the mode's
	Level   Level         // how far the service is degraded
	Since   time.Time     // when the level began, or a person said so
	Held    bool          // a person holds it
	Cause   Cause         // why it began; CauseNone for a mode that has been normal from the beginning
	Reason  string        // of a person; of the automatic, the numbers for which it engaged
	Counts  Counts        // of the calls that go at this level, in the window of an automatic mode that nobody holds
	Trial   Counts        // of the probes that have reported, or of the calls of the step
	Probing int           // probes that are out
	Share   float64       // which share, at least, of the calls that the level refuses goes all the same
	NextTry time.Duration // time until the automatic tries to leave the level, zero where it does not wait
	Refused uint64        // calls refused since the mode was made
	Engaged uint64        // how often it has left Normal since it was made
}

// Snapshot returns what the mode is now. It is up to date even if no calls arrive: probes that never reported have failed. Reading
// changes nothing and calls no listener.
func (m *Mode) Snapshot() Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, p := m.now(), m.current.Load()
	s := Snapshot{
		Name: m.name, Level: p.level, Since: m.base.Add(p.since), Held: p.held, Cause: p.cause, Reason: p.reason,
		Refused: m.refused.Load(), Engaged: m.engaged.Load(),
	}
	if p.heard != nil {
		s.Counts = p.heard.counts(now)
	}
	if p.trial != nil {
		m.complete(&s, p, now)
	}
	return s
}

// complete adds how far a mode has got in leaving its level, with what the ends of leases mean that no call has noticed yet: what advance
// will do.
func (m *Mode) complete(s *Snapshot, p *phase, now time.Duration) {
	t, a := p.trial, p.auto
	s.Trial, s.Share, s.Probing = t.counts(), t.share(), len(t.leases)
	until := t.until
	for _, l := range t.leases {
		if now < l.expires {
			break
		}
		s.Probing--
		s.Trial.Calls++
		s.Trial.Failures++
		if a.probesFailed(s.Trial) {
			s.Trial, s.Probing, until = Counts{}, 0, plus(l.expires, a.engagedFor(m.memory.again+1, t.retreat))
			break
		}
		if s.Trial.Calls >= uint64(a.probes) {
			s.Trial, s.Probing, s.Share = Counts{}, 0, 1/float64(a.steps[0])
			break
		}
	}
	if t.step == probing {
		s.NextTry = max(until-now, 0)
	}
}
