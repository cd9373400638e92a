package hedge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/hedge"
)

// Old answers leave by thirds of the window, and with too few left nothing is known any more.
func TestOldAnswersAreForgotten(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New() // of 30 s
		answers(p, 100, time.Second)
		time.Sleep(10 * time.Second)
		answers(p, 2000, 10*time.Millisecond)
		look(p)
		knows(t, p, 10*time.Millisecond, "100 of 2100 are fewer than 5 %")
		answers(p, 100, time.Second)
		look(p)
		knows(t, p, time.Second, "200 of 2200 are more")
		time.Sleep(18 * time.Second)
		p.Observe(0, errDown)
		knows(t, p, 10*time.Millisecond, "the first 100 have left with their third")
		time.Sleep(10 * time.Second)
		knows(t, p, 10*time.Millisecond, "time passes, but nobody notices")
		p.Observe(0, errDown)
		knowsNothing(t, p, "the last of them have left")
		assert.Zero(t, p.Snapshot().Samples)
		answers(p, 99, time.Second)
		look(p)
		knowsNothing(t, p, "too few")
		answers(p, 1, time.Second)
		look(p)
		knows(t, p, time.Second)
	})
}

// The window's length is the user's.
func TestWindow(t *testing.T) {
	for _, window := range []time.Duration{time.Second, 30 * time.Second, time.Hour} {
		in(t, window.String(), func(t *testing.T) {
			p := hedge.New(hedge.Window(window))
			answers(p, 100, 10*time.Millisecond)
			time.Sleep(window - window/100)
			p.Observe(0, errDown)
			knows(t, p, 10*time.Millisecond)
			time.Sleep(window / 30)
			p.Observe(0, errDown)
			knowsNothing(t, p)
		})
	}
}

// What is slow is worked out when it is due, a second after the last time or after a thirtieth of a shorter window, and not before.
func TestWhenItIsWorkedOut(t *testing.T) {
	for window, every := range map[time.Duration]time.Duration{
		time.Second: time.Second / 30, 3 * time.Second: time.Second / 10, time.Minute: time.Second, time.Hour: time.Second,
	} {
		in(t, window.String(), func(t *testing.T) {
			p := hedge.New(hedge.Window(window))
			answers(p, 100, time.Second)
			time.Sleep(every - 1)
			answers(p, 1, time.Second)
			knowsNothing(t, p, "not due yet")
			time.Sleep(time.Nanosecond)
			answers(p, 1, time.Second)
			knows(t, p, time.Second)
			answers(p, 900, time.Minute)
			time.Sleep(every - 1)
			answers(p, 1, time.Minute)
			knows(t, p, time.Second, "not due yet")
			time.Sleep(time.Nanosecond)
			answers(p, 1, time.Minute)
			knows(t, p, time.Minute)
		})
	}
}

// After very short calls the clock is read for the first of a length and then for each sixteenth.
func TestShortCallsRarelyReadTheClock(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New(hedge.MinDelay(0))
		const short, long = 49 * time.Microsecond, 50 * time.Microsecond
		answers(p, 1, long)
		answers(p, 104, short) // the 97th has read it
		time.Sleep(time.Second)
		for range 8 {
			knowsNothing(t, p)
			answers(p, 1, short)
		}
		knowsNothing(t, p)
		answers(p, 1, short) // the 113th
		knows(t, p, short)

		answers(p, 1000, 2*short)
		time.Sleep(time.Second)
		answers(p, 1, long)
		knows(t, p, 2*short, "a call that was long enough reads it always")
	})
}

// A copy of the policy that draws on another budget has the same memory, as the pipelines need it to: what one sees the other knows.
func TestWithBudgetSharesTheMemory(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		b := budget.None()
		p := hedge.New(hedge.Name("inventory"))
		bounded := p.WithBudget(b).(*hedge.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
		assert.Same(t, b, bounded.Budget())
		assert.Nil(t, p.Budget(), "the policy itself is not changed")
		assert.Equal(t, "inventory", bounded.Name())

		answers(bounded, 100, time.Second)
		look(bounded)
		knows(t, p, time.Second)
		knows(t, bounded, time.Second)
		assert.False(t, bounded.Launch(1, noDeadline))
		assert.True(t, p.Launch(1, noDeadline))
		assert.Equal(t, p.Snapshot(), bounded.Snapshot())
	})
}
