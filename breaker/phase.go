package breaker

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// State is what a breaker does with calls.
type State uint8

// The states.
const (
	Closed       State = iota // calls go, and are counted
	Open                      // calls are refused until a time
	HalfOpen                  // a few calls go, to probe: also an open breaker whose time is up
	Isolated                  // calls are refused until a person says otherwise
	ForcedClosed              // calls go, and are counted, whatever comes of it
)

var stateNames = [...]string{"closed", "open", "half-open", "isolated", "forced closed"}

// String returns the state's name.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

// A phase is the time that a breaker spends in one state, by the same settings: Update replaces it by one with other settings and the
// same tag. What is not atomic, or under the breaker's mutex, does not change.
type phase struct {
	state    State
	cause    Cause         // why the state began
	ramping  atomic.Bool   // of Closed: not all calls go yet
	tag      uint64        // the generation, as tokens have it
	since    time.Duration // by the breaker's now
	until    time.Duration // of Open: when probes may go
	settings *config
	refusal  *OpenError // what Acquire returns while it refuses

	window window         // of Closed and ForcedClosed
	row    *atomic.Uint64 // their failures in a row

	probes *probation // of HalfOpen; under the breaker's mutex
}

// enter ends the current phase and begins another, after a last failure or for a person's reason: the one place where the state changes.
// The caller holds mu, and delivers the event after letting go of it.
func (b *Breaker) enter(next *phase, last error, reason string) {
	p := b.current.Load()
	next.tag, next.settings = p.tag+tagOf(1), p.settings
	t := Transition{
		Name: p.settings.name, From: p.state, To: next.state, Cause: next.cause, Reason: reason, Err: last,
		At: b.base.Add(next.since), Counts: p.counts(next.since),
	}
	switch next.state {
	case Closed, ForcedClosed:
		b.reopened = 0
		next.window, next.row = p.settings.window(), new(atomic.Uint64)
	case Open:
		if b.reopened < math.MaxInt {
			b.reopened++
		}
		b.opened.Add(1)
		t.NextProbe = next.until - next.since
	case HalfOpen:
		b.luck = b.lot(p.settings) // beforehand, so that readers know for how long it would be open again
		next.probes = &probation{err: last}
	case Isolated:
	}
	if next.state != ForcedClosed && (next.state != Closed || next.ramping.Load()) {
		next.refusal = b.refusal(next, last, reason)
	}
	b.current.Store(next)
	if a := b.audience.Load(); a != nil {
		a.events.Push(t)
	}
}

// refusal returns the error for the calls that a phase does not admit: made once, so that refusing allocates nothing.
func (b *Breaker) refusal(p *phase, last error, reason string) *OpenError {
	e := &OpenError{Name: p.settings.name, State: p.state, Since: b.base.Add(p.since), Cause: p.cause, Reason: reason, Last: last}
	if p.state == Open {
		e.until = b.base.Add(p.until)
	}
	return e
}

// trip opens the breaker after the call that was the last straw, unless somebody was faster, or has changed what counts as one. err is
// its failure, nil if it was just slow.
func (b *Breaker) trip(p *phase, err error) {
	b.mu.Lock()
	now := b.now()
	if q := b.current.Load(); q.tag == p.tag {
		if cause := q.verdict(now); cause != CauseNone {
			if cause == CauseConsecutive && err == nil {
				cause = CauseOvertaken
			}
			b.luck = b.lot(q.settings)
			b.enter(&phase{state: Open, since: now, until: plus(now, q.settings.openFor(0, b.luck)), cause: cause}, fault.Original(err), "")
		}
	}
	b.mu.Unlock()
	b.deliver()
}

// lot draws the luck of an open time. What knows no jitter has none, neither good nor bad.
func (b *Breaker) lot(c *config) float64 {
	if c.openJitter > 0 {
		return b.draw()
	}
	return 0.5
}

// openFor returns how long the breaker stays open when it has opened so often in a row before.
func (c *config) openFor(before int, luck float64) time.Duration {
	d := float64(c.openTime)
	if before > 0 {
		d = min(d*math.Pow(c.growth, float64(before)), max(float64(c.maxOpenTime), d))
	}
	d *= 1 + c.openJitter*(2*luck-1)
	if d < math.MaxInt64 {
		return time.Duration(d)
	}
	return math.MaxInt64
}

// DrawFrom makes the breaker draw from a source in place of math/rand's (its open time, and who may go while it ramps up), so that a
// simulation comes out the same each time: ductiletest.Simulate calls it. Call it before the first call goes through the breaker. The
// source must be safe for concurrent use.
func (b *Breaker) DrawFrom(source rand.Source) { b.theAudience().dice = rand.New(source) }

// draw draws from 0 to 1.
func (b *Breaker) draw() float64 {
	if a := b.audience.Load(); a != nil && a.dice != nil {
		return a.dice.Float64()
	}
	return rand.Float64()
}

// plus adds without overflow.
func plus(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// ramped decides whether a call may go while the load comes back after closing: a tenth of the calls at first, all of them in the end.
func (b *Breaker) ramped(p *phase) bool {
	passed := b.now() - p.since
	if passed >= p.settings.ramp {
		p.ramping.Store(false)
		return true
	}
	const first = 0.1
	return b.draw() < first+(1-first)*float64(passed)/float64(p.settings.ramp)
}
