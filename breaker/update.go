package breaker

import "time"

// Update changes the options given, all at once, and leaves the others as they are: the breaker is then what New would have made of all
// options so far, in order. What makes no sense is returned as [Validate] words it, and nothing has changed. Whether
// a call goes, and how it ended, is decided by the settings of before or of after, never by some of each. Update may be called at any time,
// also by a listener; of several the last has the last word.
//
// The state, since when it lasts, what was refused and how often the breaker has opened stay as they are: no update judges what was counted.
// But it can make time's work shorter. An open breaker whose new OpenTime is over is half-open now; and probes that are out for longer than
// the new ProbeLease have failed now, by which a half-open breaker may open again, or close where they were the last that it waited for. As
// with all that time brings, listeners hear of it with the next call, and Update itself tells what time had brought before. It keeps:
//
//   - [Window]: the calls of the time that both windows cover, to a tenth of the old one. However often it changes, a call stays for nine
//     tenths of the shortest window since it ended at least, and for the present one and a tenth of the longest at most.
//   - [CountWindow]: the last calls, as many as both windows hold. From a time to a count, or back, nothing can be kept: counts begin anew.
//     To carry a million calls over takes milliseconds, in which calls go and are counted, but probes, Snapshot and an opening wait.
//   - Either: failures in a row, which open the breaker while the window holds fewer than MinCalls. Calls under way count when they end; one
//     that ends in the very instant may be left out.
//   - [MinCalls], [FailureRate], [NoFailureRate], [ConsecutiveFailures]: what was counted is judged anew when the next call fails or is slow.
//   - [SlowCalls], [NoSlowCalls]: what was counted as slow stays so. A call that began while SlowCalls was off is not slow, however long it
//     takes; a probe can be.
//   - [OpenTime], [OpenTimeGrowth], [OpenTimeJitter]: an open breaker counts the new time from when it opened, with the growth that it had
//     reached and the luck that it had drawn. Where that is over already, it is half-open now. Refusals from now on tell the new time.
//   - [Probes], [ProbeFailureRate], [NoFailureRate]: probes that are out stay out. Those that have reported are judged anew when the next
//     one reports: of fewer that it takes, all that have reported count.
//   - [ProbeLease]: that of probes that are out, from when they began, too. One that would have ended already ends now.
//   - [Ramp], [NoRamp]: a load that is coming back takes the new time from when the breaker closed. One that is back stays.
//   - [MinPatience], [NoMinPatience]: calls that begin from now on.
//   - [Classify], [CountAs]: calls that end from now on. Classify(fault.Of) and CountAs(class, class) undo them.
//
// A breaker that is isolated or forced closed remains so. [Name] is what it is, so another name is refused, and so is [OnTransition]: use
// [Breaker.Listen]. The source of DrawFrom stays. A breaker that package keyed forgets is made anew, by its first options.
func (b *Breaker) Update(options ...Option) error {
	for {
		was := b.current.Load().settings
		next := *was
		if err := next.apply(options); err != nil {
			return err
		}
		if b.tune(was, &next) {
			b.deliver()
			return nil
		}
	}
}

// tune replaces the settings, unless another Update was faster. Options are applied before it, since they may be the user's own code,
// which must never run under mu.
func (b *Breaker) tune(was, settings *config) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.current.Load().settings != was {
		return false
	}
	now := b.now()
	b.advance(now) // what time has brought until now, it has brought by the old settings
	p := b.current.Load()
	next := &phase{
		state: p.state, cause: p.cause, tag: p.tag, since: p.since, until: p.until, settings: settings, refusal: p.refusal,
		window: p.window, row: p.row, probes: p.probes,
	}
	switch p.state {
	case Open:
		b.stretch(next, now)
	case HalfOpen:
		p.probes.extend(settings, now)
	case Closed, ForcedClosed:
		next.ramping.Store(p.ramping.Load() && now-p.since < was.ramp)
		if settings.resized(was) {
			next.window = settings.windowAfter(p.window)
		}
	case Isolated:
	}
	b.current.Store(next)
	if next.window != p.window { // under mu, so that the next Update finds what this one has kept
		next.window.inherit(p.window, b.now())
	}
	return true
}

// stretch makes an open phase as long as its settings say. It never ends before now: callers were refused until then.
func (b *Breaker) stretch(p *phase, now time.Duration) {
	until := plus(p.since, p.settings.openFor(b.reopened-1, b.luck))
	if until == p.until {
		return
	}
	p.until = max(until, now)
	p.refusal = b.refusal(p, p.refusal.Last, "")
}

// extend gives live leases the length of the settings. None ends before now, and all are as long, so that they stay in order.
func (s *probation) extend(settings *config, now time.Duration) {
	for i := range s.leases {
		s.leases[i].expires = max(settings.leaseFrom(s.leases[i].start), now)
	}
}
