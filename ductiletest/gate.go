// Package ductiletest checks gates and transports of your own. It imports package testing, so it is for tests only.
//
// [RoundTripper] asks of an http.RoundTripper what net/http promises. [NoWarnings] asks of a pipeline that its plan has nothing to warn of.
// [Simulate] makes calls through a pipeline of yours to a dependency that is only described. What follows is about [Gate].
//
// A breaker, a bulkhead or a limiter that loses a place when a function panics works for weeks, until the last one is gone. [Gate] finds
// such mistakes in a moment. It makes the calls that are rare in life: that panic, exit, are canceled while they wait, come back hours late.
//
//	func TestTurnstile(t *testing.T) {
//		ductiletest.Gate(t, func() ductile.Gate { return NewTurnstile(4) })
//	}
//
// It assumes nothing of what kind of gate it is. It measures what a fresh one does, and asks that it does so again after each kind of
// call. What it finds it tells in three lines: what was done, what happened, and what the contract asks.
//
//	--- FAIL: TestTurnstile/gives_back_after_a_panic
//	    done:     made calls that ended in a panic, 50 or as many as it admitted at once
//	    happened: 71 hours later, and after calls that succeed, it admits 0 at once; a fresh one admits 4
//	    owed:     whatever the call took is back once it is released, however it ended. ductile.Gate: "Release is called exactly once for …"
//
// The hours are those of package testing/synctest: they take no time.
package ductiletest

import (
	"testing"

	"github.com/ductile-go/ductile"
)

// Gate checks that a gate keeps the contract of [ductile.Gate]. Each promise is a subtest, so that -v lists them and -skip leaves one
// out. What a gate gives no occasion to check is skipped with the reason: where no call ever waits, none can lose its turn.
//
//   - It has a name, and exactly one shape.
//   - Every end of a call gives back what the call took: a result, an error of any class, a panic, runtime.Goexit, a cancellation, a
//     faster copy.
//   - What is nobody's fault is not held against the dependency: after such ends it admits as many calls as after successes.
//   - After failures it may refuse, but not for ever: whatever becomes of the calls with which it tries again, it recovers.
//   - A call that waits heeds its context. One that gives up takes no place with it, not even at the moment when it was to have one;
//     whoever goes on waiting is served.
//   - Its refusals are errors for people: they name it, and match fault.ErrRejected. A refusal takes no place, and frees none.
//   - A call that ends hours later is welcome.
//   - Calls that come together are not more than it admits one by one, and all places come back.
//   - ReleaseAt, where it has that, does what Release does.
//   - Where its tokens tell calls apart, a second Release of a token does no harm. The driver calls Release once, and a gate whose tokens
//     are all the same cannot know better, so of that nothing is asked.
//
// Calls that meet at one instant meet by chance: what is wrong with a gate then may show in one run and not in the next. The race
// detector and -count help.
//
// build returns a new gate each time, and is called many times. What it makes lives inside a bubble of testing/synctest, where hours pass
// at once: it must not reach outside, as to a network or to a goroutine that was there before. If the gate has goroutines of its own, give
// it a method Close, with or without an error: it is called where a bubble ends. Gate cannot be called inside a bubble.
//
// A gate that admits a thousand calls at once is taken for one without a limit, whose lost places nobody misses: build it smaller. One
// that takes more than a day to recover, or refuses at random from the start, cannot be judged: build it quicker, or without the
// chance. One that is told to break a promise (breaker.CountAs can count a cancellation as a failure) breaks it.
//
// A gate that waits for a mutex that nobody unlocks stops the test until go test's own time is up, which then says in which promise it was.
func Gate(t *testing.T, build func() ductile.Gate) {
	t.Helper()
	k := &kit{build: build, broken: map[string]bool{}}
	found := k.judgeAll(t, func(p promise) {
		t.Run(p.name, func(t *testing.T) {
			switch v := k.judge(t, p); {
			case v.found != nil:
				t.Error(v.found)
			case v.moot != "":
				t.Skip(v.moot)
			}
		})
	})
	if found != nil {
		t.Fatal("this gate cannot be judged:", found)
	}
	t.Logf("a fresh gate %s", k.is)
}

// A kit is what is known of one gate.
type kit struct {
	build  func() ductile.Gate
	is     measured
	broken map[string]bool // promises, by name
}

// A promise is one thing that every gate owes.
type promise struct {
	name  string
	owed  string       // what it asks, and the sentence that says so
	needs []string     // the promises without which this one says nothing new
	kept  func(*trial) // the story that finds out
}

// judgeAll calls judge for each promise. It returns what keeps the gate from being judged.
func (k *kit) judgeAll(t *testing.T, judge func(promise)) *finding {
	t.Helper()
	judge(shape())
	if k.broken[shape().name] {
		return nil // and is told so; no pipeline takes it
	}
	if found := k.measure(t); found != nil {
		return found
	}
	for _, p := range promises(k.is) {
		judge(p)
	}
	return nil
}

// shape is the promise without which no other means anything.
func shape() promise {
	return promise{name: "has a name and one shape", owed: owesShape, kept: named}
}

// The promises that others need.
const (
	heedsContext = "heeds the context of a call that waits"
	leavesQueue  = "who gives up waiting takes nothing"
	refusesOnly  = "a refusal takes nothing and frees nothing"
	keepsLimit   = "admits no more at once than one by one"
	waitsServed  = "who waits is served"
	takesLate    = "takes a late end"
)

func givesBack(e end) string { return "gives back after " + e.name }

// promises returns what else a gate owes, in an order in which the simple comes first.
func promises(is measured) []promise {
	all := []promise{{name: givesBack(success()), owed: owesPlace, kept: func(x *trial) { endsIn(x, success()) }}}
	add := func(name, owed string, kept func(*trial), needs ...string) {
		all = append(all, promise{name, owed, append(needs, givesBack(success())), kept})
	}
	for _, e := range ends()[1:] {
		add(givesBack(e), owesPlace, func(x *trial) { endsIn(x, e) })
	}
	failures := givesBack(failing())
	for _, e := range ends() {
		if is.shuts {
			add("recovers from probes that end in "+e.name, owesReturn, func(x *trial) { triesAgainWith(x, e) }, failures, givesBack(e))
		}
	}
	if !is.shuts {
		add("recovers from failures", owesReturn, func(x *trial) { x.moot("never refuses because calls fail") })
	}
	add("takes a dead context", owesHeed, deadContext, givesBack(canceling()))
	add(heedsContext, owesHeed, heeds)
	add("refuses with an error for people", owesReason, explains, heedsContext)
	add(leavesQueue, owesWait, givesUp, heedsContext)
	add(waitsServed, owesTurn, serves, heedsContext, leavesQueue)
	add("who gives up when his turn comes takes nothing", owesWait, givesUpAtTurn, heedsContext, leavesQueue, waitsServed)
	add(refusesOnly, owesRefusal, refuses, heedsContext, leavesQueue)
	add(takesLate, owesLate, late, heedsContext, failures)
	add("takes a second release of a token", owesOnce, twice, heedsContext, failures)
	add("takes ReleaseAt for Release", owesTimed, timed)
	add(keepsLimit, owesLimit, scramble, heedsContext, leavesQueue, waitsServed, refusesOnly)
	add("keeps its places under load", owesPlace, load, heedsContext, leavesQueue, waitsServed, refusesOnly, takesLate, keepsLimit)
	return all
}
