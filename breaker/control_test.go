package breaker_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
)

// ways leads a simple breaker into each state.
var ways = map[breaker.State]func(t *testing.T, b *breaker.Breaker){
	breaker.Closed:       func(t *testing.T, b *breaker.Breaker) { t.Helper(); calls(t, b, 2, errDown) },
	breaker.Open:         func(t *testing.T, b *breaker.Breaker) { t.Helper(); toOpen(t, b) },
	breaker.HalfOpen:     func(t *testing.T, b *breaker.Breaker) { t.Helper(); toHalfOpen(t, b); begin(t, b) },
	breaker.Isolated:     func(_ *testing.T, b *breaker.Breaker) { b.Isolate("before") },
	breaker.ForcedClosed: func(t *testing.T, b *breaker.Breaker) { t.Helper(); b.ForceClosed(); calls(t, b, 30, errDown) },
}

// A person's word takes the breaker from any state to the one he wants, at once, and the listener hears of it.
func TestControlFromEveryState(t *testing.T) {
	words := map[breaker.State]struct {
		say   func(*breaker.Breaker)
		cause breaker.Cause
	}{
		breaker.Isolated:     {func(b *breaker.Breaker) { b.Isolate("maintenance") }, breaker.CauseIsolated},
		breaker.ForcedClosed: {(*breaker.Breaker).ForceClosed, breaker.CauseForcedClosed},
		breaker.Closed:       {(*breaker.Breaker).Reset, breaker.CauseReset},
	}
	for from, way := range ways {
		for to, word := range words {
			in(t, from.String()+" to "+to.String(), func(t *testing.T) {
				var news diary
				b := simple(breaker.OnTransition(news.write))
				way(t, b)
				counted := b.Snapshot().Counts
				word.say(b)

				s := b.Snapshot()
				assert.Equal(t, to, s.State)
				assert.Equal(t, word.cause, s.Cause)
				assert.Equal(t, breaker.Counts{}, s.Counts, "nothing is carried over")
				assert.Zero(t, s.Probing)
				assert.Zero(t, s.NextProbe)
				heard := news.read()
				last := heard[len(heard)-1]
				assert.Equal(t, breaker.Transition{
					Name: "breaker", From: from, To: to, Cause: word.cause, Reason: s.Reason, At: s.Since, Counts: counted,
				}, last)
			})
		}
	}
}

// What time has done, though nobody noticed, is told first.
func TestControlAfterTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var news diary
		b := simple(breaker.OnTransition(news.write))
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(time.Hour) // the probe was lost, so it is open again, and half-open again
		b.Isolate("")
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Open, breaker.HalfOpen, breaker.Isolated}, news.states())
		consistent(t, news.read())
	})
}

// What a person ordered stays until he orders something else: neither calls nor time change it.
func TestOrdersStay(t *testing.T) {
	in(t, "isolated", func(t *testing.T) {
		b := simple()
		b.Isolate("maintenance")
		for range 10 {
			time.Sleep(1000 * time.Hour)
			assert.Equal(t, "maintenance", refused(t, b).Reason)
		}
		assert.Equal(t, breaker.Isolated, b.State())
	})
	in(t, "forced closed", func(t *testing.T) {
		b := simple()
		b.ForceClosed()
		calls(t, b, 1000, errDown)
		assert.Equal(t, breaker.ForcedClosed, b.State())
		assert.Equal(t, uint64(1000), b.Snapshot().Counts.Failures, "they are counted")
	})
}

// After Reset the breaker works as one that is new.
func TestResetIsLikeNew(t *testing.T) {
	for from, way := range ways {
		in(t, from.String(), func(t *testing.T) {
			b := simple()
			way(t, b)
			b.Reset()
			calls(t, b, 2, errDown)
			assert.Equal(t, breaker.Closed, b.State(), "failures of before do not count")
			call(t, b, errDown)
			assert.Equal(t, breaker.Open, b.State())
			assert.Equal(t, 10*time.Second, b.Snapshot().NextProbe)
		})
	}
}

// A second word of the same kind gives the new reason.
func TestIsolateAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := simple()
		b.Isolate("maintenance")
		time.Sleep(time.Hour)
		b.Isolate("still down")
		assert.Equal(t, "still down", refused(t, b).Reason)
		assert.Zero(t, time.Since(b.Snapshot().Since))
	})
}
