// Package retry makes failed calls again: later, a bounded number of times, and only as far as a budget allows.
//
// A repeat helps against a blip and hurts in an outage, where it is more load on a dependency that has too much. So three things
// bound it here by default: attempts (3 in all), a wait that grows and is jittered, so that callers who failed together do not come
// back together, and a budget (a fifth of the first attempts): see package budget. [Policy.Update] tunes them while calls go through.
package retry

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
)

// A Policy makes failed calls again. It is made by [New], and may stand in any number of pipelines; without a budget of its own it
// draws on that of the pipeline it stands in. [Policy.Update] changes it in all of them while calls go through it.
//
// It repeats what is transient, timed out, or overloaded, and by the option On also answers and rejections; never a call whose caller has
// gone, one that panicked, or one whose failure is final (fault.Final), whatever its class. It looks at the deadline of its context (the
// caller's, or that of a timeout around it) before it waits, and stops where the next attempt could not begin in time.
//
// The wait is the schedule's, and never shorter than the dependency asks for (fault.RetryAfter). One that decides itself (fault.Pushback)
// is obeyed instead: the next attempt goes after exactly that time, without jitter, or not at all. After that the waits grow from the
// beginning again where the retry remembers something of a call, which it does with Elapsed, Decorrelated and FromBackOff. Otherwise, and
// always with Schedule, they go by the attempt's number as ever.
//
// The error of a call that it gives up is a *ductile.RetryError with the attempts, the reason and the last error. A call that
// succeeds at once costs it nothing but a deposit into the budget, and an allocation with Elapsed, Decorrelated or FromBackOff.
type Policy struct {
	budget   *budget.Budget
	settings *atomic.Pointer[config] // which the copies for pipelines share
}

// Why a failed call is not made again: what the Reason of a ductile.RetryError matches.
var (
	ErrAttempts = errors.New("no attempts left")
	ErrElapsed  = errors.New("no time for another attempt since the first began")
	ErrDeadline = errors.New("no time for another attempt before the deadline")
	ErrBudget   = errors.New("the budget for extra load is used up")
	ErrHint     = errors.New("the dependency asks to be left alone for longer than MaxHint")
	ErrPushback = errors.New("the dependency says not to repeat the call")
	ErrSchedule = errors.New("the schedule has no further attempt")
)

// New returns a retry of three attempts in all, with full jitter under 100 ms doubling to 5 s (1 s and 2 s where the dependency is
// overloaded: leave room for it in a timeout around the retry). It panics on options that make no sense; [Validate] says the same as an error.
func New(options ...Option) *Policy {
	c, err := configure(options)
	if err != nil {
		panic(err)
	}
	c.inUse = true
	p := &Policy{budget: c.budget, settings: new(atomic.Pointer[config])}
	p.settings.Store(&c)
	return p
}

// Name returns the retry's name.
func (p *Policy) Name() string { return p.settings.Load().name }

// Budget returns the budget that the retry draws on, nil if it takes that of its pipeline.
func (p *Policy) Budget() *budget.Budget { return p.budget }

// WithBudget returns a copy that draws on b, and shares everything else, Updates too: a *Policy. Pipelines call it; users have the option
// Budget.
func (p *Policy) WithBudget(b *budget.Budget) any { return &Policy{budget: b, settings: p.settings} }

// Next decides about a call whose attempt (from 1) failed with err, left before its deadline: how long to wait before the next attempt,
// or why there is none. In this order: is it one to repeat, and not final; are there attempts left; how long is the wait; is there time;
// does the budget grant it. A refused retry has cost nothing. remembered is what Start returned when the call began.
func (p *Policy) Next(remembered any, attempt int, err error, left time.Duration) (time.Duration, error) {
	c, b := p.recall(remembered)
	class := c.classify.Of(err)
	switch {
	case !c.on.Has(class), c.attempts == 1, fault.IsFinal(err):
		return 0, fault.ErrFinal
	case attempt >= c.attempts:
		return 0, ErrAttempts
	}
	wait, stop := c.wait(b, attempt, class, err)
	switch {
	case stop != nil:
		return 0, stop
	case c.elapsed > 0 && wait >= c.elapsed-time.Since(b.start):
		return 0, ErrElapsed
	case wait >= left:
		return 0, ErrDeadline
	case p.budget != nil && !p.budget.Withdraw():
		return 0, ErrBudget
	}
	if len(c.onRetry) > 0 {
		p.announce(c.onRetry, Event{Attempt: attempt + 1, Wait: wait, Class: class, Err: fault.Original(err)})
	}
	return wait, nil
}

// announce tells the listeners. If one panics there will be no attempt, and the withdrawal goes back.
func (p *Policy) announce(listeners []func(Event), e Event) {
	told := false
	defer func() {
		if !told && p.budget != nil {
			p.budget.Refund(0)
		}
	}()
	for _, listener := range listeners {
		listener(e)
	}
	told = true
}

// Settle gives back what was withdrawn, since ago, for an attempt that did not reach the function.
func (p *Policy) Settle(_ any, ran, granted int, since time.Duration, _ error) {
	if p.budget == nil {
		return
	}
	for range granted - max(ran-1, 0) {
		p.budget.Refund(since)
	}
}

// wait returns the time until the next attempt: what the dependency has decided, or else the schedule's, or later where the dependency
// asks for it.
func (c *config) wait(b *book, attempt int, class fault.Class, err error) (time.Duration, error) {
	if wait, told := fault.Pushback(err); told {
		return c.pushedBack(b, attempt, wait)
	}
	hint, hinted := fault.RetryAfter(err)
	wait, spread, ok := c.schedule.next(b, attempt, class == fault.ClassOverload && !hinted)
	if !ok {
		return 0, ErrSchedule
	}
	switch {
	case !hinted:
	case hint > c.maxHint:
		return 0, ErrHint
	default:
		// A floor under the wait; the jitter on top keeps those who got the same hint apart.
		wait = max(wait, plus(hint, c.schedule.jitter.upTo(spread)))
	}
	return wait, nil
}

// String returns what the retry does, for Pipeline.String.
func (p *Policy) String() string {
	c := p.settings.Load()
	attempts := fmt.Sprintf("%d attempts", c.attempts)
	switch c.attempts {
	case 1:
		attempts = "1 attempt"
	case math.MaxInt:
		attempts = "any number of attempts"
	}
	s := fmt.Sprintf("%s, %v", attempts, c.schedule)
	if c.elapsed > 0 {
		s += fmt.Sprintf(", within %v", c.elapsed)
	}
	return s + ", on " + c.on.String()
}
