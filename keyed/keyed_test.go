package keyed_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/keyed"
)

var (
	ctx     = context.Background()
	errDown = errors.New("connection refused")
)

// guarded is a pipeline with a breaker that opens at the first failure.
func guarded(string) *ductile.Pipeline {
	return ductile.New("upstream", breaker.New(breaker.ConsecutiveFailures(1)))
}

func breakerOf(p *ductile.Pipeline) *breaker.Breaker { return p.Policies()[0].(*breaker.Breaker) } //nolint:errcheck,forcetypeassert // it is

func fail(p *ductile.Pipeline) {
	_ = ductile.Run(ctx, p, func(context.Context) error { return errDown })
}

// A key has one pipeline, and another key another.
func TestOnePipelineForEachKey(t *testing.T) {
	s := keyed.New(guarded)
	a, b := s.Get("a"), s.Get("b")
	assert.NotSame(t, a, b)
	assert.Same(t, a, s.Get("a"))
	assert.Same(t, b, s.Get("b"))
	assert.Equal(t, keyed.Snapshot{Pipelines: 2, Made: 2}, s.Snapshot())

	fail(a)
	assert.Equal(t, breaker.Open, breakerOf(s.Get("a")).State())
	assert.Equal(t, breaker.Closed, breakerOf(s.Get("b")).State(), "the fault is a's")
}

// However many keys come, there are never more pipelines than Max, and those that are open stay. The memory stays too.
func TestManyKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no open breaker comes of age
		const limit, keys = 1000, 100_000
		s := keyed.New(guarded, keyed.Max(limit))
		open := map[string]*ductile.Pipeline{}
		for i := range 10 {
			key := fmt.Sprint("down ", i)
			open[key] = s.Get(key)
			fail(open[key])
		}
		var first, last runtime.MemStats
		for i := range keys {
			s.Get(fmt.Sprint("key ", i))
			if i == 2*limit {
				runtime.GC()
				runtime.ReadMemStats(&first)
			}
			if i%1000 == 0 {
				require.LessOrEqual(t, s.Snapshot().Pipelines, limit)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&last)
		assert.Less(t, float64(last.HeapAlloc), 1.2*float64(first.HeapAlloc))
		for key, p := range open {
			assert.Same(t, p, s.Get(key))
			assert.Equal(t, breaker.Open, breakerOf(p).State())
		}
		assert.Equal(t, keyed.Snapshot{Pipelines: limit, Made: keys + 10, Evicted: keys + 10 - limit}, s.Snapshot())
	})
}

// Which one makes room: one that was not used lately.
func TestTheUsedOnesStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := keyed.New(guarded, keyed.Max(10))
		home := s.Get("home")
		for i := range 1000 {
			time.Sleep(100 * time.Millisecond)
			require.Same(t, home, s.Get("home"))
			s.Get(strconv.Itoa(i))
		}
		assert.Equal(t, uint64(991), s.Snapshot().Evicted)
	})
}

// Where nothing may leave, keys share one pipeline, until there is room.
func TestCrowded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := []string{}
		s := keyed.New(func(key string) *ductile.Pipeline {
			asked = append(asked, key)
			return guarded(key)
		}, keyed.Max(2))
		fail(s.Get("a"))
		fail(s.Get("b"))
		c := s.Get("c")
		assert.Same(t, c, s.Get("d"))
		assert.Same(t, c, s.Get("c"))
		assert.Equal(t, []string{"a", "b", ""}, asked)
		assert.Equal(t, keyed.Snapshot{Pipelines: 2, Made: 3, Crowded: 3}, s.Snapshot())

		breakerOf(s.Get("a")).Reset()
		assert.NotSame(t, c, s.Get("c"), "there is room")
		fail(s.Get("c"))
		assert.Same(t, c, s.Get("a"))
		assert.Equal(t, breaker.Open, breakerOf(s.Get("b")).State())
	})
}

// Keys that map to nothing, as a NaN does, share as well: a map would collect them.
func TestNaN(t *testing.T) {
	s := keyed.New(func(float64) *ductile.Pipeline { return guarded("") })
	shared := s.Get(math.NaN())
	assert.Same(t, shared, s.Get(math.NaN()))
	assert.Equal(t, 0, s.Snapshot().Pipelines)
}

// What nobody asks for leaves, unless it has something that must not be forgotten.
func TestIdleOnesLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := keyed.New(guarded, keyed.Idle(time.Hour))
		closed := s.Get("closed")
		isolated := s.Get("isolated")
		breakerOf(isolated).Isolate("maintenance")
		fail(s.Get("down"))
		for range 4 {
			time.Sleep(15*time.Minute - 1)
			s.Get("busy")
		}
		assert.Equal(t, 4, s.Snapshot().Pipelines)
		time.Sleep(15 * time.Minute)
		s.Get("busy")
		assert.Equal(t, keyed.Snapshot{Pipelines: 2, Made: 4, Expired: 2}, s.Snapshot(), "the one that is down has time for its probes by now")
		assert.Same(t, isolated, s.Get("isolated"))
		assert.NotSame(t, closed, s.Get("closed"))
	})
}

// A call in flight keeps the bulkhead that knows of it.
func TestABulkheadInUseStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := keyed.New(func(string) *ductile.Pipeline { return ductile.New("upstream", bulkhead.New(1)) }, keyed.Max(1), keyed.Idle(time.Minute))
		p := s.Get("a")
		leave := make(chan struct{})
		go func() {
			_ = ductile.Run(ctx, p, func(context.Context) error { <-leave; return nil })
		}()
		synctest.Wait()
		time.Sleep(time.Hour)
		assert.NotSame(t, p, s.Get("b"))
		assert.Same(t, p, s.Get("a"))
		close(leave)
		synctest.Wait()
		s.Get("b")
		assert.NotSame(t, p, s.Get("a"))
		assert.Equal(t, uint64(2), s.Snapshot().Evicted)
	})
}

// watcher counts the pipelines that it has to watch.
type watcher struct {
	ductile.Observer
	attached int
}

func (w *watcher) Attach(ductile.Composed) (detach func()) {
	w.attached++
	return func() { w.attached-- }
}

// Observers are told of pipelines that leave.
func TestObserversAreDetached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := new(watcher)
		s := keyed.New(func(string) *ductile.ConcurrentPipeline {
			return ductile.NewConcurrent("upstream").With(w)
		}, keyed.Max(5), keyed.Idle(time.Minute))
		for i := range 100 {
			s.Get(strconv.Itoa(i))
		}
		assert.Equal(t, 5, w.attached)
		time.Sleep(time.Hour)
		s.Get("another")
		assert.Equal(t, 1, w.attached)
	})
}

// All lists what there is, and is no use.
func TestAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := keyed.New(guarded, keyed.Idle(time.Minute))
		want := map[string]*ductile.Pipeline{"a": s.Get("a"), "b": s.Get("b"), "c": s.Get("c")}
		got := map[string]*ductile.Pipeline{}
		for key, p := range s.All() {
			got[key] = p
			s.Get(key) // the loop holds nothing
		}
		assert.Equal(t, want, got)
		for range s.All() {
			break
		}
		time.Sleep(time.Hour)
		for range s.All() {
		}
		s.Get("d")
		assert.Equal(t, 1, s.Snapshot().Pipelines)
	})
}

// A function that panics, or returns nothing, is asked again, and leaves nothing behind.
func TestAFunctionThatFails(t *testing.T) {
	broken := true
	s := keyed.New(func(key string) *ductile.Pipeline {
		if key == "nil" {
			return nil
		}
		if broken {
			panic("no configuration")
		}
		return guarded(key)
	}, keyed.Max(1))
	assert.PanicsWithValue(t, "no configuration", func() { s.Get("a") })
	assert.PanicsWithValue(t, "no configuration", func() { s.Get("b") })
	assert.PanicsWithError(t, "keyed: the function given to New returned a nil pipeline for key nil", func() { s.Get("nil") })
	for range s.All() {
		assert.Fail(t, "there is none")
	}
	exited := make(chan struct{})
	broken = false
	go func() {
		defer close(exited)
		keyed.New(func(string) *ductile.Pipeline { runtime.Goexit(); return nil }).Get("")
	}()
	<-exited
	a := s.Get("a")
	require.NotNil(t, a)
	assert.Same(t, a, s.Get("a"))
	assert.Equal(t, keyed.Snapshot{Pipelines: 1, Made: 1}, s.Snapshot())

	crowded := keyed.New(func(key string) *ductile.Pipeline {
		if broken {
			panic("no configuration")
		}
		return guarded(key)
	}, keyed.Max(1))
	fail(crowded.Get("a"))
	broken = true
	assert.Panics(t, func() { crowded.Get("b") })
	broken = false
	assert.NotNil(t, crowded.Get("b"), "the shared one is asked for again")
}

// The zero Pipeline is a pipeline.
func TestPipelinesOfAllKinds(t *testing.T) {
	mixed := keyed.New(func(key int) ductile.Composed {
		switch key {
		case 0:
			return new(ductile.Pipeline)
		case 1:
			return ductile.NewConcurrent("one")
		default:
			return nil
		}
	})
	assert.IsType(t, (*ductile.Pipeline)(nil), mixed.Get(0))
	assert.IsType(t, (*ductile.ConcurrentPipeline)(nil), mixed.Get(1))
	assert.Panics(t, func() { mixed.Get(2) })
}

// Options that make no sense are refused, and say what is allowed.
func TestOptions(t *testing.T) {
	for want, option := range map[string]keyed.Option{
		"keyed: Max(0): must be from 1 to 1048576":       keyed.Max(0),
		"keyed: Max(1048577): must be from 1 to 1048576": keyed.Max(1<<20 + 1),
		"keyed: Idle(0s): must be above zero":            keyed.Idle(0),
		"keyed: option 1 is nil: leave it out instead":   nil,
	} {
		require.EqualError(t, keyed.Validate(option), want)
		assert.PanicsWithError(t, want, func() { keyed.New(guarded, option) })
	}
	require.NoError(t, keyed.Validate(keyed.Max(1), keyed.Max(1<<20), keyed.Idle(1)))
	assert.PanicsWithError(t, "keyed: New was given a nil function", func() { keyed.New[string, *ductile.Pipeline](nil) })
}
