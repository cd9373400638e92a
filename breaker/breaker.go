// Package breaker stops calling a dependency that fails, and finds out by itself when it works again.
//
// A dependency in trouble is not helped by more calls, and callers are not helped by waiting for the next failure. A closed breaker
// counts how calls end. When too many fail it opens, and refuses calls at once, so that the dependency gets air and its callers a
// quick answer to fall back from. After a while it is half-open: a few probes may go. If they succeed it closes, if they fail it
// opens again, for longer. The pattern is Nygard's ("Release It!", 2007).
//
//	         too many failures
//	closed ────────────────────▶ open
//	  ▲                          │  ▲
//	  │ probes            time's │  │ probes
//	  │ succeed               up ▼  │ fail
//	  └──────────────────── half-open
package breaker

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// A Breaker guards one dependency. It is made by [New]; use one for each thing that can fail by itself (a service, a shard, a host), and
// share it between all pipelines that call it. It serves calls with values of any type, and is safe for concurrent use.
//
// Most programs put it into a pipeline and read [Breaker.State] or [Breaker.Snapshot]. A breaker can also be driven by hand: Acquire
// before a call, Release with the token and the call's error after.
//
// While it is closed, a call costs an atomic load, a clock reading and an atomic addition; a refusal costs a clock reading. Neither
// allocates.
type Breaker struct {
	config
	base     time.Time // what now counts from
	refused  atomic.Uint64
	opened   atomic.Uint64
	current  atomic.Pointer[phase]    // written under mu
	mu       sync.Mutex               // held to change phase and while half-open, never while user code runs
	reopened int                      // how often in a row it has opened since it was closed; under mu
	audience atomic.Pointer[audience] // nil where nobody ever listened, or said what to draw from
}

// New returns a closed breaker. It opens when, of the calls that ended in the last 10 s, there were 20 and half of them failed;
// with fewer than 20, when 5 in a row failed, however far apart. It stays open for 5 s, and twice as long each time it opens again
// without having closed, up to 60 s, give or take 10 %. Then it admits 5 probes, and closes when less than half of 5 failed.
//
// A copy of a hedged call that had outlasted the hedge's delay when a faster one overtook it is slow (nine of ten open the breaker), and
// counts in the row of failures: of a replica that hangs behind a hedge nothing else is heard.
//
// It panics on options that make no sense; [Validate] says the same as an error.
func New(options ...Option) *Breaker {
	c, err := configure(options)
	if err != nil {
		panic(err)
	}
	b := &Breaker{config: c, base: time.Now()}
	if b.onTransition != nil {
		b.Listen(b.onTransition)
	}
	b.current.Store(&phase{state: Closed, tag: tagOf(1), window: c.window()})
	return b
}

// Name returns the breaker's name.
func (b *Breaker) Name() string { return b.name }

// now is the time since the breaker was made: monotonic, and with a base of its own, so that it works inside a synctest bubble.
func (b *Breaker) now() time.Duration { return time.Since(b.base) }

// Acquire admits a call, or returns why not: an [*OpenError]. The token is for Release.
func (b *Breaker) Acquire(ctx context.Context) (token uint64, err error) {
	p := b.current.Load()
	switch p.state {
	case Closed:
		if p.ramping.Load() && !b.ramped(p) {
			break
		}
		return b.token(p, b.haste(ctx)), nil
	case ForcedClosed:
		return b.token(p, b.haste(ctx)), nil
	case Open:
		if b.now() >= p.until {
			return b.probe(ctx)
		}
	case Isolated:
	default:
		return b.probe(ctx)
	}
	b.refused.Add(1)
	return 0, p.refusal
}

// Release says how a call ended that Acquire admitted: once for each token, for while the breaker is closed a second time would count
// again. A result that comes after the breaker has changed its state counts for nothing.
func (b *Breaker) Release(token uint64, err error) { b.release(token, unread, err) }

// ReleaseAt is Release for who has just read the clock.
func (b *Breaker) ReleaseAt(token uint64, at time.Time, err error) {
	b.release(token, at.Sub(b.base), err)
}

// unread is a time that nobody has read yet.
const unread time.Duration = math.MinInt64

func (b *Breaker) release(token uint64, now time.Duration, err error) {
	p := b.current.Load()
	if p.tag != token&tagMask {
		return
	}
	if p.state == HalfOpen {
		b.report(p, token, err)
		return
	}
	o := b.outcome(token, err)
	if o == uncounted {
		return
	}
	if now == unread {
		now = b.now()
	}
	answered := o == success // an overtaken copy has not, though it did not fail
	if b.slow > 0 && b.since(token, now) > b.slow {
		o |= slow
	}
	p.window.record(now, o)
	switch {
	case !answered:
		p.consecutive.Add(1)
	case p.consecutive.Load() != 0:
		p.consecutive.Store(0)
	}
	if o&(failure|slow) != 0 && b.verdict(p, now) != CauseNone {
		if o&failure == 0 {
			err = nil
		}
		b.trip(p, err)
	}
}

// outcome is how a call counts: a set of bits.
type outcome uint8

const (
	success   outcome = 0
	failure   outcome = 1
	slow      outcome = 2
	uncounted outcome = 4
)

// outcome sorts a call's end.
func (b *Breaker) outcome(token uint64, err error) outcome {
	if err == nil {
		return success
	}
	class := b.classify.Of(err)
	if as, ok := b.countAs[class]; ok {
		class = as
	}
	switch class {
	case fault.ClassSuccess, fault.ClassPermanent:
		return success
	case fault.ClassTransient, fault.ClassOverload, fault.ClassAborted:
		return failure
	case fault.ClassTimeout:
		if token&impatient != 0 && fault.DeadlinePassed(err) {
			return uncounted
		}
		return failure
	case fault.ClassSuperseded:
		if fault.Outlasted(err) {
			return slow
		}
		return uncounted
	default:
		return uncounted
	}
}

// verdict returns why a closed phase has to end, CauseNone if it has not.
func (b *Breaker) verdict(p *phase, now time.Duration) Cause {
	if p.state != Closed {
		return CauseNone
	}
	if t := p.window.tally(now); t.calls >= b.minCalls {
		if b.failureRate > 0 && reaches(t.failures, t.calls, b.failureRate) {
			return CauseFailureRate
		}
		if reaches(t.slow, t.calls, b.slowRate) {
			return CauseSlowRate
		}
		if b.failureRate > 0 {
			return CauseNone // enough calls to tell: failures in a row are chance
		}
	}
	if b.consecutive > 0 && p.consecutive.Load() >= b.consecutive {
		return CauseConsecutive
	}
	return CauseNone
}

// reaches reports whether part of whole is at least a rate in millionths, in integers.
func reaches(part, whole, rate uint64) bool { return whole > 0 && part*million >= rate*whole }

const million = 1_000_000
