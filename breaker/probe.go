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
	err                      error // the last failure, at first the one before the probes
}

type lease struct {
	number  uint64
	start   time.Duration
	expires time.Duration
}

// probe admits a call to an open breaker whose time is up, or a half-open one with a free place.
func (b *Breaker) probe(ctx context.Context, p *phase) (token uint64, err error) {
	haste := p.settings.haste(ctx)
	b.mu.Lock()
	for q := b.current.Load(); q.settings != p.settings; q = b.current.Load() { // by others, the caller may be in a hurry or not
		b.mu.Unlock()
		p, haste = q, q.settings.haste(ctx)
		b.mu.Lock()
	}
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
	if p.state != HalfOpen || len(p.probes.leases) >= int(p.settings.probes) {
		return 0, p.refusal
	}
	now := b.now()
	p.probes.last++
	p.probes.leases = append(p.probes.leases, lease{p.probes.last & lowMask, now, p.settings.leaseFrom(now)})
	return p.tag | haste | p.probes.last&lowMask, nil
}

// leaseFrom returns when the lease of a probe ends that begins at a time.
func (c *config) leaseFrom(start time.Duration) time.Duration {
	if c.probeLease == 0 {
		return math.MaxInt64
	}
	return plus(start, c.probeLease)
}

// report ends a probe.
func (b *Breaker) report(p *phase, token uint64, err error) {
	o := uncounted
	defer func() { // where the user's classifier panics, too: then the place is free, and nothing is counted
		b.settle(p, token, o, err)
		b.deliver()
	}()
	o = p.settings.outcome(token, err)
}

// settle takes a probe's lease back and decides what its end means.
func (b *Breaker) settle(p *phase, token uint64, o outcome, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.advance(now)
	c, tag := p.settings, p.tag
	if p = b.current.Load(); p.tag != tag { // it may have other settings by now, which decide what follows, and not how the call ended
		return
	}
	l, ok := p.probes.end(token & lowMask)
	if !ok || o == uncounted {
		return
	}
	if c.slow > 0 && now-l.start > c.slow {
		o |= slow
	}
	p.probes.count(o)
	if o&failure != 0 {
		p.probes.err = fault.Original(err)
	}
	switch {
	case p.settings.failed(p.probes.reported, p.probes.failures, p.probes.slow):
		b.reopen(p, now, CauseProbesFailed)
	case p.probes.reported >= uint64(p.settings.probes):
		b.close(p, now)
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

// failed reports whether so many bad probes make closing impossible, whatever the others say. More than it takes have reported only where
// it took more before.
func (c *config) failed(reported, failures, slow uint64) bool {
	n := max(reported, uint64(c.probes))
	return reaches(failures, n, c.probeFailureRate()) || reaches(slow, n, c.slowRate)
}

// reopen opens a half-open breaker again.
func (b *Breaker) reopen(p *phase, at time.Duration, cause Cause) {
	until := plus(at, p.settings.openFor(b.reopened, b.luck))
	b.enter(&phase{state: Open, since: at, until: until, cause: cause}, p.probes.err, "")
}

// close closes a half-open breaker.
func (b *Breaker) close(p *phase, at time.Duration) {
	closed := &phase{state: Closed, since: at, cause: CauseProbesSucceeded}
	closed.ramping.Store(p.settings.ramp > 0)
	b.enter(closed, nil, "")
}

// advance does what the passing of time alone does: an open breaker becomes half-open, and leases end. The caller holds mu.
func (b *Breaker) advance(now time.Duration) {
	for {
		p := b.current.Load()
		switch {
		case p.state == Open && now >= p.until:
			b.enter(&phase{state: HalfOpen, since: p.until, cause: CauseTimeUp}, p.refusal.Last, "")
		case p.state == HalfOpen && len(p.probes.leases) > 0 && now >= p.probes.leases[0].expires:
			expired := p.probes.leases[0]
			p.probes.leases = p.probes.leases[1:]
			p.probes.count(failure)
			if p.settings.failed(p.probes.reported, p.probes.failures, p.probes.slow) {
				b.reopen(p, expired.expires, CauseProbeExpired)
			} else if p.probes.reported >= uint64(p.settings.probes) {
				b.close(p, expired.expires)
			}
		default:
			return
		}
	}
}
