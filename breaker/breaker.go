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
//
// Unless told otherwise it opens where half of at least 20 calls in 10 s failed, or 5 in a row, for 5 s at first and 10 s at most, and
// lets 5 probes in: see [New]. All of its numbers can be tuned while it runs: see [Breaker.Update].
package breaker

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A Breaker guards one dependency. It is made by [New]; use one for each thing that can fail by itself (a service, a shard, a host), and
// share it between all pipelines that call it. It serves calls with values of any type, and is safe for concurrent use.
//
// Most programs put it into a pipeline and read [Breaker.State] or [Breaker.Snapshot]. A breaker can also be driven by hand: Acquire
// before a call, Release with the token and the call's error after. Update tunes it while it runs.
//
// While it is closed, a call costs an atomic load, a clock reading and an atomic addition; a refusal costs a clock reading. Neither
// allocates.
type Breaker struct {
	base     time.Time // what now counts from
	refused  atomic.Uint64
	opened   atomic.Uint64
	current  atomic.Pointer[phase]    // and the settings; written under mu
	mu       sync.Mutex               // held to change phase and while half-open, never while user code runs
	reopened int                      // how often in a row it has opened since it was closed; under mu
	luck     float64                  // from 0 to 1: of the present open time, or while half-open of the next; under mu
	audience atomic.Pointer[audience] // nil where nobody ever listened, or said what to draw from
}

// New returns a closed breaker. It opens when, of the calls that ended in the last 10 s, there were 20 and half of them failed;
// with fewer than 20, when 5 in a row failed, however far apart. It stays open for 5 s, and for 10 s each time it opens again without
// having closed, give or take 10 %. Then it admits 5 probes, and closes when less than half of 5 failed.
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
	b := &Breaker{base: time.Now()}
	if c.onTransition != nil {
		b.Listen(c.onTransition)
	}
	c.live, c.onTransition = true, nil
	b.current.Store(&phase{settings: &c, state: Closed, tag: tagOf(1), window: c.window(), row: new(atomic.Uint64)})
	return b
}

// Name returns the breaker's name.
func (b *Breaker) Name() string { return b.current.Load().settings.name }

// String returns what the breaker does, for Pipeline.String.
func (b *Breaker) String() string { return b.current.Load().settings.String() }

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
		return b.token(p, p.settings.haste(ctx)), nil
	case ForcedClosed:
		return b.token(p, p.settings.haste(ctx)), nil
	case Open:
		if b.now() >= p.until {
			return b.probe(ctx, p)
		}
	case Isolated:
	default:
		return b.probe(ctx, p)
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
	c := p.settings
	o := c.outcome(token, err)
	if o == uncounted {
		return
	}
	if err != nil { // the classifier may have taken its time: the window may be another by now
		if p = b.current.Load(); p.tag != token&tagMask {
			return
		}
	}
	if now == unread {
		now = b.now()
	}
	answered := o == success // an overtaken copy has not, though it did not fail
	if c.slow > 0 && since(token, now) > c.slow {
		o |= slow
	}
	p.window.record(now, o)
	switch {
	case !answered:
		p.row.Add(1)
	case p.row.Load() != 0:
		p.row.Store(0)
	}
	if o&(failure|slow) != 0 && p.verdict(now) != CauseNone {
		if o&failure == 0 {
			err = nil
		}
		b.trip(p, err)
	}
}
