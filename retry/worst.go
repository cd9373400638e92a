package retry

import (
	"math"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// Worst returns what a call through the retry can come to, for ductile's Plan: how many attempts it makes in all, how long it waits
// between them in all by its own schedule after ordinary failures (backoff), and how long where the dependency says what makes it wait
// the longest (waits: overloads, and hints up to MaxHint). within is the time in which attempts may begin: Elapsed. The budget, which the
// caller knows, may allow less.
//
// math.MaxInt and math.MaxInt64 mean that there is no bound: of waits, and of backoff, that is so where the function or BackOff of another
// decides, which Worst does not call. An attempt may always follow at once, since the dependency can ask for it (fault.Pushback), so a
// schedule bounds no number of attempts, however long its waits.
func (p *Policy) Worst() (attempts int, backoff, waits, within time.Duration) {
	c := p.settings.Load()
	within = c.elapsed
	if within == 0 {
		within = math.MaxInt64
	}
	if c.attempts == 1 {
		return 1, 0, 0, within
	}
	if c.schedule.kind == own || c.schedule.kind == foreign {
		return c.attempts, math.MaxInt64, math.MaxInt64, within
	}
	overload := c.on.Has(fault.ClassOverload) && c.schedule.overload > c.schedule.base
	backoff = c.sum(func(repeat int) (time.Duration, bool) { return c.schedule.longest(c.schedule.base, repeat) })
	waits = c.sum(func(repeat int) (wait time.Duration, risen bool) {
		wait, risen = c.schedule.longest(c.schedule.base, repeat)
		spread := c.schedule.base
		if c.schedule.kind != decorrelated {
			spread = c.schedule.jitter.spread(c.schedule.plain(c.schedule.base, repeat))
		}
		wait = max(wait, plus(c.maxHint, spread))
		if overload {
			longer, too := c.schedule.longest(c.schedule.overload, repeat)
			wait, risen = max(wait, longer), risen && too
		}
		return wait, risen
	})
	return c.attempts, backoff, waits, within
}

// sum adds the longest waits of all repeats. Once they rise no more, the rest are all the same.
func (c *config) sum(longest func(repeat int) (wait time.Duration, risen bool)) (total time.Duration) {
	// A factor a little above 1 takes very long to rise. What comes after so many repeats is taken to be as long as the last.
	const many = 10_000
	repeats := c.attempts - 1
	for repeat := 1; repeat <= repeats; repeat++ {
		wait, risen := longest(repeat)
		rest := 1
		if risen || repeat == many {
			if !risen {
				wait, _ = longest(repeats)
			}
			rest = repeats - repeat + 1
		}
		if wait > 0 && int64(rest) > (math.MaxInt64-int64(total))/int64(wait) {
			return math.MaxInt64
		}
		total += time.Duration(rest) * wait
		if rest > 1 {
			break
		}
	}
	return total
}

// longest returns the longest wait after an attempt, and whether all that follow are as long.
func (s schedule) longest(base time.Duration, attempt int) (wait time.Duration, risen bool) {
	high := max(s.limit, base)
	if s.kind != decorrelated {
		wait = s.plain(base, attempt)
		return s.jitter.longest(wait), s.kind == constant || wait == high
	}
	wait = base
	for range min(attempt, 64) { // it grows threefold, so that it has risen long before
		if wait >= high/3 {
			return high, true
		}
		wait *= 3
	}
	return wait, false
}

// longest returns the longest wait that apply may draw.
func (j jitter) longest(wait time.Duration) time.Duration {
	return plus(scale(wait, j.low), j.spread(wait))
}
