package ratelimit

import (
	"cmp"
	"context"
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// A promise is a turn that a call waits for. Its token is paid for.
type promise struct {
	turn        time.Duration // when, on the limiter's clock
	each        time.Duration // from the turn before, at the limit of then
	reservation *rate.Reservation
	number      uint64 // among what was granted
}

// reserve takes the next token that is not promised yet, and returns how long it takes to come: never, where the bucket has none.
func (l *Limiter) reserve(now time.Duration, at time.Time) (promise, time.Duration) {
	r := l.bucket.ReserveN(at, 1)
	if !r.OK() {
		return promise{}, never
	}
	wait := r.DelayFrom(at)
	l.granted++
	l.latest = plus(now, wait)
	return promise{l.latest, each(l.bucket.Limit()), r, l.granted}, wait
}

// each returns the time between two tokens, in whole nanoseconds, as x/time/rate has it.
func each(limit rate.Limit) time.Duration {
	if each := float64(time.Second) / float64(limit); each < float64(never) {
		return time.Duration(each)
	}
	return never
}

// plus adds a wait to a time, and stops at the end of time.
func plus(now, wait time.Duration) time.Duration {
	if sum := now + wait; sum >= now {
		return sum
	}
	return never
}

// await waits for the turn that a call was promised.
func (l *Limiter) await(ctx context.Context, p promise, wait time.Duration) error {
	came := false
	defer func() { l.leave(p, came) }() // also where ctx, which may be anybody's, panics
	began := l.now()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return l.over(ctx, l.now()-began)
	}
	came = true
	return nil
}

// leave ends a wait, because the turn came or because the caller goes without.
func (l *Limiter) leave(p promise, came bool) {
	l.waiting.Add(-1)
	if came {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.giveUp(p, now, l.base.Add(now))
}

// giveUp leaves a turn to others. The last that was promised goes back into the bucket, and so do those before it that nobody has
// taken. Where a later turn has been promised, its time stands; if the token of an earlier one went back, the next caller
// would be promised the same time as the last. So the turn itself is kept, for the next caller.
//
// Left alone, x/time/rate would tell by the time of the latest promise how much it may give back. Once its limit has been raised, that may
// be earlier than this one, and it gives back more than was taken. So such a turn is kept, too.
func (l *Limiter) giveUp(p promise, now time.Duration, at time.Time) {
	if p.reservation == nil {
		return
	}
	l.left = l.left.with(p, now)
	for n := len(l.left); n > 0 && l.left[n-1].number == l.granted && l.left[n-1].turn <= l.latest; n-- {
		tokens, p := l.bucket.TokensAt(at), l.left[n-1]
		p.reservation.CancelAt(at)
		if before := p.turn - p.each; p.turn == l.latest && before >= now {
			l.latest = before
		}
		if l.bucket.TokensAt(at)-tokens < 0.5 { // it is one, or nearly none: see Acquire
			break
		}
		l.granted--
		l.left = l.left[:n-1]
	}
}

// turns are those that callers gave up before they came, in order.
type turns []promise

func (t turns) find(turn time.Duration) int {
	i, _ := slices.BinarySearchFunc(t, turn, func(p promise, turn time.Duration) int { return cmp.Compare(p.turn, turn) })
	return i
}

// next returns the first turn that has not passed.
func (t turns) next(now time.Duration) (promise, bool) {
	if i := t.find(now); i < len(t) {
		return t[i], true
	}
	return promise{}, false
}

// without returns the turns but one, which is taken.
func (t turns) without(p promise) turns {
	i := t.find(p.turn)
	return slices.Delete(t, i, i+1)
}

// with returns the turns and another. Those that have passed are forgotten.
func (t turns) with(p promise, now time.Duration) turns {
	t = slices.Delete(t, 0, t.find(now))
	return slices.Insert(t, t.find(p.turn), p)
}
