package safemode_test

import (
	"slices"
	"time"

	"github.com/ductile-go/ductile/safemode"
)

// A model of the mode of TestAgainstAModel, as plain as can be: it keeps every call.
type model struct {
	now   time.Duration
	level safemode.Level
	held  bool
	era   int // changes with each level and each order
	trial int // changes with each stage

	heard []modelEnd    // at this level
	bad   time.Duration // since when, or never

	step         int // -1 for none, 0 for waiting and probing
	until        time.Duration
	leases       []modelCall
	came         int
	used         time.Duration // until when the calls have gone that the step needs
	went         int           // of the last two that came, in the first step
	ended, fails int

	again int
	calm  time.Duration // or never

	changes int
}

type modelEnd struct {
	at     time.Duration
	failed bool
}

// A modelCall is one that was let go.
type modelCall struct {
	token      uint64
	era, trial int // trial is zero for work that the level does
	number     int
	expires    time.Duration
}

const (
	never       = time.Duration(-1)
	modelWindow = 10 * second
	modelSlice  = second
	modelWait   = 30 * second
	modelLimit  = 2 * time.Minute
	modelStep   = 3 * second
	modelCalls  = 4
	modelProbes = 2
	modelLease  = 4 * second
)

func newModel() *model { return &model{bad: never, calm: never, step: -1} }

func (m *model) enter(level safemode.Level, held bool, at time.Duration) {
	m.level, m.held, m.heard, m.bad = level, held, nil, never
	m.era++
	m.changes++
	m.stage(-1, at)
	m.changes-- // it is one
}

func (m *model) stage(step int, until time.Duration) {
	m.trial++
	m.step, m.until, m.leases, m.came, m.went, m.used, m.ended, m.fails = step, until, nil, 0, 0, 0, 0, 0
	m.changes++
}

func (m *model) wait() time.Duration { return min(modelWait<<min(m.again, 8), modelLimit) }

// pass does what time does.
func (m *model) pass() {
	for len(m.leases) > 0 && m.now >= m.leases[0].expires {
		at := m.leases[0].expires
		m.leases = m.leases[1:]
		m.end(true, at)
	}
}

// end counts a call of the current stage.
func (m *model) end(failed bool, at time.Duration) {
	m.ended++
	if failed {
		m.fails++
	}
	need := modelProbes
	if m.step > 0 {
		need = max(modelCalls, m.ended)
	}
	switch {
	case 4*m.fails >= need:
		m.again++
		m.stage(0, at+m.wait())
	case m.step == 0 && m.ended >= modelProbes:
		m.stage(1, at+modelStep)
	case m.step == 1 && m.ended >= modelCalls && at >= m.until:
		m.stage(2, at+modelStep)
	case m.step == 2 && m.ended >= modelCalls && at >= m.until:
		m.enter(m.level-1, false, at)
		m.calm = at
		if m.level > safemode.Normal {
			m.step, m.until = 0, at
		}
	}
}

// order is a person's word.
func (m *model) order(level safemode.Level, held bool) {
	m.pass()
	if m.level == level && m.held == held && (held || level == safemode.Normal) {
		return
	}
	m.enter(level, held, m.now)
	m.again, m.calm = 0, never
}

// acquire says which call goes: sure where it must, or must not.
func (m *model) acquire(lowest safemode.Level) (call modelCall, goes, sure bool) {
	if m.level <= lowest {
		return modelCall{era: m.era}, true, true
	}
	if m.step == 0 && m.now >= m.until {
		m.pass()
	}
	call = modelCall{era: m.era, trial: m.trial}
	switch {
	case m.step == 0 && m.now >= m.until && len(m.leases) < modelProbes:
		call.expires = m.now + modelLease
		m.came++
		call.number = m.came
		m.leases = append(m.leases, call)
		return call, true, true
	case m.step == 2:
		return call, true, true
	case m.step == 1 && max(m.used, m.now)+modelStep/modelCalls <= m.now+modelStep:
		m.used = max(m.used, m.now) + modelStep/modelCalls
		return call, true, true
	case m.step == 1:
		m.came++
		if m.came%2 == 1 {
			return call, true, false
		}
		return call, m.went == 0, true
	default:
		return call, false, true
	}
}

// release ends a call.
func (m *model) release(call modelCall, failed bool) {
	if call.trial > 0 {
		if m.step == 0 && call.trial == m.trial && call.era == m.era {
			m.pass()
		}
		if call.trial != m.trial {
			return
		}
		if m.step == 0 {
			at := slices.IndexFunc(m.leases, func(l modelCall) bool { return l.number == call.number })
			if at < 0 {
				return
			}
			m.leases = slices.Delete(m.leases, at, at+1)
		}
		m.end(failed, m.now)
		return
	}
	if call.era != m.era || m.held || m.level == safemode.Safe {
		return
	}
	m.heard = append(m.heard, modelEnd{m.now, failed})
	calls, fails := m.counts()
	switch {
	case calls < 10 || 2*fails < calls:
		m.bad = never
	case !failed && m.bad == never: // noticed by the next failure
	case m.bad == never:
		m.bad = m.now
	case m.now-m.bad >= 10*second:
		m.pass()
		switch {
		case m.calm != never && m.now-m.calm < modelLimit:
			m.again++
		case m.level == safemode.Normal:
			m.again = 0
		}
		m.enter(m.level+1, false, m.now)
		m.step, m.until, m.calm = 0, m.now+m.wait(), never
	}
}

// counts returns what the window holds.
func (m *model) counts() (calls, fails int) {
	if m.held {
		return 0, 0
	}
	for _, e := range m.heard {
		if m.now/modelSlice-e.at/modelSlice < modelWindow/modelSlice {
			calls++
			if e.failed {
				fails++
			}
		}
	}
	return calls, fails
}
