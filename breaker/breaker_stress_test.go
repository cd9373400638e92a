package breaker_test

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// swarm runs f in many goroutines, all at once, each with its own dice, and waits for them.
func swarm(goroutines int, f func(*rand.Rand)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for g := range goroutines {
		ready.Add(1)
		done.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(g), 7))
			ready.Done()
			<-start
			f(rnd)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// counting returns a breaker that counts and never opens.
func counting(window breaker.Option) *breaker.Breaker {
	return breaker.New(window, breaker.NoFailureRate(), breaker.ConsecutiveFailures(1<<30), breaker.SlowCalls(time.Hour, 1))
}

// Every call of ten thousand goroutines is counted, each as what it was, in windows that nothing locks.
func TestStressCountsAreExact(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, window := range map[string]breaker.Option{
		"time window":  breaker.Window(time.Hour), // which does not turn while the test runs
		"count window": breaker.CountWindow(10_000 * 20),
	} {
		t.Run(name, func(t *testing.T) {
			b := counting(window)
			var want [4]atomic.Uint64
			kinds := map[string]int{success: 0, failure: 1, slow: 2, uncounted: 3}
			swarm(10_000, func(rnd *rand.Rand) {
				for range 20 {
					end := ends[rnd.IntN(len(ends))]
					want[kinds[end.is]].Add(1)
					token, err := b.Acquire(always)
					if err != nil {
						t.Error("refused:", err)
					}
					b.Release(token, end.err)
				}
			})
			s := b.Snapshot()
			assert.Equal(t, want[0].Load()+want[1].Load()+want[2].Load(), s.Counts.Calls)
			assert.Equal(t, uint64(10_000*20), s.Counts.Calls+want[3].Load(), "and those that are not counted")
			assert.Equal(t, want[1].Load(), s.Counts.Failures)
			assert.Equal(t, want[2].Load(), s.Counts.Slow)
			assert.Zero(t, s.Refused)
		})
	}
}

// The counter of slow calls is made when the first is met, by whoever meets it: when two do at the same time, both are in it.
func TestStressFirstSlowCalls(t *testing.T) {
	defer goleak.VerifyNone(t)
	rounds := 10_000
	if raceEnabled {
		rounds /= 5 // it is slow, and makes the instant longer
	}
	b := breaker.New()
	lockstep(2, rounds, func(int) {
		token, _ := b.Acquire(always)
		b.Release(token, fault.Superseded(true))
	}, func(int) {
		if got := b.Snapshot().Counts.Slow; got != 2 {
			t.Error(got, "slow calls of 2")
		}
		b.Reset()
	})
}

// lockstep lets a few goroutines do the same in each round, as nearly at once as can be: they spin for each other, since a channel or a
// WaitGroup wakes one after the other. Between two rounds one of them looks at what came of it.
func lockstep(workers, rounds int, do, look func(round int)) {
	var met atomic.Int64
	meet := func(times int) {
		met.Add(1)
		for n := 1; met.Load() < int64(workers*times); n++ {
			if n%100 == 0 {
				runtime.Gosched() // there may be one core only
			}
		}
	}
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for round := range rounds {
				meet(2*round + 1)
				do(round)
				meet(2*round + 2)
				if worker == 0 {
					look(round)
				}
			}
		})
	}
	wg.Wait()
}

// In a full count window each call drives another out, and the sums follow. When somebody alone has filled each place again, what is
// left is what the swarm had miscounted.
func TestStressFullCountWindow(t *testing.T) {
	defer goleak.VerifyNone(t)
	b := counting(breaker.CountWindow(100))
	swarm(10_000, func(rnd *rand.Rand) {
		for range 20 {
			if token, err := b.Acquire(always); err == nil {
				b.Release(token, ends[rnd.IntN(len(ends))].err)
			}
		}
	})
	calls(t, b, 100, nil)
	assert.Equal(t, breaker.Counts{Calls: 100}, b.Snapshot().Counts)
}

// A half-open breaker under ten thousand callers has never more than N probes out, and is never left with fewer places: all of its
// probes come back without a word, so that it stays half-open.
func TestStressProbesHaveLeases(t *testing.T) {
	defer goleak.VerifyNone(t)
	const places = 5
	b := breaker.New(breaker.ConsecutiveFailures(1), breaker.OpenTime(1), breaker.OpenTimeJitter(0), breaker.Probes(places), breaker.ProbeLease(0))
	call(t, b, errDown)
	var out, most, admitted, refusals atomic.Int64
	swarm(10_000, func(*rand.Rand) {
		for range 20 {
			token, err := b.Acquire(always)
			if err != nil {
				refusals.Add(1)
				runtime.Gosched()
				continue
			}
			admitted.Add(1)
			now := out.Add(1)
			for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				continue
			}
			runtime.Gosched()
			out.Add(-1)
			b.Release(token, fault.End(errDown, fault.ClassCanceled))
		}
	})
	assert.LessOrEqual(t, most.Load(), int64(places))
	assert.Equal(t, int64(10_000*20), admitted.Load()+refusals.Load())
	s := b.Snapshot()
	assert.Equal(t, breaker.HalfOpen, s.State)
	assert.Zero(t, s.Probing, "all came back")
	assert.Equal(t, uint64(refusals.Load()), s.Refused)
	var probes []uint64
	for range places {
		probes = append(probes, begin(t, b))
	}
	_ = refused(t, b)
	for _, probe := range probes {
		b.Release(probe, nil)
	}
	assert.Equal(t, breaker.Closed, b.State())
}

// A thousand goroutines and every kind of end, lost probes and persons' words among them; the dependency is up and down. The story that
// the listener hears has no gap that it is not told of, each opening and each refusal is counted, and in the end the breaker closes.
func TestStressStoryHasNoGap(t *testing.T) {
	defer goleak.VerifyNone(t)
	var news diary
	b := breaker.New(breaker.ConsecutiveFailures(3), breaker.MinCalls(10), breaker.OpenTime(time.Microsecond), breaker.OpenTimeGrowth(1, time.Hour),
		breaker.Probes(3), breaker.ProbeLease(10*time.Microsecond), breaker.Ramp(10*time.Microsecond), breaker.MinPatience(time.Second),
		breaker.SlowCalls(time.Millisecond, 0.5), breaker.OnTransition(news.write))
	var admitted, refusals atomic.Int64
	var down atomic.Bool
	swarm(1000, func(rnd *rand.Rand) {
		for n := range 200 {
			token, err := b.Acquire(always)
			if err != nil {
				refusals.Add(1)
				if !errors.Is(err, breaker.ErrOpen) {
					t.Error(err)
				}
				runtime.Gosched()
				continue
			}
			admitted.Add(1)
			switch dice := rnd.IntN(1000); {
			case dice < 10: // lost
			case dice < 12:
				b.Isolate("stress")
				b.Reset()
			case dice < 14:
				b.ForceClosed()
				b.Reset()
			case dice < 100:
				b.Release(token, ends[rnd.IntN(len(ends))].err)
			case down.Load():
				b.Release(token, errDown)
			default:
				b.Release(token, nil)
			}
			if n%20 == 0 {
				down.Store(rnd.IntN(2) == 0)
				b.Snapshot()
				b.State()
			}
		}
	})
	assert.Equal(t, int64(1000*200), admitted.Load()+refusals.Load())
	s := b.Snapshot()
	assert.Equal(t, uint64(refusals.Load()), s.Refused)

	// The listener is quick, but the goroutine that tells it may be held up while others go on.
	openings, missed, from := uint64(0), uint64(0), breaker.Closed
	for i, page := range news.read() {
		if missed += page.Missed; page.Missed == 0 {
			require.Equal(t, from, page.From, "transition %d", i+1)
		}
		require.False(t, page.From == breaker.Open && page.To == breaker.Open, "it opens once")
		if from = page.To; page.To == breaker.Open {
			openings++
		}
	}
	assert.Positive(t, openings)
	assert.GreaterOrEqual(t, s.Opened, openings)
	assert.LessOrEqual(t, s.Opened, openings+missed+1, "one may have been read that no call has noticed yet")

	b.Reset()
	calls(t, b, 3, errDown)
	for b.State() != breaker.Closed {
		if token, err := b.Acquire(always); err == nil {
			b.Release(token, nil)
		}
	}
}

// Listeners are told one at a time and in order, whoever's call it is; a listener that is slow is told the latest, and how much it missed.
func TestStressListenersTurn(t *testing.T) {
	defer goleak.VerifyNone(t)
	var inside, told, missed atomic.Int64
	b := breaker.New(breaker.OnTransition(func(to breaker.Transition) {
		if inside.Add(1) != 1 {
			t.Error("told twice at a time")
		}
		runtime.Gosched()
		told.Add(1)
		missed.Add(int64(to.Missed))
		inside.Add(-1)
	}))
	swarm(1000, func(*rand.Rand) {
		for range 20 {
			b.Isolate("")
			b.Reset()
		}
	})
	assert.Equal(t, int64(1000*20*2), told.Load()+missed.Load())
}

// A listener may stop itself, and others may come and go, while news are delivered.
func TestStressListen(t *testing.T) {
	b := breaker.New()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				stop := b.Listen(func(breaker.Transition) {})
				b.Isolate("test")
				b.Reset()
				stop()
			}
		})
	}
	all.Wait()
	heard := 0
	var stop func()
	stop = b.Listen(func(breaker.Transition) { heard++; stop() })
	b.Isolate("test")
	b.Reset()
	assert.Equal(t, 1, heard)
}
