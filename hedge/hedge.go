// Package hedge starts another copy of a call that takes long, and takes whichever answers first.
//
// A service that asks many others is as slow as the slowest of them: when one answer in a hundred takes a second, most requests that
// need a hundred answers take a second, too. Much of that tail is chance (a queue, a garbage collection, a lost packet), and a second
// copy of the call does not meet the same chance. In Dean and Barroso, "The Tail at Scale" (CACM, 2013), reading 1000 keys from 100 servers took
// 1800 ms at the 99.9th percentile, and 74 ms with a copy after 10 ms, for 2 % more requests.
//
// # What a call must be like
//
// It must be safe to make twice at the same time: a read, or a write that carries a key by which the server knows it again. The function is
// called concurrently with itself and may run on after the call has ended, so it must not write variables that it captures. It needs a
// concurrent pipeline: ductile.NewConcurrent and ductile.DoConcurrent. And it must heed its context, by which the loser is told to stop: the
// first copy runs on the caller's goroutine, and holds the winner back until it has returned. ductile.Async is for functions that cannot.
//
// # What it costs
//
// Copies are load on the dependency. At the 95th percentile, the default, one call in twenty has one; but when the dependency slows
// down, all its calls are suddenly slower than they used to be, and copies would double the load of what is already slow. So copies
// draw on a budget for extra load (package budget): a fifth of the first attempts, and no floor, for with little traffic nobody needs
// them. It does not help where all copies wait for the same thing: one slow key, one lock, one overloaded server.
//
// # Where it stands
//
// Inside a retry, which then repeats the whole, and around a timeout for each copy. Around a breaker, where each copy goes to a
// replica with a breaker of its own, and there with On(fault.ClassTransient, fault.ClassTimeout, fault.ClassRejected), so that the open
// breaker of one makes the copy for the other go at once. [Policy.Update] tunes it while calls go on.
package hedge

import (
	"fmt"
	"math"
	"time"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
)

// A Policy decides when a call gets another copy. It is made by [New]. Make one for each dependency: it remembers how long that one's
// answers take. It serves calls with values of any type, and is safe for concurrent use. Without a budget of its own it draws on
// that of the pipeline it stands in. It can be tuned while it serves: [Policy.Update].
//
// How the copies of a call end decides what comes of it. The first that answers wins, with a success or with an error that is permanent
// or ignored. After a failure that is transient or a timeout the next goes at once. After an overload, or a refusal by a policy inside,
// there is no further copy, but those that run may still answer. So it is after a failure that is final (fault.Final), or with which the
// dependency decided about a repeat (fault.Pushback), whatever On says: a hedge makes none. A caller who has gone, a panic and a Goexit
// end the call.
//
// It takes 5.5 KiB. To decide about a call costs an atomic load before and an atomic addition after it, and a reading of the clock
// unless it was very short; nothing is allocated.
type Policy struct {
	memory *memory
	budget *budget.Budget
}

// New returns a hedge with one extra copy, when a call takes longer than 95 % of the answers of the last 30 s did, and at least 1 ms.
// Until there have been 100 answers in that time there are no copies: for fewer than five calls a second set a longer Window, or a time by
// After. What is slow is worked out anew once a second. A bad moment in which more than one call in twenty was slow makes slow calls
// the rule for as long as it is remembered: bound the delay by MaxDelay where you know a time that is too long in any case.
//
// It panics on options that make no sense; [Validate] says the same as an error.
func New(options ...Option) *Policy {
	c, err := configure(options)
	if err != nil {
		panic(err)
	}
	return &Policy{memory: newMemory(c), budget: c.budget}
}

// Name returns the hedge's name.
func (p *Policy) Name() string { return p.memory.current.Load().name }

// Budget returns the budget that copies draw on, nil if that is the pipeline's.
func (p *Policy) Budget() *budget.Budget { return p.budget }

// WithBudget returns a copy that draws on b and shares everything else, what it remembers and what Update changes included: a *Policy.
// Pipelines call it; users have the option Budget.
func (p *Policy) WithBudget(b *budget.Budget) any { return &Policy{memory: p.memory, budget: b} }

// Delay returns how long to wait, where so many copies have been started, before the next, from the start of the last. more is false where
// there is none: there have been enough, or it is not known yet what slow is.
func (p *Policy) Delay(started int) (wait time.Duration, more bool) {
	s := p.memory.current.Load()
	if started > s.extra {
		return 0, false
	}
	return s.delay()
}

// delay returns the time after which a copy is slow, unless that is not known.
func (s *state) delay() (time.Duration, bool) {
	if s.fixed {
		return s.after, true
	}
	observed := time.Duration(s.slow.Load())
	if observed == 0 {
		return 0, false
	}
	return min(max(observed, s.minDelay), s.maxDelay), true
}

// Launch is asked when another copy would start: the wait is over, or the copy before it failed. left is the time until the caller's
// deadline, math.MaxInt64 where there is none. It refuses one that comes too late: all answers but the fastest twentieth take
// longer than what is left. Any other is the budget's to grant: one that is refused before has cost nothing.
func (p *Policy) Launch(started int, left time.Duration) bool {
	m := p.memory
	s := m.current.Load()
	switch {
	case started > s.extra:
		return false
	case left <= 0 || left < time.Duration(s.fast.Load()):
		m.late.Add(1)
		return false
	case p.budget != nil && !p.budget.WithdrawEarned():
		m.refused.Add(1)
		return false
	}
	m.launched.Add(1)
	return true
}

// Observe is told how a copy ended and how long it took, and returns what that means for the call. wins: it is over, with this end.
// next: the next copy may start at once. Neither: the others are waited for, and no further copy starts.
func (p *Policy) Observe(latency time.Duration, err error) (wins, next bool) {
	m := p.memory
	s := m.current.Load()
	switch class := s.classify.Of(err); class {
	case fault.ClassSuccess, fault.ClassPermanent, fault.ClassIgnored:
		m.answered(latency)
		return true, false
	case fault.ClassCanceled, fault.ClassAborted, fault.ClassExited:
		m.unanswered(latency, s)
		return true, false
	default:
		m.unanswered(latency, s)
		return false, s.on.Has(class) && mayFollow(err)
	}
}

// mayFollow reports whether a copy may follow this failure. Where the dependency says when, that is a retry's to do: a copy that waits for
// its failed sibling hedges nothing.
func mayFollow(err error) bool {
	_, told := fault.Pushback(err)
	return !told && !fault.IsFinal(err)
}

// String returns what the hedge does, for Pipeline.String.
func (p *Policy) String() string {
	c := p.memory.current.Load()
	if c.extra == 0 {
		return "no extra copies, observes only"
	}
	copies := "1 extra copy"
	if c.extra > 1 {
		copies = fmt.Sprintf("%d extra copies", c.extra)
	}
	return fmt.Sprintf("%s after %s, at once on %v", copies, c.when(), c.on)
}

// when returns the delay in words.
func (c *config) when() string {
	if c.fixed {
		return c.after.String()
	}
	s := fmt.Sprintf("the p%v of the last %v", float64(c.share)/10_000, c.window)
	if c.minDelay > 0 {
		s += fmt.Sprintf(", at least %v", c.minDelay)
	}
	if c.maxDelay < math.MaxInt64 {
		s += fmt.Sprintf(", at most %v", c.maxDelay)
	}
	return s
}
