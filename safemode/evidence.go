package safemode

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/rolling"
)

// Counts is how calls ended.
type Counts struct {
	Calls    uint64 // that ended, and were counted
	Failures uint64 // of them
}

// FailureRate returns the share of the calls that failed, from 0 to 1.
func (c Counts) FailureRate() float64 {
	if c.Calls == 0 {
		return 0
	}
	return float64(c.Failures) / float64(c.Calls)
}

// evidence is how the calls ended, lately, that a level lets go.
type evidence struct {
	slice      time.Duration
	ok, failed rolling.Counter
	before     *before      // of evidence over another window; nil where there is none
	bad        atomic.Int64 // since when too many have failed, and one, so that zero is not at all
}

// before is what was heard before the window was resized.
type before struct{ ok, failed rolling.Past }

func (e *evidence) at(now time.Duration) uint32 { return uint32(now/e.slice) + 1 }

func (e *evidence) record(now time.Duration, failed bool) {
	if failed {
		e.failed.Add(e.at(now), 1)
	} else {
		e.ok.Add(e.at(now), 1)
	}
}

func (e *evidence) counts(now time.Duration) Counts {
	at := e.at(now)
	c := Counts{Failures: e.failed.Sum(at)}
	c.Calls = e.ok.Sum(at) + c.Failures
	if old := e.before; old != nil {
		failures := old.failed.Sum(at)
		c.Calls += old.ok.Sum(at) + failures
		c.Failures += failures
	}
	return c
}

// enough reports whether too many calls have failed, and for long enough. It is asked after each failure, and after each success while
// there were too many: so no moment is missed at which there were not.
func (e *evidence) enough(now time.Duration, a *automatic) bool {
	c := e.counts(now)
	if c.Calls < a.minCalls || !reaches(c.Failures, c.Calls, a.failureRate) {
		e.bad.Store(0)
		return false
	}
	e.bad.CompareAndSwap(0, int64(now)+1)
	since := e.bad.Load()
	return since != 0 && now-time.Duration(since-1) >= a.sustain
}

// reaches reports whether part of whole is at least a rate in millionths, in integers.
func reaches(part, whole, rate uint64) bool { return whole > 0 && part*million >= rate*whole }

const million = 1_000_000

// unread is a time that nobody has read yet.
const unread time.Duration = math.MinInt64

func (m *Mode) release(token uint64, now time.Duration, err error) {
	if token == 0 {
		return
	}
	p := m.current.Load()
	if p.tag != token&eraMask {
		return
	}
	if token&onTrial != 0 {
		if p.trial != nil {
			m.report(token, now, p.auto, err)
		}
		return
	}
	if p.heard == nil {
		return
	}
	o := p.auto.outcome(err)
	if o == uncounted {
		return
	}
	if err != nil { // the classifier may have taken its time: it may be over another window by now
		if p = m.current.Load(); p.tag != token&eraMask || p.heard == nil {
			return
		}
	}
	if now == unread {
		now = m.now()
	}
	p.heard.record(now, o == failure)
	if (o == failure || p.heard.bad.Load() != 0) && p.heard.enough(now, p.auto) {
		m.escalate(p.tag)
	}
}

// escalate engages, or goes from degraded to safe, unless somebody was faster.
func (m *Mode) escalate(tag uint64) {
	m.mu.Lock()
	now := m.now()
	m.advance(now)
	if p := m.current.Load(); p.tag == tag && p.heard != nil && p.heard.enough(now, p.auto) {
		m.engage(p, now, p.heard.counts(now))
	}
	m.mu.Unlock()
	m.deliver()
}

// outcome is how a call counts.
type outcome uint8

const (
	uncounted outcome = iota
	success
	failure
)

// outcome sorts a call's end. A rejection by a policy inside is a failure here: the caller was not served, and behind a breaker that is
// open nothing else is heard.
func (a *automatic) outcome(err error) outcome {
	if err == nil {
		return success
	}
	class := a.classify.Of(err)
	if as, ok := a.countAs[class]; ok {
		class = as
	}
	switch {
	case class.Failure() || class == fault.ClassRejected:
		return failure
	case class == fault.ClassSuccess || class == fault.ClassPermanent:
		return success
	default:
		return uncounted
	}
}
