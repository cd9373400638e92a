package safemode

import (
	"math"
	"math/rand/v2"
	"time"
)

// A phase is what a mode does with calls, until something changes: its level, and how far it has got in leaving it. What is not atomic,
// or under the mode's mutex, does not change.
type phase struct {
	level   Level
	cause   Cause  // why the level began
	held    bool   // by a person
	reason  string // of a person, or the automatic's numbers in words
	since   time.Duration
	tag     uint64        // the generation of the level, as tokens have it; zero where nothing is counted
	era     uint64        // the same, of every level
	refusal *EngagedError // what is returned to the work that is let go; nil where there is none
	heard   *evidence     // how the calls end that go; nil where that could change nothing
	trial   *trial        // how the level is left; nil where the automatic does not
	auto    *automatic    // what the mode does by itself; nil for by hand only
}

// memory is what a mode remembers from level to level. Under the mode's mutex.
type memory struct {
	again  int           // how often in a row leaving has failed, or the mode has engaged again soon after
	calm   time.Duration // when the automatic last came back to a better level, zero where that is paid for, or a person has spoken
	trials uint64        // how many trials there have been
	dice   *rand.Rand    // nil for the program's
}

// A token is what a mode remembers of a call, in one word, zero where nothing is counted:
//
//	63 ........ 40   39      38 ...... 20   19 ....... 0
//	generation       trial   its number     the probe's lease
//
// The generation changes with each level and each order, so that late results are known as such. It comes around after 16 million of
// them.
const (
	eraShift          = 40
	onTrial    uint64 = 1 << 39
	trialShift        = 20
	leaseMask  uint64 = 1<<trialShift - 1
	trialMask  uint64 = onTrial - 1 - leaseMask
	eraMask    uint64 = (1<<64 - 1) &^ (1<<eraShift - 1)
)

// fresh completes a phase that begins a level.
func (m *Mode) fresh(next *phase) *phase {
	next.era++
	if next.auto != nil && !next.held {
		next.tag = next.era << eraShift & eraMask
		if next.level < Safe {
			next.heard = &evidence{slice: next.auto.slice()}
		}
	}
	if next.level > Normal {
		next.refusal = m.refusal(next)
	}
	return next
}

// enter begins another level, or the same by another word: with stage, the one place where the phase changes. c has what only the caller
// knows. The caller holds mu, and delivers the event after letting go of it.
func (m *Mode) enter(next *phase, c Change) {
	p := m.current.Load()
	next.era = p.era
	if p.level == Normal && next.level > Normal {
		m.engaged.Add(1)
	}
	m.current.Store(m.fresh(next))
	m.announce(p, next, c)
}

// stage goes on with leaving a level, or begins anew.
func (m *Mode) stage(t *trial, cause Cause, at time.Duration, counts Counts) {
	p := m.current.Load()
	next := *p
	next.trial = m.numbered(t)
	next.refusal = m.refusal(&next)
	m.current.Store(&next)
	m.announce(p, &next, Change{Cause: cause, At: m.base.Add(at), Counts: counts})
}

// announce queues the event of a change.
func (m *Mode) announce(p, next *phase, c Change) {
	a := m.audience.Load()
	if a == nil {
		return
	}
	c.Name, c.From, c.To, c.Reason, c.Held = m.name, p.level, next.level, next.reason, next.held
	if c.Cause == CauseNone {
		c.Cause, c.At = next.cause, m.base.Add(next.since)
	}
	if t := next.trial; t != nil {
		c.Share = t.share()
		if t.step == probing {
			c.NextTry = max(t.until-c.At.Sub(m.base), 0)
		}
	}
	a.events.Push(c)
}

// engage goes one level further because too many calls have failed. The caller holds mu.
func (m *Mode) engage(p *phase, at time.Duration, counts Counts) {
	switch calm := m.memory.calm; {
	case calm > 0 && at-calm < p.auto.longest():
		m.memory.fail()
	case p.level == Normal:
		m.memory.again = 0
	}
	m.memory.calm = 0
	next := &phase{
		level: p.level + 1, cause: CauseFailureRate, reason: p.auto.numbers(counts), since: at, auto: p.auto,
		trial: m.numbered(m.waiting(at, m.memory.draw())),
	}
	m.enter(next, Change{Counts: counts})
}

// fail notes that leaving has come to nothing.
func (y *memory) fail() {
	if y.again < math.MaxInt {
		y.again++
	}
}

// waiting returns the stage that begins with keeping a level.
func (m *Mode) waiting(at time.Duration, drawn float64) *trial {
	a := m.current.Load().auto
	return &trial{began: at, drawn: drawn, until: plus(at, a.engagedFor(m.memory.again, drawn))}
}

// numbered gives a trial its number.
func (m *Mode) numbered(t *trial) *trial {
	m.memory.trials++
	t.number = m.memory.trials << trialShift & trialMask
	t.seed = rand.Uint64()
	t.retreat = m.memory.draw()
	return t
}

// plus adds without overflow.
func plus(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
