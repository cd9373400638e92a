package bulkhead_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/bulkhead"
)

// A crowd are callers who come back at once, so that the queue stays as long as it is.
type crowd struct {
	b    *bulkhead.Bulkhead
	all  sync.WaitGroup
	mu   sync.Mutex
	work time.Duration // how long a call takes; zero once they go home
}

// gather makes a crowd of so many more than the bulkhead admits.
func gather(b *bulkhead.Bulkhead, waiting int, work time.Duration) *crowd {
	c := &crowd{b: b, work: work}
	for range b.Snapshot().Limit + waiting {
		c.all.Go(func() {
			for {
				token, err := b.Acquire(always)
				work := c.takes()
				if err == nil {
					time.Sleep(work)
					b.Release(token, nil)
				}
				if work == 0 {
					return
				}
			}
		})
		synctest.Wait()
	}
	return c
}

func (c *crowd) takes() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.work
}

func (c *crowd) take(work time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.work = work
}

// goHome ends the crowd, and returns when the last has gone.
func (c *crowd) goHome() {
	c.take(0)
	c.all.Wait()
}

// refusedAtOnce reports whether a caller who has so much time left is refused without having waited.
func refusedAtOnce(t *testing.T, b *bulkhead.Bulkhead, left time.Duration) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(always, left)
	defer cancel()
	before := b.Snapshot()
	v := visit(b, ctx)
	switch v.is() {
	case "waits":
		v.cancel(nil) // which counts as an exit: the next caller meets a faster queue
		<-v.done
		return false
	case "goes":
		b.Release(v.token, nil)
		return false
	}
	full := new(bulkhead.FullError)
	if !assert.ErrorAs(t, v.err, &full) {
		return false
	}
	assert.Equal(t, bulkhead.ReasonDeadline, full.Reason)
	assert.Zero(t, full.Waited)
	assert.EqualError(t, full, "bulkhead is full: all 2 permits are taken; the queue is too long for the time left before the deadline")
	matches(t, full, nil) // the deadline has not passed
	after := b.Snapshot()
	assert.Equal(t, before.Rejected+1, after.Rejected)
	assert.Equal(t, []any{before.GaveUp, before.Waits, before.Queued}, []any{after.GaveUp, after.Waits, after.Queued})
	return true
}

// crowded returns a bulkhead of 2 permits, for which 26 wait while each call takes 10 ms. Two go every 10 ms, the 32 of a stretch in
// 160; the 27th will go in 130 to 140 ms.
func crowded() (*bulkhead.Bulkhead, *crowd) {
	b := bulkhead.New(2, bulkhead.Queue(100, time.Hour))
	return b, gather(b, 26, 10*ms)
}

const (
	twoStretches = 2 * 160 * ms
	// pointless is the time that is too short for the 27th in the queue: half of what 27 take less the 2 that may go at any moment and
	// the 4 to spare, at 5 ms each.
	pointless = (27 - 2 - 4) * 5 * ms / 2
)

// A caller who has no chance before the deadline is told at once; one who has a chance waits, and in time is admitted.
func TestHopelessWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := crowded()
		time.Sleep(twoStretches + 5*ms)
		for range 20 {
			assert.True(t, refusedAtOnce(t, b, ms))
			assert.True(t, refusedAtOnce(t, b, pointless-1))
			time.Sleep(70 * ms)
		}
		ctx, cancel := context.WithTimeout(always, 140*ms)
		defer cancel()
		v := visit(b, ctx)
		assert.False(t, refusedAtOnce(t, b, pointless+5*ms/2), "this one is the 28th")
		<-v.done
		assert.NoError(t, v.err, "with twice the time that it takes it is served")
		assert.Greater(t, v.after, 2*pointless)
		b.Release(v.token, nil)
		c.goHome()
		assert.False(t, refusedAtOnce(t, b, 1), "there is no queue any more")
	})
}

// Without a deadline nobody is refused for it, though the longest wait may be too short: that one is the operator's choice.
func TestTheLongestWaitIsWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(2, bulkhead.Queue(100, 200*ms))
		c := gather(b, 26, 10*ms)
		time.Sleep(twoStretches + 5*ms)
		c.take(100 * ms)
		v := visit(b, always)
		assert.Equal(t, "waits", v.is())
		<-v.done
		assert.Equal(t, "waited", v.is())
		assert.Equal(t, 200*ms, v.after)
		c.goHome()
	})
}

// One has to have seen the queue move for a while, lately.
func TestThePaceIsOfLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := crowded()
		assert.False(t, refusedAtOnce(t, b, 1))
		time.Sleep(twoStretches - 5*ms)
		assert.False(t, refusedAtOnce(t, b, 1), "not two stretches yet")
		time.Sleep(5*ms + 1)
		assert.True(t, refusedAtOnce(t, b, 1))
		c.goHome()

		c = gather(b, 26, 10*ms)
		assert.False(t, refusedAtOnce(t, b, 1), "the queue has been empty meanwhile")
		time.Sleep(twoStretches + 5*ms)
		assert.True(t, refusedAtOnce(t, b, 1))
		c.goHome()
	})
}

// A queue that is not much longer than the limit may be gone in a moment, whatever the pace.
func TestShortQueuesAreWaitedIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(2, bulkhead.Queue(100, time.Hour))
		c := gather(b, 2+4-1, 10*ms)
		time.Sleep(10 * twoStretches)
		time.Sleep(ms)
		assert.False(t, refusedAtOnce(t, b, 1))
		v := visit(b, always)
		assert.True(t, refusedAtOnce(t, b, 1), "one more is one too many")
		<-v.done
		b.Release(v.token, nil)
		c.goHome()
	})
}

// A dependency that hung for a second is not taken for a slow one, and one that has become slow, or fast, is known as such after a while.
func TestThePaceChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := crowded()
		time.Sleep(twoStretches + 5*ms)
		assert.False(t, refusedAtOnce(t, b, pointless))

		c.take(time.Second)
		time.Sleep(10 * ms)
		c.take(10 * ms)
		time.Sleep(990 * ms) // two have taken a second
		for range 20 {
			assert.False(t, refusedAtOnce(t, b, pointless), "one stall")
			time.Sleep(40 * ms)
		}

		c.take(100 * ms)
		time.Sleep(1600 * ms)
		assert.False(t, refusedAtOnce(t, b, pointless), "one slow stretch at most")
		time.Sleep(3 * 1600 * ms)
		assert.True(t, refusedAtOnce(t, b, 9*pointless), "two or three")
		assert.False(t, refusedAtOnce(t, b, 10*pointless))

		c.take(10 * ms)
		time.Sleep(100*ms + 2*160*ms)
		assert.True(t, refusedAtOnce(t, b, pointless*9/10))
		assert.False(t, refusedAtOnce(t, b, pointless), "one fast stretch is enough")
		c.goHome()
	})
}

// Where calls end in step, many at once, the pace says nothing of the moment, and nobody is refused for it.
func TestCallsInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(100, bulkhead.Queue(1000, time.Hour))
		c := gather(b, 350, 100*ms)
		time.Sleep(20*100*ms + 99*ms)
		ctx, cancel := context.WithTimeout(always, 2*ms)
		defer cancel()
		assert.Equal(t, "waits", visit(b, ctx).is())
		c.goHome()
	})
}

// Those who leave the queue bring the others forward, too. Here nobody is served at all.
func TestThoseWhoLeaveCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(2, bulkhead.Queue(100, time.Hour))
		tokens := fill(t, b)
		all := visits(b, 26+64)
		for _, v := range all[26:] {
			time.Sleep(5 * ms)
			v.cancel(nil)
		}
		synctest.Wait()
		assert.True(t, refusedAtOnce(t, b, pointless-1))
		assert.False(t, refusedAtOnce(t, b, pointless))
		for _, v := range all[:26] {
			b.Release(tokens[0], nil)
			<-v.done
		}
		b.Release(tokens[0], nil)
		b.Release(tokens[1], nil)
		isWhole(t, b)
	})
}

// How often is a caller refused for a deadline by which there would have been a permit? Hardly ever. And is it worth it? Where those who
// have time take all that there is, most of those who have none are told so at once.
func TestRefusedForTheirDeadlineRightly(t *testing.T) {
	const long = 500 * ms
	calls := 40_000
	if raceEnabled {
		calls = 16_000
	}
	mixed := func(short time.Duration) func(*rand.Rand) time.Duration {
		return func(dice *rand.Rand) time.Duration {
			if dice.IntN(5) == 0 {
				return short
			}
			return long
		}
	}
	steady := taking(func(dice *rand.Rand) time.Duration { return exponential(dice, 0.010) })
	for _, test := range []struct {
		name     string
		limit    int
		rate     float64
		service  func(*rand.Rand, time.Duration) time.Duration
		patience func(*rand.Rand) time.Duration
		// At most so many of all calls are refused wrongly, and at least so many of those with little time, who are not served, at once.
		wrong, told float64
	}{
		{"one permit", 1, 160, steady, mixed(50 * ms), 0.001, 0.8},
		{"several permits", 4, 640, steady, mixed(50 * ms), 0.001, 0.8},
		{"less overload", 4, 540, steady, mixed(50 * ms), 0.001, 0.6},
		{"no overload", 4, 380, steady, mixed(20 * ms), 0.001, 0},
		{"constant times", 4, 640, taking(func(*rand.Rand) time.Duration { return 10 * ms }), mixed(50 * ms), 0.001, 0.8},
		{"a long tail", 4, 640, taking(func(dice *rand.Rand) time.Duration {
			return services["lognormal"](dice) / 100
		}), mixed(50 * ms), 0.001, 0.8},
		{"many permits", 50, 8000, steady, mixed(50 * ms), 0.001, 0.6},
		{"many permits, constant times", 50, 8000, taking(func(*rand.Rand) time.Duration { return 10 * ms }), mixed(50 * ms), 0.001, 0.6},
		{"all equally patient", 4, 1200, steady, mixed(long), 0.03, 0}, // at the beginning: nobody has left yet, as two of three will
		{"slow and fast by turns", 4, 500, func(dice *rand.Rand, at time.Duration) time.Duration {
			if at/(300*ms)%2 == 0 {
				return exponential(dice, 0.020)
			}
			return exponential(dice, 0.004)
		}, mixed(50 * ms), 0.01, 0.5},
		{"hangs for half a second every two", 4, 300, func(dice *rand.Rand, at time.Duration) time.Duration {
			if in := at % (2 * time.Second); in > 1500*ms {
				return 2*time.Second - in
			}
			return exponential(dice, 0.010)
		}, mixed(50 * ms), 0.01, 0},
	} {
		in(t, test.name, func(t *testing.T) {
			b := bulkhead.New(test.limit, bulkhead.Queue(100_000, time.Minute)) // which is never full
			stories := traffic{
				calls: calls, rate: test.rate, seed: 3, service: test.service, patience: test.patience,
			}.through(b)
			var served, inVain, refused, wrong, shortInVain, shortRefused float64
			next := time.Duration(1<<63 - 1) // when the first of those who came later was admitted
			for _, s := range slices.Backward(stories) {
				switch {
				case s.full == nil:
					served++
					next = min(next, s.admitted)
					continue
				case s.full.Waited > 0:
					inVain++
				default:
					assert.Equal(t, bulkhead.ReasonDeadline, s.full.Reason)
					refused++
					if next <= s.arrived+s.patience {
						wrong++ // the permit would have come in time
					}
				}
				if s.patience < long {
					if s.full.Waited > 0 {
						shortInVain++
					} else {
						shortRefused++
					}
				}
			}
			t.Logf("%v served, %v waited in vain, %v refused at once, of them %v wrongly; with little time: %v in vain, %v refused",
				served, inVain, refused, wrong, shortInVain, shortRefused)
			assert.LessOrEqual(t, wrong, test.wrong*float64(len(stories)))
			assert.GreaterOrEqual(t, shortRefused, test.told*(shortRefused+shortInVain))
			holds(t, b, 0, 0)
		})
	}
}
