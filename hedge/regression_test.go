package hedge_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// How long a copy without an answer must have taken to count is by one state, too. Here an Update comes while a copy's end is judged: it
// was counted by the low bar of after, in the call that has the settings of before, by which it was not slow.
func TestRegressionTheBarIsNoMixture(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		var p *hedge.Policy
		p = hedge.New(hedge.Percentile(0.99), hedge.MinSamples(1), hedge.Classify(func(err error) fault.Class {
			if errors.Is(err, errDown) {
				assert.NoError(t, p.Update(hedge.Percentile(0.01)))
			}
			return fault.Of(err)
		}))
		for i := range 1000 {
			answers(p, 1, time.Duration(1+i%100)*time.Millisecond)
		}
		require.NoError(t, p.Update())
		p.Observe(50*time.Millisecond, errDown)
		assert.EqualValues(t, 1000, p.Snapshot().Samples, "by the 99th percentile, which it began with, it says nothing")
		p.Observe(50*time.Millisecond, errDown)
		assert.EqualValues(t, 1001, p.Snapshot().Samples, "by the first it was slow")
	})
}

// An Update held its mutex while it ran options, so that one that called Update waited for itself.
func TestRegressionAnOptionMayUpdate(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New()
		once := sync.OnceFunc(func() { assert.NoError(t, p.Update(hedge.Extra(1), hedge.After(time.Second))) })
		require.NoError(t, p.Update(after(once, hedge.Extra(3))))
		delay, more := p.Delay(3)
		assert.True(t, more, "the outer one has the last word")
		assert.Equal(t, time.Second, delay, "on top of the other")
	})
}

// A panic in an option is its caller's, and no later Update waits for it.
func TestRegressionAnOptionMayPanic(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New()
		before := p.String()
		assert.PanicsWithValue(t, "any", func() { _ = p.Update(hedge.Extra(3), after(func() { panic("any") }, hedge.Extra(2))) })
		assert.Equal(t, before, p.String())
		require.NoError(t, p.Update(hedge.Extra(2)))
	})
}

// after returns an option that does something else before.
func after[C any, O ~func(*C) error](what func(), option O) O {
	return func(c *C) error {
		what()
		return option(c)
	}
}
