package breaker_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
)

// A moody listener writes its diary, and then ends abruptly over one state, while the mood lasts.
type moody struct {
	diary

	over breaker.State
	end  func()
}

func (m *moody) hear(t breaker.Transition) {
	m.write(t)
	if m.end != nil && t.To == m.over {
		m.end()
	}
}

// single returns a breaker with one probe, and its moody listener.
func single(over breaker.State, end func()) (*breaker.Breaker, *moody) {
	m := &moody{over: over, end: end}
	return simple(breaker.Probes(1), breaker.OnTransition(m.hear)), m
}

func boom() { panic("boom") }

// A listener that panics does so in the call that it was told by. By then the breaker has done its work, and it goes on working.
func TestPanickingListener(t *testing.T) {
	const story = "boom"
	in(t, "in Release, when it opens", func(t *testing.T) {
		b, _ := single(breaker.Open, boom)
		calls(t, b, 2, errDown)
		assert.PanicsWithValue(t, story, func() { call(t, b, errDown) })
		_ = refused(t, b)
	})
	in(t, "in Release, when it closes", func(t *testing.T) {
		b, _ := single(breaker.Closed, boom)
		toHalfOpen(t, b)
		assert.PanicsWithValue(t, story, func() { call(t, b, nil) })
		calls(t, b, 10, nil)
	})
	in(t, "in Acquire of a probe, which then does not go and gives its place back", func(t *testing.T) {
		b, m := single(breaker.HalfOpen, boom)
		toHalfOpen(t, b)
		assert.PanicsWithValue(t, story, func() { begin(t, b) })
		assert.Zero(t, b.Snapshot().Probing, "no lease is lost")
		assert.Zero(t, b.Snapshot().Counts, "and it was no failure of the dependency's")
		m.end = nil
		call(t, b, nil)
		assert.Equal(t, breaker.Closed, b.State())
	})
	in(t, "in Acquire of a call that is refused", func(t *testing.T) {
		b, m := single(breaker.Open, nil)
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(5 * time.Second) // the probe's lease has ended, which the next call notices
		m.end = boom
		assert.PanicsWithValue(t, story, func() { _ = refused(t, b) })
		_ = refused(t, b)
		assert.Equal(t, uint64(2), b.Snapshot().Refused)
	})
	in(t, "in Isolate", func(t *testing.T) {
		b, _ := single(breaker.Isolated, boom)
		assert.PanicsWithValue(t, story, func() { b.Isolate("moving house") })
		assert.Equal(t, "moving house", refused(t, b).Reason)
		b.Reset()
		calls(t, b, 10, nil)
	})
	in(t, "over the first of two changes: the second is told, too", func(t *testing.T) {
		b, m := single(breaker.Open, nil)
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(time.Hour) // open again, and half-open again
		m.end = boom
		assert.PanicsWithValue(t, story, func() { begin(t, b) })
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Open, breaker.HalfOpen}, m.states())
		assert.Zero(t, b.Snapshot().Probing)
	})
	in(t, "over everything, all the time", func(t *testing.T) {
		b := simple(breaker.Probes(1), breaker.OnTransition(func(breaker.Transition) { boom() }))
		assert.Panics(t, func() { calls(t, b, 3, errDown) })
		for range 100 {
			time.Sleep(10 * time.Second)
			assert.Panics(t, func() { begin(t, b) }, "half-open")
			assert.Panics(t, func() { call(t, b, errDown) }, "open")
		}
		time.Sleep(10 * time.Second)
		assert.Panics(t, func() { begin(t, b) }, "half-open")
		assert.Panics(t, func() { call(t, b, nil) }, "closed")
		calls(t, b, 10, nil)
	})
}

// A listener that ends its goroutine, as a test's FailNow does, is like one that panics: its call ends, and nothing else.
func TestListenerThatExits(t *testing.T) {
	elsewhere := func(f func()) {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			f()
			panic("the listener should have ended this goroutine")
		}()
		<-ended
	}
	in(t, "in Release", func(t *testing.T) {
		b, m := single(breaker.Open, runtime.Goexit)
		elsewhere(func() { calls(t, b, 3, errDown) })
		_ = refused(t, b)
		b.Reset()
		assert.Equal(t, []breaker.State{breaker.Open, breaker.Closed}, m.states())
	})
	in(t, "in Acquire of a probe", func(t *testing.T) {
		b, m := single(breaker.HalfOpen, runtime.Goexit)
		toHalfOpen(t, b)
		elsewhere(func() { begin(t, b) })
		assert.Zero(t, b.Snapshot().Probing)
		call(t, b, nil)
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Closed}, m.states())
	})
	in(t, "over the first of two changes", func(t *testing.T) {
		b, m := single(breaker.Open, nil)
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(time.Hour)
		m.end = runtime.Goexit
		elsewhere(func() { begin(t, b) })
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Open, breaker.HalfOpen}, m.states())
		assert.Zero(t, b.Snapshot().Probing)
	})
}
