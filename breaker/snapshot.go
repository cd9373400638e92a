package breaker

import "time"

// A Snapshot is what a breaker was at one moment.
type Snapshot struct {
	Name      string        // the breaker's
	State     State         // what it does with calls
	Since     time.Time     // when the state began
	Cause     Cause         // why it began; CauseNone for a breaker that has been closed from the beginning
	Reason    string        // of Isolate
	Counts    Counts        // of the window, or of the probes that have reported
	Probing   int           // probes that are out
	NextProbe time.Duration // time until probes may go, zero unless open
	Refused   uint64        // calls refused since the breaker was made
	Opened    uint64        // how often it has opened since it was made
}

// State returns the breaker's state. It is up to date even if no calls arrive: an open breaker whose time is up is half-open, and probes
// that never reported have failed. Reading changes nothing and calls no listener.
func (b *Breaker) State() State {
	if p := b.current.Load(); p.state != Open && p.state != HalfOpen {
		return p.state
	}
	return b.Snapshot().State
}

// Snapshot returns what the breaker is now: see State.
func (b *Breaker) Snapshot() Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, p := b.now(), b.current.Load()
	s := Snapshot{
		Name: p.settings.name, State: p.state, Since: b.base.Add(p.since), Cause: p.cause,
		Counts: p.counts(now), Refused: b.refused.Load(), Opened: b.opened.Load(),
	}
	switch p.state {
	case Isolated:
		s.Reason = p.refusal.Reason
	case Open:
		b.opens(&s, p.until, now)
	case HalfOpen:
		b.expires(&s, p, now)
	default:
	}
	return s
}

// opens completes the snapshot of a breaker that is open until a time.
func (b *Breaker) opens(s *Snapshot, until, now time.Duration) {
	if now < until {
		s.NextProbe = until - now
		return
	}
	s.State, s.Since, s.Cause, s.Counts = HalfOpen, b.base.Add(until), CauseTimeUp, Counts{}
}

// expires completes the snapshot of a half-open breaker with what the ends of leases mean that no call has noticed yet: what advance
// will do.
func (b *Breaker) expires(s *Snapshot, p *phase, now time.Duration) {
	s.Probing = len(p.probes.leases)
	for _, l := range p.probes.leases {
		if now < l.expires {
			return
		}
		s.Probing--
		s.Counts.Calls++
		s.Counts.Failures++
		if p.settings.failed(s.Counts.Calls, s.Counts.Failures, s.Counts.Slow) {
			s.State, s.Since, s.Cause, s.Probing = Open, b.base.Add(l.expires), CauseProbeExpired, 0
			s.Counts = Counts{}
			s.Opened++
			b.opens(s, plus(l.expires, p.settings.openFor(b.reopened, b.luck)), now)
			return
		}
		if s.Counts.Calls >= uint64(p.settings.probes) {
			s.State, s.Since, s.Cause, s.Probing, s.Counts = Closed, b.base.Add(l.expires), CauseProbesSucceeded, 0, Counts{}
			return
		}
	}
}
