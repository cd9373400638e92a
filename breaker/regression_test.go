package breaker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// One test for each bug that was found, named after it.

// Rates are kept in millionths, and 2/3 was rounded up to 0.666667, which 2 of 3 calls never reached: the breaker stayed closed at the
// very rate it was asked to open at. Now the rate of the calls is rounded alike.
func TestTwoOfThreeReachTwoThirds(t *testing.T) {
	b := simple(breaker.FailureRate(2.0/3), breaker.MinCalls(3), breaker.ConsecutiveFailures(0))
	call(t, b, nil)
	calls(t, b, 2, errDown)
	assert.Equal(t, breaker.Open, b.State())
}

// A copy that a faster one has overtaken counts as slow. It also ended a row of failures, as if the dependency had answered; so one
// that failed and hung by turns never opened the breaker. Then it neither ended the row nor belonged to it, and a replica with few
// calls that only hung never opened it either.
func TestSupersededIsNoSuccess(t *testing.T) {
	b := simple()
	call(t, b, errDown)
	call(t, b, fault.Superseded(true))
	assert.Equal(t, breaker.Closed, b.State())
	call(t, b, errDown)
	assert.Equal(t, breaker.Open, b.State())
}

// hasty is a context with a method of the user's.
type hasty struct {
	context.Context
	deadline func()
}

func (h hasty) Deadline() (time.Time, bool) {
	h.deadline()
	return time.Time{}, false
}

// With MinPatience, a probe's context was asked for its deadline under the breaker's lock. A context of the user's own that looked at
// the breaker hung there for good; one that panicked (a nil one, for instance) left the lock behind, and the breaker hung for all.
func TestContextIsAskedOutsideTheLock(t *testing.T) {
	in(t, "looks at the breaker", func(t *testing.T) {
		b := simple(breaker.MinPatience(time.Second))
		toHalfOpen(t, b)
		token, err := b.Acquire(hasty{always, func() { b.Snapshot() }})
		require.NoError(t, err)
		b.Release(token, nil)
	})
	in(t, "panics", func(t *testing.T) {
		b := simple(breaker.MinPatience(time.Second))
		toHalfOpen(t, b)
		assert.Panics(t, func() { _, _ = b.Acquire(hasty{always, func() { panic("no deadline") }}) })
		calls(t, b, 2, nil) // the probe that was not is no lost one
		assert.Equal(t, breaker.Closed, b.State())
	})
}

// Where the user's classifier panicked over a probe, what time had changed meanwhile was kept from the listener until the next change.
func TestPanickingClassifierDelaysNoNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var news diary
		bad := errors.New("bad")
		b := simple(breaker.OnTransition(news.write), breaker.Classify(func(err error) fault.Class {
			if errors.Is(err, bad) {
				panic(err)
			}
			return fault.Of(err)
		}))
		toHalfOpen(t, b)
		probe := begin(t, b)
		time.Sleep(4 * time.Second) // its lease has ended, and of two probes that is one too many
		assert.Panics(t, func() { b.Release(probe, bad) })
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Open}, news.states())
	})
}

// The last failure was forgotten when a half-open breaker opened again because its probes hung: callers were refused for no reason.
// And a call that had been slow but had not failed was shown as the last failure.
func TestLastFailureIsOne(t *testing.T) {
	in(t, "probes that hang", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(4 * time.Second)
		assert.Equal(t, errDown, refused(t, b).Last)
	})
	in(t, "slow answers", func(t *testing.T) {
		var news diary
		b := simple(breaker.MinCalls(1), breaker.SlowCalls(time.Second, 1), breaker.OnTransition(news.write))
		no := begin(t, b)
		time.Sleep(2 * time.Second)
		b.Release(no, fault.Permanent(errors.New("no such thing")))
		require.Len(t, news.read(), 1)
		assert.Equal(t, breaker.CauseSlowRate, news.read()[0].Cause)
		assert.NoError(t, news.read()[0].Err)
		assert.NoError(t, refused(t, b).Last)
	})
}

// The text of a refusal ended in "isolated: " where Isolate was given no reason.
func TestIsolatedForNoReason(t *testing.T) {
	b := breaker.New(breaker.Name("stock"))
	b.Isolate("")
	assert.EqualError(t, refused(t, b), "stock is isolated")
}

// A probe that does not go, since the listener panicked over it, gave its place back as a call that has exited. Where those count as
// failures, it opened the breaker again.
func TestProbeThatDidNotGoIsNoEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := simple(breaker.Probes(1), breaker.CountAs(fault.ClassExited, fault.ClassTransient),
			breaker.OnTransition(func(to breaker.Transition) {
				if to.To == breaker.HalfOpen {
					panic("boom")
				}
			}))
		toHalfOpen(t, b)
		assert.Panics(t, func() { begin(t, b) })
		assert.Equal(t, breaker.HalfOpen, b.State())
		assert.Zero(t, b.Snapshot().Probing)
	})
}

// Of two listeners the second did not hear of the changes that the first panicked over, nor that it had missed any.
func TestEachListenerHearsAll(t *testing.T) {
	var news diary
	b := simple(breaker.OnTransition(func(breaker.Transition) { panic("boom") }), breaker.OnTransition(news.write))
	assert.PanicsWithValue(t, "boom", func() { b.Isolate("") })
	assert.Equal(t, []breaker.State{breaker.Isolated}, news.states())
}
