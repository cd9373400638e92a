package ductile

import (
	"context"
	"time"
)

// A Policy is one decision about a call: may it go, again, until when, what instead. Besides its name it has the methods of exactly
// one shape: [Gate], [Retrier], [Deadline] or [Fallback]; and in a [ConcurrentPipeline] [Hedger] or [Middleware]. The packages breaker,
// bulkhead, ratelimit, retry, timeout, fallback and hedge have the usual ones. A type of your own needs the methods; package fault tells
// it what an error means.
//
// For Plan a policy may have a method Worst besides: see [Pipeline.Plan].
//
// Policies only decide. The loop, the waiting, the contexts, the panics and the value are the driver's, which is behind [Do].
type Policy interface {
	// Name is how errors, telemetry and Pipeline.String call the policy.
	Name() string
}

// A Gate admits or refuses a call and is told how it ended. Breakers, bulkheads and limiters are gates.
type Gate interface {
	Policy
	// Acquire admits the call or returns why not. The error is returned to the caller as a rejection by this gate, see
	// [RejectedError]. token is the gate's own memory of the call. A gate that waits must heed ctx.
	Acquire(ctx context.Context) (token uint64, err error)
	// Release is called exactly once for each call that Acquire admitted: when it returned, panicked, or ended by Goexit. Package
	// fault classifies err: it is what the call returned, or what the driver alone knows of its end (canceled by the caller,
	// panic, Goexit). A gate shows others fault.Original(err).
	//
	// A gate may have a method ReleaseAt(token uint64, at time.Time, err error) besides, called in its place where the driver knows
	// when the call ended: it saves the gate a reading of the clock.
	Release(token uint64, err error)
}

// A Retrier decides whether a call is made again, and when. The driver waits.
type Retrier interface {
	Policy
	// Start returns what one call's schedule must remember, or nil where that is nothing.
	Start() (book any)
	// Next is asked after attempt (from 1) failed with err, and returns how long to wait before the next, or why there is none:
	// fault.ErrFinal to return err as it is. left is the time until the caller's deadline: zero or less where it has passed,
	// math.MaxInt64 where there is none. A retrier shows others fault.Original(err).
	Next(book any, attempt int, err error, left time.Duration) (wait time.Duration, stop error)
	// Settle is called once at every end, with how many attempts reached the function, how many repeats Next granted, how long ago
	// the last of them was, and the end. Where granted > max(ran-1, 0), a grant came to nothing.
	Settle(book any, ran, granted int, since time.Duration, err error)
}

// A Deadline limits the time of what is inside.
//
// It may have a method Detached() bool besides. Where that reports true, the call does not wait for what is inside once the time is up,
// which then goes on alone, its value discarded and its permits held until it ends. Only a [ConcurrentPipeline] takes it.
type Deadline interface {
	Policy
	// Timeout returns how long the call with this context may take; zero or less is no limit.
	Timeout(ctx context.Context) time.Duration
	// Exceeded returns the error of a call that took longer: cause itself where that is an answer all the same. cause is what the
	// call returned, nil while it still runs.
	Exceeded(after time.Duration, cause error) error
}

// A Fallback answers in place of a call that failed.
type Fallback interface {
	Policy
	// Accepts reports whether Recover can fill out: a *T, nil here, for the T of [Do]; a *struct{} for [Run]. It is asked on every
	// call, so that a type that does not fit shows on the first and not in the first outage.
	Accepts(out any) bool
	// Recover answers for cause by filling out, and returns the name of what answered. An empty name without an error means
	// that it has no answer for this cause, which is then returned as it is. A fallback shows others fault.Original(cause).
	Recover(ctx context.Context, cause error, out any) (by string, err error)
}

// A Hedger decides whether another copy of a call is started while the first still runs. The driver starts it, takes the first
// answer, and cancels the others. Only a [ConcurrentPipeline] takes it.
type Hedger interface {
	Policy
	// Delay returns how long to wait, where so many copies have been started, before the next; more is false where there is none. It is
	// asked when a copy starts.
	Delay(started int) (wait time.Duration, more bool)
	// Launch is asked at the moment when another copy would start, because the wait is over or a copy has failed, and draws the
	// budget. left is the time until the caller's deadline, math.MaxInt64 where there is none. Where it reports false, the call has no
	// further copies. It must not wait: the ends of the other copies do.
	Launch(started int, left time.Duration) bool
	// Observe is told how each copy ended, and after what time, and says what that means for the call: wins, that the call is
	// over, with this end; next, that another copy may go at once. Neither means no further copy, and the call waits for those that run.
	//
	// Of a copy that a faster one made unnecessary (fault.ClassSuperseded) it is told at that moment, so its time is a lower bound. What
	// it says of a copy that was superseded or canceled, panicked or exited does not matter.
	Observe(latency time.Duration, err error) (wins, next bool)
}

// Middleware is anything else that can be put around a call: a tracer, a cache, a breaker of another library. Only a
// [ConcurrentPipeline] takes it.
type Middleware interface {
	Policy
	// Around makes the call by calling next, and returns its error, or another. next takes Around's context or one made from it. What it
	// returns is the plain error: fault.Seen tells a policy what to think of it.
	//
	// next may be called several times, one after another or at once: the value of the one that returned last is the call's. It may be
	// called not at all: the value is then the zero value, and for the policies around it the function was not reached. Once Around has
	// returned, a next that still runs is canceled and its value discarded; one that is called then returns an error, and nothing runs.
	Around(ctx context.Context, next func(context.Context) error) error
}
