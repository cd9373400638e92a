// Package ratelimit lets so many calls begin in a second, and no more.
//
// A client keeps to the quota it was given, in place of running into the 429 of the other side; a server refuses what is above the
// rate it was built for while refusing is still cheap. The limiter is that of golang.org/x/time/rate, a bucket that holds up to burst
// tokens and earns limit of them a second; a call takes one. The burst is how many calls may begin at once after a quiet time, so it is
// at least 1: a bucket that cannot hold a token lets nothing through.
//
// A rate limit counts how often calls begin; a bulkhead counts how many run at the same time. A hundred calls a second are one at a
// time when each takes 10 ms, and a thousand at a time when each takes 10 s: a rate limit does not notice the difference, and a
// dependency that slows down does. Where the rule to keep is somebody's quota, limit the rate; where it is a resource, limit how many.
// When the quota changes, the limiter can be tuned while it runs: see [Limiter.Update].
//
// In a pipeline a rate limit stands inside the retry, so that each attempt pays, and inside the breaker, so that an open one uses
// nothing up. One that makes callers wait stands outside of what the waiting should not use up: a bulkhead's permit, an
// attempt's timeout.
//
//	retry.New(), breaker.New(), ratelimit.New(100, 10, ratelimit.Wait(time.Second)), bulkhead.New(64), timeout.New(300*time.Millisecond)
package ratelimit

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/internal/refuse"
)

// A Limiter is a rate limit for a pipeline. It is made by [New] or [From]; share one between all pipelines that use up the same quota.
// It serves calls with values of any type, is safe for concurrent use, and can be tuned while it runs, by [Limiter.Update].
//
// Most programs put it into a pipeline and read [Limiter.Snapshot]. It can also be driven by hand: Acquire before a call, and go only
// if there is no error.
//
// Letting a call through at once costs two locks and a clock reading. A refusal costs a few locks more. Neither allocates, but a refusal
// that does not say the same as the one before. A call that waits costs a few allocations, a timer among them.
type Limiter struct {
	settings atomic.Pointer[config] // what Update changes; replaced under mu, never written
	bucket   *rate.Limiter
	base     time.Time // what now counts from
	waiting  atomic.Int64
	refused  atomic.Uint64

	// mu is held while the clock is read and a token taken, or the bucket tuned, never while user code runs. x/time/rate reads the clock
	// before it locks; what it is told then comes out of order under contention, and each time it sets its own time back, it earns
	// the difference twice (golang/go#65508).
	mu      sync.Mutex
	granted uint64        // tokens, at once or by promise, less promises that went back
	latest  time.Duration // the turn of the last promise, as x/time/rate has it; of use while nothing else was granted since
	left    turns         // of callers who left
	last    *LimitedError // the last refusal
}

// New returns a limiter that lets calls begin at a rate of limit a second, and burst of them at once after a quiet time. An untyped
// constant is a limit, as in New(100, 10), and so is what rate.Every makes of the time between two calls; rate.Inf is no limit.
// What does not get a token is refused at once, unless there is the option [Wait].
//
// It panics on a limit below 1e-9 (a call in 31 years), on a burst below 1, and on options that make no sense; [Validate] says the same as
// an error.
func New(limit rate.Limit, burst int, options ...Option) *Limiter {
	c, err := configure(limit, burst, options)
	if err != nil {
		panic(err)
	}
	return build(rate.NewLimiter(c.limit, c.burst), c)
}

// From returns a limiter that takes its tokens from one of the program's own, which may be used elsewhere too, and tuned at any time by
// its SetLimit and SetBurst. Calls that wait keep the turn they were promised before; all others meet the new limit. A limit of zero
// or a burst of zero lets nothing through until it is tuned again.
//
// Share the Limiter rather than make several from one rate.Limiter: each keeps its own calls in order, and hands on the turns that its
// own callers give up.
//
// It panics on nil, on options that make no sense, and on [Limit] and [Burst], which are the program's to set.
func From(bucket *rate.Limiter, options ...Option) *Limiter {
	if bucket == nil {
		panic(errors.New("ratelimit: From(nil): must be a *rate.Limiter"))
	}
	c := config{name: "ratelimit", brought: true}
	if err := refuse.Apply("ratelimit", &c, options); err != nil {
		panic(err)
	}
	return build(bucket, c)
}

func build(bucket *rate.Limiter, c config) *Limiter {
	l := &Limiter{bucket: bucket, base: time.Now()}
	l.settings.Store(&c)
	return l
}

// Name returns the limiter's name.
func (l *Limiter) Name() string { return l.settings.Load().name }

// now is the time since the limiter was made: monotonic, and with a base of its own, so that it works inside a synctest bubble.
func (l *Limiter) now() time.Duration { return time.Since(l.base) }

// Acquire takes a token, and waits for one where the limiter was made with [Wait], or returns why not: a [*LimitedError]. A refusal
// leaves the tokens as they were. The number it returns means nothing.
//
// A context that has ended gets no token. A wait that cannot end before the context's deadline is refused at once, and one that has
// begun ends with the context. The caller who leaves gives up its turn. The token goes back into the bucket where nobody was promised a
// later one, since x/time/rate can take back only its latest promise; and of several in a row only a few where the time between two
// tokens is no whole number of nanoseconds. What cannot go back is not lost: the next caller who would have to wait for longer
// gets the turn. If none comes before its time, it passes unused.
func (l *Limiter) Acquire(ctx context.Context) (token uint64, err error) {
	if ctx.Err() != nil {
		return 0, l.over(ctx, 0)
	}
	for asked := l.settings.Load().wait > 0; ; asked = true {
		var deadline time.Time
		if asked {
			deadline, _ = ctx.Deadline() // the user's own code, so not under the lock
		}
		p, wait, err := l.enter(deadline, asked)
		switch {
		case err == errNotAsked: //nolint:errorlint // it is that one, at most once
			continue
		case err == nil && wait > 0:
			err = l.await(ctx, p, wait)
		}
		return 0, err
	}
}

// Release does nothing: a rate counts how often calls begin, however they end. A call that something further in kept from beginning
// has spent its token all the same: x/time/rate takes nothing back whose time has come. Where that matters, what refuses for
// reasons of its own stands outside of the limiter.
func (l *Limiter) Release(token uint64, err error) {}

// String returns what the limiter does, for Pipeline.String.
func (l *Limiter) String() string {
	c, seen := l.look()
	s := terms(seen.limit, seen.burst)
	if c.wait > 0 {
		s += ", waits up to " + c.wait.String()
	}
	return s
}
