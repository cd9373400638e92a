package ratelimit

import (
	"errors"
	"math"
	"time"

	"golang.org/x/time/rate"
)

// enter decides about a call: it may go at once, or after a wait, when its turn comes, or not at all. deadline is the caller's, zero
// where there is none. It decides nothing, and returns errNotAsked, where the caller was not asked for a deadline and can wait.
func (l *Limiter) enter(deadline time.Time, asked bool) (p promise, wait time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.settings.Load()
	if c.wait > 0 && !asked {
		return promise{}, 0, errNotAsked
	}
	now := l.now()
	at := l.base.Add(now)
	if l.bucket.AllowN(at, 1) {
		l.granted++
		return promise{}, 0, nil
	}
	seen := lookAt(l.bucket, at)
	wait = seen.wait()
	p, left := l.left.next(now)
	if left = left && p.turn-now <= wait; left {
		wait = p.turn - now
	}
	why := c.judge(wait, at, deadline)
	switch {
	case why != admitted:
	case left:
		l.left = l.left.without(p)
	default:
		p, wait = l.reserve(now, at)
		// Others may have used the bucket since it was seen. What counts is the promise.
		if why = c.judge(wait, at, deadline); why != admitted {
			l.giveUp(p, now, at)
		}
	}
	if why != admitted {
		return promise{}, 0, l.refuse(c, why, seen, at)
	}
	if wait > 0 {
		l.waiting.Add(1)
	}
	return p, wait, nil
}

// errNotAsked says that the option Wait came with an Update after it was decided not to ask for the caller's deadline.
var errNotAsked = errors.New("not asked for a deadline")

// judge returns why a call is refused that would get its token after a wait.
func (c *config) judge(wait time.Duration, at, deadline time.Time) Reason {
	switch {
	case wait == never:
		return ReasonNever
	case c.wait == 0:
		return ReasonNoToken
	case wait > c.wait:
		return ReasonLongWait
	case !deadline.IsZero() && wait >= deadline.Sub(at):
		return ReasonDeadline
	default:
		return admitted
	}
}

// refuse returns a refusal: the last once more, where it says the same. Until the next token comes all refusals do, but that its
// time, which comes out of floating-point numbers, is now and then a nanosecond off.
func (l *Limiter) refuse(c *config, why Reason, seen bucket, at time.Time) error {
	l.refused.Add(1)
	var next time.Time
	if wait := seen.wait(); wait != never && why != ReasonNever {
		next = at.Add(wait)
	}
	if last := l.last; last != nil && last.Reason == why && last.Limit == seen.limit && last.Burst == seen.burst && last.wait == c.wait {
		if late := last.next.Sub(next); late == 0 || late == 1 {
			return last
		}
	}
	l.last = &LimitedError{Name: c.name, Reason: why, Limit: seen.limit, Burst: seen.burst, wait: c.wait, next: next}
	return l.last
}

// never is the wait for a token that will not come.
const never = rate.InfDuration

// bucket is what was seen of a rate.Limiter at one moment.
type bucket struct {
	limit  rate.Limit
	burst  int
	tokens float64
}

// lookAt looks at a rate.Limiter, and changes nothing.
func lookAt(l *rate.Limiter, at time.Time) bucket {
	return bucket{l.Limit(), l.Burst(), l.TokensAt(at)}
}

// look returns the settings and what is in the bucket, both of one moment.
func (l *Limiter) look() (*config, bucket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.settings.Load(), lookAt(l.bucket, l.base.Add(l.now()))
}

// wait returns how long it takes until the bucket holds a token, if nobody takes any. To reserve one and see when it comes would tell,
// too, but until it is given back others would not get it.
//
// x/time/rate lets a call through that comes less than a nanosecond too early, so the nearest nanosecond will do; unless a token takes
// weeks, and what the numbers are rounded by is more.
func (b bucket) wait() time.Duration {
	if b.burst < 1 || b.limit <= 0 {
		return never
	}
	const rounded = 1.0 / (1 << 50)
	each := float64(time.Second) / float64(b.limit)
	wait := math.Round((1-b.tokens)*each) + math.Floor((1+math.Abs(b.tokens))*each*rounded)
	if wait >= float64(never) {
		return never
	}
	return time.Duration(wait)
}
