package breaker

import (
	"context"
	"math"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// probation is what a half-open breaker knows. A probe has a lease: one that never reports (it hangs, or was lost) counts as failed
// when the lease ends, and its place is free again. So no probe can keep the breaker half-open for ever.
type probation struct {
	leases                   []lease // live, in the order of their ends
	last                     uint64  // the newest lease's number
	reported, failures, slow uint64
	reopenFor                time.Duration // how long the breaker will be open if the probes fail: drawn beforehand, so that readers know
	err                      error         // the last failure, at first the one before the probes
}

type lease struct {
	number  uint64
	start   time.Duration
	expires time.Duration
}

// probe admits a call to an open breaker whose time is up, or a half-open one with a free place.
func (b *Breaker) probe(ctx context.Context) (token uint64, err error) {
	haste := b.haste(ctx)
	b.mu.Lock()
	b.advance(b.now())
	token, err = b.lease(haste)
	b.mu.Unlock()
	if err != nil {
		b.refused.Add(1)
		b.deliver()
		return 0, err
	}
	delivered := false
	defer func() {
		if delivered {
			return
		}
		if p := b.current.Load(); p.state == HalfOpen && p.tag == token&tagMask { // a listener panicked: there will be no call
			b.settle(p, token, uncounted, nil)
			b.deliver()
		}
	}()
	b.deliver()
	delivered = true
	return token, nil
}

// lease admits a call by the current phase. The caller holds mu.
func (b *Breaker) lease(haste uint64) (uint64, error) {
	p := b.current.Load()
	if p.state == Closed || p.state == ForcedClosed {
		return b.token(p, haste), nil // others were faster
	}
	if p.state != HalfOpen || len(p.probes.leases) >= int(b.probes) {
		return 0, p.refusal
	}
	now, expires := b.now(), time.Duration(math.MaxInt64)
	if b.probeLease > 0 {
		expires = plus(now, b.probeLease)
	}
	p.probes.last++
	p.probes.leases = append(p.probes.leases, lease{p.probes.last & lowMask, now, expires})
	return p.tag | haste | p.probes.last&lowMask, nil
}

// report ends a probe.
func (b *Breaker) report(p *phase, token uint64, err error) {
	o := uncounted
	defer func() { // where the user's classifier panics, too: then the place is free, and nothing is counted
		b.settle(p, token, o, err)
		b.deliver()
	}()
	o = b.outcome(token, err)
}

// settle takes a probe's lease back and decides what its end means.
func (b *Breaker) settle(p *phase, token uint64, o outcome, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.advance(now)
	if b.current.Load() != p {
		return
	}
	l, ok := p.probes.end(token & lowMask)
	if !ok || o == uncounted {
		return
	}
	if b.slow > 0 && now-l.start > b.slow {
		o |= slow
	}
	p.probes.count(o)
	if o&failure != 0 {
		p.probes.err = fault.Original(err)
	}
	switch {
	case b.failed(p.probes.failures, p.probes.slow):
		b.reopen(p, now, CauseProbesFailed)
	case p.probes.reported >= uint64(b.probes):
		b.close(now)
	}
}

// end takes a lease out.
func (s *probation) end(number uint64) (lease, bool) {
	for i, l := range s.leases {
		if l.number == number {
			s.leases = append(s.leases[:i], s.leases[i+1:]...)
			return l, true
		}
	}
	return lease{}, false
}

func (s *probation) count(o outcome) {
	s.reported++
	if o&failure != 0 {
		s.failures++
	}
	if o&slow != 0 {
		s.slow++
	}
}

// failed reports whether so many bad probes make closing impossible, whatever the others say.
func (b *Breaker) failed(failures, slow uint64) bool {
	n := uint64(b.probes)
	return reaches(failures, n, b.probeRate) || reaches(slow, n, b.slowRate)
}

// reopen opens a half-open breaker again.
func (b *Breaker) reopen(p *phase, at time.Duration, cause Cause) {
	b.enter(&phase{state: Open, since: at, until: plus(at, p.probes.reopenFor), cause: cause}, p.probes.err)
}

// close closes a half-open breaker.
func (b *Breaker) close(at time.Duration) {
	closed := &phase{state: Closed, since: at, cause: CauseProbesSucceeded}
	closed.ramping.Store(b.ramp > 0)
	b.enter(closed, nil)
}

// advance does what the passing of time alone does: an open breaker becomes half-open, and leases end. The caller holds mu.
func (b *Breaker) advance(now time.Duration) {
	for {
		p := b.current.Load()
		switch {
		case p.state == Open && now >= p.until:
			b.enter(&phase{state: HalfOpen, since: p.until, cause: CauseTimeUp}, p.refusal.Last)
		case p.state == HalfOpen && len(p.probes.leases) > 0 && now >= p.probes.leases[0].expires:
			expired := p.probes.leases[0]
			p.probes.leases = p.probes.leases[1:]
			p.probes.count(failure)
			if b.failed(p.probes.failures, p.probes.slow) {
				b.reopen(p, expired.expires, CauseProbeExpired)
			} else if p.probes.reported >= uint64(b.probes) {
				b.close(expired.expires)
			}
		default:
			return
		}
	}
}
