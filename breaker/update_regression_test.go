package breaker_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// One test for each bug of Update that was found.

// Each change of the window moved what it held to the end of a slice, so that a breaker whose window was changed again and again never
// forgot: failures of a minute ago opened it.
func TestRegressionResizedWindowForgets(t *testing.T) {
	const s = time.Second
	for name, test := range map[string]struct {
		every  time.Duration
		window func(i int) time.Duration
	}{
		"to and fro, quickly":     {s / 10, func(i int) time.Duration { return (10 + time.Duration(i%2)) * s }},
		"to and fro, slowly":      {2 * s, func(i int) time.Duration { return (10 + 2*time.Duration(i%2)) * s }},
		"to any, again and again": {s / 100, func(int) time.Duration { return 10*s + rand.N(2*s) }},
	} {
		in(t, name, func(t *testing.T) {
			b := unopened(breaker.Window(12 * s))
			time.Sleep(123 * time.Millisecond)
			calls(t, b, 60, errDown)
			calls(t, b, 20, nil)
			calls(t, b, 10, fault.Superseded(true))
			want := breaker.Counts{Calls: 90, Failures: 60, Slow: 10, Consecutive: 10}
			began := time.Now()
			for i := 0; time.Since(began) < 13200*time.Millisecond; i++ {
				if time.Since(began) < 9*s {
					require.Equal(t, want, b.Snapshot().Counts, "they are kept for as long as the shorter window does")
				}
				update(t, b, breaker.Window(test.window(i)))
				time.Sleep(test.every)
			}
			assert.Equal(t, breaker.Counts{Consecutive: 10}, b.Snapshot().Counts, "after the longer window, and a slice")
		})
	}
}

// The window was looked up before the classifier was asked, and the call recorded in it afterwards: where the window had been changed
// meanwhile, nobody ever looked there. A breaker whose classifier took a second lost all that ended in the second before the change, and one
// whose classifier tuned it did not open at all.
func TestRegressionSlowClassifierLosesNoCall(t *testing.T) {
	in(t, "tuned while it thinks", func(t *testing.T) {
		b := unopened(breaker.Classify(func(error) fault.Class {
			time.Sleep(time.Second)
			return fault.ClassTransient
		}))
		for range 10 {
			token := begin(t, b)
			go b.Release(token, errDown)
		}
		time.Sleep(time.Millisecond)
		update(t, b, breaker.Window(20*time.Second))
		time.Sleep(time.Second)
		assert.Equal(t, breaker.Counts{Calls: 10, Failures: 10, Consecutive: 10}, b.Snapshot().Counts)
	})
	in(t, "tuned by it", func(t *testing.T) {
		var b *breaker.Breaker
		n := 0
		b = breaker.New(breaker.ConsecutiveFailures(0), breaker.Classify(func(error) fault.Class {
			n++
			update(t, b, breaker.Window(time.Duration(10+n%2)*time.Second))
			return fault.ClassTransient
		}))
		calls(t, b, 20, errDown)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "closed anew while it thinks", func(t *testing.T) {
		var b *breaker.Breaker
		b = breaker.New(breaker.Classify(func(error) fault.Class {
			b.Reset()
			return fault.ClassTransient
		}))
		call(t, b, errDown)
		assert.Zero(t, b.Snapshot().Counts, "it is no call of this state")
	})
}

// How a call ended was decided by the classifier of before an Update, and whether it was slow by the limit of after it.
func TestRegressionOneSetOfSettingsForAnEnd(t *testing.T) {
	for _, half := range []bool{false, true} {
		in(t, map[bool]string{false: "closed", true: "a probe"}[half], func(t *testing.T) {
			enter, leave := make(chan struct{}), make(chan struct{})
			gone := false
			b := simple(breaker.Probes(3), breaker.SlowCalls(time.Hour, 0.1), breaker.MinCalls(100), breaker.Classify(func(error) fault.Class {
				if gone {
					close(enter)
					<-leave
				}
				return fault.ClassTransient
			}))
			if half {
				toHalfOpen(t, b)
			}
			token := begin(t, b)
			time.Sleep(time.Second)
			gone = true
			go b.Release(token, errDown)
			<-enter
			update(t, b, breaker.Classify(func(error) fault.Class { return fault.ClassIgnored }), breaker.SlowCalls(time.Millisecond, 0.1))
			close(leave)
			time.Sleep(time.Nanosecond)
			got := b.Snapshot()
			assert.Equal(t, uint64(1), got.Counts.Failures, "by the old")
			assert.Zero(t, got.Counts.Slow, "by the old, too")
		})
	}
}

// turning is a context that tunes the breaker while it is asked for its deadline.
type turning struct {
	context.Context
	turn func()
}

func (c turning) Deadline() (time.Time, bool) {
	c.turn()
	return c.Context.Deadline()
}

// Whether the caller of a probe was in a hurry was decided by the settings of before an Update, and its lease by those of after it.
func TestRegressionOneSetOfSettingsForAProbe(t *testing.T) {
	for _, closes := range []bool{false, true} {
		in(t, map[bool]string{false: "half-open", true: "closed meanwhile"}[closes], func(t *testing.T) {
			b := simple(breaker.MinPatience(time.Minute), breaker.Probes(2), breaker.ProbeFailureRate(1))
			toHalfOpen(t, b)
			hurry, cancel := context.WithTimeout(always, 10*time.Second)
			defer cancel()
			asked := 0
			token, err := b.Acquire(turning{hurry, func() {
				if asked++; asked > 1 {
					return
				}
				update(t, b, breaker.MinPatience(time.Second), breaker.ProbeLease(30*time.Second))
				if closes {
					b.Reset()
				}
			}})
			require.NoError(t, err)
			<-hurry.Done()
			if !closes {
				assert.Equal(t, 1, b.Snapshot().Probing, "the lease is the new one")
			}
			b.Release(token, fault.End(hurry.Err(), fault.ClassTimeout))
			assert.Equal(t, uint64(1), b.Snapshot().Counts.Failures, "and by the new one there was no hurry")
		})
	}
}

// Update's documentation said that it opens and closes nothing. A shorter ProbeLease does, as the time does that would have ended the
// probes.
func TestRegressionShorterLeaseIsTime(t *testing.T) {
	for want, probes := range map[breaker.State]int{breaker.Open: 1, breaker.Closed: 10} {
		in(t, want.String(), func(t *testing.T) {
			var news diary
			b := simple(breaker.Probes(probes), breaker.OnTransition(news.write))
			toHalfOpen(t, b)
			begin(t, b)
			time.Sleep(time.Second)
			calls(t, b, probes-1, nil)
			heard := len(news.read())
			update(t, b, breaker.ProbeLease(time.Millisecond))
			assert.Equal(t, want, b.State(), "as time would have brought it")
			assert.Equal(t, time.Now(), b.Snapshot().Since)
			assert.Len(t, news.read(), heard, "which the next call notices")
			_, _ = b.Acquire(always)
			assert.Len(t, news.read(), heard+1)
		})
	}
}
