package retry_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// A listener hears of each attempt to come, and sees what failed as its caller would: without the driver's mark.
func TestOnRetry(t *testing.T) {
	var events []retry.Event
	p := retry.New(retry.NoJitter(), retry.OnRetry(func(e retry.Event) { events = append(events, e) }))
	for attempt, err := range []error{fault.End(errDown, fault.ClassTimeout), fault.Overload(errDown, 0), errDown} {
		_, _ = next(p, attempt+1, err)
	}
	require.Len(t, events, 2, "the third attempt was the last")
	assert.Equal(t, retry.Event{Attempt: 2, Wait: 100 * time.Millisecond, Class: fault.ClassTimeout, Err: errDown}, events[0])
	assert.Same(t, errDown, events[0].Err)
	assert.Equal(t, 3, events[1].Attempt)
	assert.Equal(t, 2*time.Second, events[1].Wait)
	assert.Equal(t, fault.ClassOverload, events[1].Class)
}

// Listeners are told in the order in which they were set. One that panics keeps those behind it from hearing of what will not happen.
func TestListenersAreToldInOrder(t *testing.T) {
	b := budget.New()
	var told []string
	listen := func(name string) retry.Option {
		return retry.OnRetry(func(retry.Event) { told = append(told, name) })
	}
	_, stop := next(retry.New(listen("first"), listen("second")), 1, errDown)
	require.NoError(t, stop)
	assert.Equal(t, []string{"first", "second"}, told)

	told = nil
	p := retry.New(retry.Budget(b), listen("first"), retry.OnRetry(func(retry.Event) { panic("the listener's") }), listen("third"))
	assert.PanicsWithValue(t, "the listener's", func() { _, _ = next(p, 1, errDown) })
	assert.Equal(t, []string{"first"}, told)
	assert.Equal(t, int64(10), b.Snapshot().Balance)
}

// A listener may look at what it is told about, the budget included, which has paid already.
func TestAListenerMayLookAtTheBudget(t *testing.T) {
	b := budget.New()
	left := int64(-1)
	p := retry.New(retry.Budget(b), retry.OnRetry(func(retry.Event) { left = b.Snapshot().Balance }))
	_, stop := next(p, 1, errDown)
	require.NoError(t, stop)
	assert.Equal(t, int64(9), left)
}

// Where the listener does not return, there will be no attempt, and nothing has been paid for one.
func TestAListenerThatDoesNotReturnCostsNothing(t *testing.T) {
	b := budget.New()
	end := func(retry.Event) {}
	p := retry.New(retry.Budget(b), retry.OnRetry(func(e retry.Event) { end(e) }))

	end = func(retry.Event) { panic("the listener's") }
	assert.PanicsWithValue(t, "the listener's", func() { _, _ = next(p, 1, errDown) })
	assert.Equal(t, budget.Snapshot{Balance: 10}, b.Snapshot())

	end = func(retry.Event) { panic(nil) } //nolint:govet // the hardest to see
	assert.Panics(t, func() { _, _ = next(p, 1, errDown) })
	assert.Equal(t, budget.Snapshot{Balance: 10}, b.Snapshot())

	exited := make(chan struct{})
	end = func(retry.Event) { goexit() }
	go func() {
		defer close(exited)
		_, _ = next(p, 1, errDown)
	}()
	<-exited
	assert.Equal(t, budget.Snapshot{Balance: 10}, b.Snapshot())
}

// Without a budget there is nothing to give back, and the panic passes all the same.
func TestAListenerPanicsWithoutABudget(t *testing.T) {
	p := retry.New(retry.OnRetry(func(retry.Event) { panic("the listener's") }))
	assert.PanicsWithValue(t, "the listener's", func() { _, _ = next(p, 1, errDown) })
}
