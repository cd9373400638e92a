package retry

import (
	"fmt"
	"math"
	"time"
)

// schedule is how long to wait between attempts. It is a pure function of the attempt's number, but for Decorrelated and BackOff,
// which remember.
type schedule struct {
	kind     kind
	base     time.Duration
	step     time.Duration // of linear
	factor   float64       // of exponential
	limit    time.Duration
	overload time.Duration // base where the dependency is overloaded; zero for none of its own
	own      func(retry int) time.Duration
	backoff  func() BackOff
	jitter   jitter
	jittered bool // the user has chosen a jitter
}

type kind uint8

const (
	exponential kind = iota
	constant
	linear
	decorrelated
	own
	foreign
)

func defaultSchedule() schedule {
	return schedule{
		kind: exponential, base: 100 * time.Millisecond, factor: 2, limit: 5 * time.Second,
		overload: time.Second, jitter: full,
	}
}

// use sets the schedule, and leaves what other options have set.
func (s *schedule) use(chosen schedule) {
	chosen.overload, chosen.jitter, chosen.jittered = s.overload, s.jitter, s.jittered
	if !s.jittered {
		chosen.jitter = full
		if chosen.kind == own || chosen.kind == foreign {
			chosen.jitter = exact // who brings a schedule means its times
		}
		chosen.jitter = chosen.jitter.drawingAs(s.jitter)
	}
	*s = chosen
}

// remembers reports whether the schedule needs a book.
func (s schedule) remembers() bool { return s.kind == decorrelated || s.kind == foreign }

// next returns the wait after an attempt (from 1), and how much of it jitter may make: what comes on top of a hint. It reports
// false where the schedule has ended.
func (s schedule) next(b *book, attempt int, overload bool) (wait, spread time.Duration, ok bool) {
	switch s.kind {
	case decorrelated:
		base := s.base
		if overload {
			base = max(base, s.overload)
		}
		return s.decorrelated(b, base), s.base, true
	case foreign:
		if wait = b.backoff.NextBackOff(); wait < 0 {
			return 0, 0, false
		}
		wait, spread = s.jitter.apply(wait), s.jitter.spread(wait)
	case own:
		if wait = s.own(attempt); wait < 0 {
			return 0, 0, false
		}
		wait, spread = s.jitter.apply(wait), s.jitter.spread(wait)
	default:
		if b != nil {
			attempt -= b.restarted
		}
		plain := s.plain(s.base, attempt)
		spread = s.jitter.spread(plain)
		if overload && s.overload > s.base {
			plain = s.plain(s.overload, attempt)
		}
		return s.jitter.apply(plain), spread, true
	}
	if overload {
		wait = max(wait, s.jitter.apply(s.overload))
	}
	return wait, spread, true
}

// plain returns the wait after an attempt before jitter, and never more than the limit: whatever the number, nothing overflows.
func (s schedule) plain(base time.Duration, attempt int) time.Duration {
	limit := max(s.limit, base)
	var wait float64
	switch s.kind {
	case constant:
		return base
	case linear:
		wait = float64(base) + float64(s.step)*float64(attempt-1)
	default:
		wait = float64(base) * math.Pow(s.factor, float64(attempt-1))
	}
	if wait < float64(limit) {
		return time.Duration(wait)
	}
	return limit
}

// decorrelated draws between the base and three times the last wait, or the limit where that is less: AWS's "decorrelated jitter"
// (Brooker, "Exponential Backoff And Jitter", 2015), but for the limit, which is set before the draw here so that callers at it do not
// all wait the same.
func (s schedule) decorrelated(b *book, base time.Duration) time.Duration {
	high := max(s.limit, base)
	if previous := max(b.previous, base); previous < high/3 {
		high = 3 * previous
	}
	b.previous = base + s.jitter.upTo(high-base)
	return b.previous
}

// String returns the schedule in words.
func (s schedule) String() string {
	switch s.kind {
	case constant:
		return fmt.Sprintf("%s under %v", s.jitter.name, s.base)
	case linear:
		return fmt.Sprintf("%s under %v rising by %v to %v", s.jitter.name, s.base, s.step, s.limit)
	case decorrelated:
		return fmt.Sprintf("decorrelated jitter from %v to %v", s.base, s.limit)
	case own, foreign:
		return "a schedule of its own"
	default:
		return fmt.Sprintf("%s under %v growing %v-fold to %v", s.jitter.name, s.base, s.factor, s.limit)
	}
}
