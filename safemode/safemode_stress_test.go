package safemode_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/safemode"
)

// crowd makes calls through ten pipelines that share a mode, from a thousand goroutines, while meanwhile goes on. It checks that no call
// and no permit is lost, and returns how many calls were made, and how many of them reached the function.
func crowd(t *testing.T, m *safemode.Mode, each int, fn func(n int) error, meanwhile func(done func() bool)) (made, reached int64) {
	t.Helper()
	const goroutines = 1000
	permits := make([]*bulkhead.Bulkhead, 10)
	pipelines := make([]*ductile.Pipeline, 10)
	for i := range pipelines {
		permits[i] = bulkhead.New(goroutines)
		lowest := []safemode.Level{safemode.Normal, safemode.Normal, safemode.Degraded, safemode.Safe}[i%4]
		pipelines[i] = ductile.New("p", fallback.Value(-1), m.For(lowest), permits[i])
	}
	var live, instead, unwound, ran, over atomic.Int64
	call := func(p *ductile.Pipeline, n int) {
		ended := false
		defer func() {
			if recover() != nil || !ended {
				unwound.Add(1)
			}
		}()
		answer, err := ductile.Do(always, p, func(context.Context) (int, error) {
			ran.Add(1)
			return n, fn(n)
		})
		ended = true
		assert.NoError(t, err)
		switch answer {
		case n:
			live.Add(1)
		case -1:
			instead.Add(1)
		default:
			assert.Fail(t, "an answer of somebody else's", "%d for %d", answer, n)
		}
	}
	var wg, others sync.WaitGroup
	others.Go(func() { meanwhile(func() bool { return over.Load() == goroutines }) })
	for g := range goroutines {
		wg.Go(func() {
			defer over.Add(1)
			for i := range each {
				n := g*each + i
				call(pipelines[n%10], n)
				if i%8 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	wg.Wait()
	others.Wait()
	made = int64(goroutines * each)
	assert.Equal(t, made, live.Load()+instead.Load()+unwound.Load(), "no call is lost")
	for _, b := range permits {
		assert.Zero(t, b.Snapshot().InFlight, "no permit is lost")
	}
	return made, ran.Load()
}

// chained checks that each change begins where the one before has ended.
func chained(t *testing.T, changes []safemode.Change, at safemode.Level) {
	t.Helper()
	for i, c := range changes {
		if c.Missed == 0 {
			require.Equal(t, at, c.From, "change %d", i)
		}
		at = c.To
	}
}

// Engaged and released by hand while calls run: no call is lost, no permit, and each change is one event.
func TestStressByHand(t *testing.T) {
	var d diary
	m := safemode.New(safemode.OnChange(d.write))
	orders := 0
	_, _ = crowd(t, m, 200, func(int) error { return nil }, func(done func() bool) {
		for !done() || orders < 100 {
			switch orders % 4 {
			case 0:
				m.Engage("test")
			case 2:
				m.Hold(safemode.Degraded, "test")
			default:
				m.Disengage()
			}
			orders++
			runtime.Gosched()
		}
	})
	changes := d.read()
	assert.Len(t, changes, orders)
	chained(t, changes, safemode.Normal)
	t.Logf("%d changes, %d refusals", len(changes), m.Snapshot().Refused)
}

// The same from many hands at once: what takes effect is told, once, in order.
func TestStressManyHands(t *testing.T) {
	var d diary
	m := safemode.New(safemode.Automatic(safemode.Sustain(0)), safemode.OnChange(d.write))
	_, _ = crowd(t, m, 50, func(int) error { return nil }, func(done func() bool) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for n := 0; !done() || n < 100; n++ {
					m.Hold(safemode.Level(n%3), "test")
					m.Disengage()
				}
			})
		}
		wg.Wait()
		m.Disengage()
	})
	changes := d.read()
	chained(t, changes, safemode.Normal)
	missed, engaged := uint64(0), uint64(0)
	for _, c := range changes {
		missed += c.Missed
		if c.From == safemode.Normal && c.To > safemode.Normal {
			engaged++
		}
		assert.Equal(t, c.Held, c.Cause == safemode.CauseHeld)
	}
	if missed == 0 {
		assert.Equal(t, m.Snapshot().Engaged, engaged)
	}
	assert.Equal(t, safemode.Normal, changes[len(changes)-1].To)
	assert.Zero(t, m.Snapshot().Counts.Failures)
}

// Engaging and releasing itself, as fast as it can, while a person interferes, and calls succeed, fail, panic and exit.
func TestStressAutomatic(t *testing.T) {
	var d diary
	m := safemode.New(safemode.OnChange(d.write), safemode.Automatic(
		safemode.Sustain(0), safemode.MinCalls(10), safemode.EngagedFor(time.Microsecond), safemode.EngagedGrowth(1, 1), safemode.EngagedJitter(0),
		safemode.Probes(4), safemode.ProbeLease(50*time.Microsecond), safemode.Steps(3, 1), safemode.StepAtLeast(1, 3),
	))
	var bad atomic.Bool
	fn := func(n int) error {
		switch {
		case n%97 == 0:
			panic("boom")
		case bad.Load() || n%50 == 0:
			return errDown
		default:
			return nil
		}
	}
	_, reached := crowd(t, m, 200, fn, func(done func() bool) {
		for !done() {
			bad.Store(rand.IntN(2) == 0)
			if rand.IntN(20) == 0 {
				m.Engage("test")
				m.Disengage()
			}
			m.Snapshot()
			runtime.Gosched()
		}
	})
	assert.Positive(t, reached)
	changes := d.read()
	chained(t, changes, safemode.Normal)
	met := map[safemode.Cause]int{}
	for _, c := range changes {
		met[c.Cause]++
	}
	t.Log(met, m.Snapshot().Refused)
	assert.Positive(t, met[safemode.CauseFailureRate])

	m.Disengage()
	assert.Equal(t, 10, tries(m, 10, nil), "whole, as ever")
	assert.Zero(t, m.Snapshot().Probing)
}

// No more probes are out than may be, however many ask at once.
func TestStressProbes(t *testing.T) {
	m := safemode.New(safemode.Automatic(safemode.Sustain(0), safemode.EngagedFor(1), safemode.EngagedGrowth(1, 1), safemode.MinCalls(1),
		safemode.Probes(7)))
	calls(t, m, 1, errDown)
	time.Sleep(time.Microsecond)
	var admitted atomic.Int64
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() {
			if _, err := m.Acquire(always); err == nil {
				admitted.Add(1)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, int64(7), admitted.Load())
	assert.Equal(t, 7, m.Snapshot().Probing)
}

// A step lets exactly its share through, however many ask at once.
func TestStressSteps(t *testing.T) {
	m := safemode.New(safemode.Automatic(safemode.Sustain(0), safemode.EngagedFor(1), safemode.EngagedGrowth(1, 1), safemode.MinCalls(1),
		safemode.Probes(1), safemode.Steps(10), safemode.StepAtLeast(time.Hour, 1)))
	calls(t, m, 1, errDown)
	time.Sleep(time.Microsecond)
	calls(t, m, 2, nil) // the probe, and the call that the step needs
	var admitted atomic.Int64
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() { admitted.Add(int64(tries(m, 10, nil))) })
	}
	wg.Wait()
	assert.Equal(t, int64(1000), admitted.Load())
	assert.Equal(t, uint64(1001), m.Snapshot().Trial.Calls)
}

// A step ends once, however many of its calls end at the same moment.
func TestStressStepEnds(t *testing.T) {
	var d diary
	m := safemode.New(safemode.OnChange(d.write), safemode.Automatic(safemode.Sustain(0), safemode.EngagedFor(1), safemode.EngagedGrowth(1, 1),
		safemode.EngagedJitter(0), safemode.MinCalls(1), safemode.Probes(1), safemode.Steps(1), safemode.StepAtLeast(1, 1)))
	const rounds = 2000
	for range rounds {
		calls(t, m, 1, errDown)
		time.Sleep(time.Microsecond)
		calls(t, m, 1, nil)
		var tokens []uint64
		for range 3 {
			tokens = append(tokens, begin(t, m))
		}
		var ready atomic.Int64
		var wg sync.WaitGroup
		for _, token := range tokens {
			wg.Go(func() {
				for ready.Add(1); ready.Load() < int64(len(tokens)); { // at the same moment, as near as can be
					runtime.Gosched()
				}
				m.Release(token, nil)
			})
		}
		wg.Wait()
		require.Equal(t, safemode.Normal, m.Level())
	}
	assert.Len(t, d.read(), 3*rounds)
	chained(t, d.read(), safemode.Normal)
}
