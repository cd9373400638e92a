package safemode

import (
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// Update changes the options given, all at once, and leaves the others as they are: what comes of it is what New would make of all
// options in the order in which they were given. It returns the error that [Validate] has for them, and then changes nothing. Calls never
// wait for it. A level that a person holds stays held.
//
// Automatic changes the options inside it, and leaves its others as they are. Where the mode was by hand only, it decides from here on, by
// the calls that begin from here on. NoAutomatic is a person's word about the level that the automatic has engaged: the mode keeps that
// as by Hold, for the same reason, until Disengage. In a mode that is normal it forgets what was heard.
//
//   - Window: calls of the time that the old window and the new one have in common are kept, to a tenth of the old. However often it
//     changes, a call stays for nine tenths of the shortest window since it ended at least, and for the present one and a tenth of the longest
//     at most. Those that end in the very instant of the change may be left out.
//   - MinCalls, FailureRate: what was heard is judged by the new ones at once, and Sustain counted on where there were too many failures
//     before and are now, or from here on where there were not. The mode engages with the next call that ends.
//   - Classify, CountAs: for the ends from here on. What has been counted stays so.
//   - EngagedFor, EngagedGrowth, EngagedJitter: a wait is as long as if they had been set when it began, and as far into its jitter. One
//     that is over stays over.
//   - Probes, ReleaseRate, StepAtLeast: judge the stage under way from its next end on. Of fewer probes, all that have reported count.
//   - ProbeLease: of probes that are out, too, from when each began; none ends before now.
//   - Steps: the step under way goes on. The next ones are the next by number, but none lets less through than the one before it.
//
// Name must be what it is. OnChange is refused: there is Listen. Update tells listeners of what NoAutomatic holds, and of what has
// happened just before, as a call does.
func (m *Mode) Update(options ...Option) error {
	for {
		was := m.asked()
		next := was
		if err := errors.Join(next.apply(options), next.keeps(m.name)); err != nil {
			return err
		}
		if m.adopt(was, next) {
			m.deliver()
			return nil
		}
	}
}

// asked returns what has been asked of the mode so far.
func (m *Mode) asked() config {
	m.mu.Lock()
	defer m.mu.Unlock()
	return config{name: m.name, automatic: m.automatic, off: m.off}
}

// adopt does what is asked of the mode now, unless another Update was faster. Options are applied before it, since they may be the user's
// own code, which must never run under mu.
func (m *Mode) adopt(was, next config) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.automatic != was.automatic || m.off != was.off {
		return false
	}
	m.automatic, m.off = next.automatic, next.off
	m.tune(next.acts())
	return true
}

// keeps returns what an Update may not change and has changed.
func (c *config) keeps(name string) (err error) {
	if c.name != name {
		err = refuse.Value("safemode", "Name", c.name, fmt.Sprintf("%s, as it is: for another name make another mode", name))
	}
	if c.onChange != nil {
		err = errors.Join(err, refuse.Value("safemode", "OnChange", "...", "left out of Update: use Listen"))
	}
	return err
}

// tune puts what the mode does by itself in the place of what it did. The caller holds mu.
func (m *Mode) tune(a *automatic) {
	now := m.now()
	m.advance(now)
	p := m.current.Load()
	if p.auto == a {
		return
	}
	if a == nil && p.level > Normal && !p.held {
		m.enter(&phase{level: p.level, cause: CauseHeld, held: true, reason: p.reason, since: now}, Change{})
		return
	}
	next := *p
	next.auto = a
	switch { // of a level that a person holds there is nothing to keep, and nothing to hear
	case a == nil:
		next.tag, next.heard = 0, nil
	case p.auto == nil:
		m.fresh(&next)
	default:
		m.goOn(&next, now)
	}
	m.current.Store(&next)
	if next.heard != nil {
		next.heard.enough(now, a) // so that it is known since when by these
	}
	if t := next.trial; t != nil && t.step > probing {
		t.hasten(now, a.stepTime)
	}
}

// goOn gives a phase by other settings what it has heard and how far it has got.
func (m *Mode) goOn(p *phase, now time.Duration) {
	if p.heard != nil {
		p.heard = p.heard.over(p.auto.slice(), now)
	}
	switch t := p.trial; {
	case t == nil || t.step > probing:
	case now < t.until:
		until := plus(t.began, p.auto.engagedFor(m.memory.again, t.drawn))
		p.trial = &trial{number: t.number, began: t.began, until: until, drawn: t.drawn, retreat: t.retreat, seed: t.seed}
		p.refusal = m.refusal(p)
	default:
		for i := range t.leases {
			l := &t.leases[i]
			l.expires = max(plus(l.began, p.auto.lease), now)
		}
	}
}

// over returns the evidence over a window of other slices.
func (e *evidence) over(slice, now time.Duration) *evidence {
	if slice == e.slice {
		return e
	}
	next, was := &evidence{slice: slice}, before{}
	if e.before != nil {
		was = *e.before
	}
	was.ok = was.ok.Inherit(&e.ok, now, e.slice, slice)
	was.failed = was.failed.Inherit(&e.failed, now, e.slice, slice)
	if len(was.ok)+len(was.failed) > 0 {
		next.before = &was
	}
	next.bad.Store(e.bad.Load())
	return next
}
