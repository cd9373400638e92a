package breaker_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
)

// Who begins to listen later hears what happens from then on, until he stops; and so do the others.
func TestListen(t *testing.T) {
	var made, early, late diary
	b := breaker.New(breaker.OnTransition(made.write))
	stopEarly := b.Listen(early.write)
	b.Isolate("one")
	stopLate := b.Listen(late.write)
	b.Reset()
	stopEarly()
	stopEarly()
	b.Isolate("two")
	stopLate()
	b.Reset()
	assert.Equal(t, []breaker.State{breaker.Isolated, breaker.Closed, breaker.Isolated, breaker.Closed}, made.states())
	assert.Equal(t, []breaker.State{breaker.Isolated, breaker.Closed}, early.states())
	assert.Equal(t, []breaker.State{breaker.Closed, breaker.Isolated}, late.states())
	assert.PanicsWithValue(t, "breaker: Listen was given a nil function", func() { b.Listen(nil) })
}

// A listener that panics does not keep the others from the news.
func TestListenersBesideOneThatPanics(t *testing.T) {
	var before, after diary
	b := breaker.New()
	b.Listen(before.write)
	b.Listen(func(breaker.Transition) { panic("broken") })
	b.Listen(after.write)
	assert.PanicsWithValue(t, "broken", func() { b.Isolate("test") })
	assert.Len(t, before.read(), 1)
	assert.Len(t, after.read(), 1)
}
