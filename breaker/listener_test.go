package breaker_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
)

// A listener hears of each change once, in order, with all that there is to say about it.
func TestListenerHearsTheStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var news diary
		b := simple(breaker.Name("stock"), breaker.OnTransition(news.write), breaker.OpenTimeGrowth(2, time.Minute))
		start := time.Now()
		call(t, b, nil)
		calls(t, b, 3, errDown)      // opens
		time.Sleep(11 * time.Second) // time's up after 10; noticed a second later
		call(t, b, errDown)          // opens again
		time.Sleep(25 * time.Second) // time's up after 20
		calls(t, b, 2, nil)          // closes
		b.Isolate("moving house")
		b.ForceClosed()
		call(t, b, errDown)
		b.Reset()

		at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
		story := []breaker.Transition{
			{
				To: breaker.Open, Cause: breaker.CauseConsecutive, Err: errDown, At: at(0), NextProbe: 10 * time.Second,
				Counts: breaker.Counts{Calls: 4, Failures: 3, Consecutive: 3},
			},
			{To: breaker.HalfOpen, Cause: breaker.CauseTimeUp, Err: errDown, At: at(10)},
			{
				To: breaker.Open, Cause: breaker.CauseProbesFailed, Err: errDown, At: at(11), NextProbe: 20 * time.Second,
				Counts: breaker.Counts{Calls: 1, Failures: 1},
			},
			{To: breaker.HalfOpen, Cause: breaker.CauseTimeUp, Err: errDown, At: at(31)},
			{To: breaker.Closed, Cause: breaker.CauseProbesSucceeded, At: at(36), Counts: breaker.Counts{Calls: 2}},
			{To: breaker.Isolated, Cause: breaker.CauseIsolated, Reason: "moving house", At: at(36)},
			{To: breaker.ForcedClosed, Cause: breaker.CauseForcedClosed, At: at(36)},
			{To: breaker.Closed, Cause: breaker.CauseReset, At: at(36), Counts: breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}},
		}
		heard := news.read()
		require.Len(t, heard, len(story))
		before := breaker.Closed
		for i, want := range story {
			want.Name, want.From = "stock", before
			assert.Equal(t, want, heard[i], "transition %d", i+1)
			before = want.To
		}
	})
}

// Several listeners hear the same, in the order in which they were given.
func TestSeveralListeners(t *testing.T) {
	var heard []string
	listener := func(name string) breaker.Option {
		return breaker.OnTransition(func(to breaker.Transition) { heard = append(heard, name+": "+to.To.String()) })
	}
	b := breaker.New(listener("first"), listener("second"), listener("third"))
	b.Isolate("")
	b.Reset()
	assert.Equal(t, []string{
		"first: isolated", "second: isolated", "third: isolated", "first: closed", "second: closed", "third: closed",
	}, heard)
}

// A listener is called outside the breaker's locks, so it may use the breaker, even change its state. It hears of that afterwards.
func TestListenerMayUseTheBreaker(t *testing.T) {
	in(t, "reads, on every occasion", func(t *testing.T) {
		var b *breaker.Breaker
		var seen []breaker.State
		b = simple(breaker.OnTransition(func(to breaker.Transition) {
			seen = append(seen, b.State())
			assert.Equal(t, to.To, b.Snapshot().State)
		}))
		toHalfOpen(t, b)
		call(t, b, errDown)
		b.Isolate("")
		b.Reset()
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Open, breaker.Isolated, breaker.Closed}, seen)
	})
	in(t, "isolates for good what opens", func(t *testing.T) {
		var b *breaker.Breaker
		var news diary
		b = simple(breaker.OnTransition(func(to breaker.Transition) {
			if to.To == breaker.Open {
				b.Isolate("a person shall look at it")
				assert.Equal(t, breaker.Isolated, b.State())
			}
			news.write(to)
		}))
		calls(t, b, 3, errDown)
		assert.Equal(t, "a person shall look at it", refused(t, b).Reason)
		assert.Equal(t, []breaker.State{breaker.Open, breaker.Isolated}, news.states())
	})
	in(t, "makes calls", func(t *testing.T) {
		var b *breaker.Breaker
		b = simple(breaker.OnTransition(func(to breaker.Transition) {
			if to.To == breaker.HalfOpen {
				call(t, b, nil) // a probe of its own
			}
		}))
		toHalfOpen(t, b)
		call(t, b, nil)
		assert.Equal(t, breaker.Closed, b.State(), "the listener's probe was one of the two")
	})
}

// A listener that hangs holds up one call. The others go on; of what happens meanwhile it hears the latest, and how much it missed.
func TestHungListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var news diary
		var hang chan struct{}
		b := simple(breaker.OnTransition(func(to breaker.Transition) {
			if to.Cause == breaker.CauseConsecutive {
				<-hang
			}
			news.write(to)
		}))
		hang = make(chan struct{})
		go func() {
			for range 3 {
				token, _ := b.Acquire(always)
				b.Release(token, errDown)
			}
		}()
		synctest.Wait() // the listener hangs
		for range 50 {
			b.Isolate("") // 100 changes, of which 64 can wait
			b.Reset()
			call(t, b, errDown)
		}
		assert.Empty(t, news.read())
		close(hang)
		synctest.Wait()

		heard := news.read()
		require.Len(t, heard, 1+64)
		assert.Equal(t, uint64(0), heard[0].Missed)
		assert.Equal(t, uint64(100-64), heard[1].Missed)
		for i := 2; i < len(heard); i++ {
			assert.Zero(t, heard[i].Missed)
			assert.Equal(t, heard[i-1].To, heard[i].From, "from there on nothing is missing")
		}
		assert.Equal(t, breaker.Closed, heard[64].To)
	})
}
