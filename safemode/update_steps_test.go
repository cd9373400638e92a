package safemode_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/safemode"
)

// A step under way goes on with its share, and is judged by the new options at the next end; the next lets more through.
func TestUpdateOfSteps(t *testing.T) {
	step := func(t *testing.T, options ...safemode.AutomaticOption) *safemode.Mode {
		m := safemode.New(simple(options...))
		toDegraded(t, m)
		toTry(t, m)
		toStep(t, m)
		return m
	}
	in(t, "other steps", func(t *testing.T) {
		m := step(t)
		tune(t, m, safemode.Steps(10, 4, 2))
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
		calls(t, m, 4, nil)
		time.Sleep(3 * second)
		calls(t, m, 1, nil)
		for range 2 { // the second and the third, of which one would let less through
			assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
			tries(m, 20, nil)
			time.Sleep(3 * second)
			assert.Equal(t, safemode.Degraded, m.Level())
			tries(m, 2, nil)
		}
		assert.Equal(t, safemode.Normal, m.Level())
	})
	in(t, "more to come", func(t *testing.T) {
		m := step(t)
		tune(t, m, safemode.Steps(20, 1))
		calls(t, m, 4, nil)
		time.Sleep(3 * second)
		calls(t, m, 1, nil)
		assert.InDelta(t, 1, m.Snapshot().Share, 0)
	})
	in(t, "none to come", func(t *testing.T) {
		m := step(t)
		tune(t, m, safemode.Steps(20))
		calls(t, m, 4, nil)
		time.Sleep(3 * second)
		calls(t, m, 1, nil)
		assert.Equal(t, safemode.Normal, m.Level())
	})
	in(t, "longer, and with more calls", func(t *testing.T) {
		m := step(t)
		tune(t, m, safemode.StepAtLeast(5*second, 8))
		time.Sleep(5*second - 1)
		calls(t, m, 8, nil)
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
		time.Sleep(time.Nanosecond)
		tries(m, 2, nil)
		assert.InDelta(t, 1, m.Snapshot().Share, 0)
	})
	in(t, "shorter", func(t *testing.T) {
		m := step(t, safemode.StepAtLeast(time.Hour, 4))
		calls(t, m, 4, nil)
		time.Sleep(second)
		tune(t, m, safemode.StepAtLeast(second, 4))
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
		tries(m, 2, nil)
		assert.InDelta(t, 1, m.Snapshot().Share, 0)
	})
	in(t, "the calls that it needs go by the new rhythm", func(t *testing.T) {
		m := safemode.New(simple(safemode.Steps(1024), safemode.StepAtLeast(time.Hour, 4)))
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 2, nil)
		assert.Equal(t, 4, tries(m, 4, nil))
		assert.LessOrEqual(t, tries(m, 100, nil), 1, "one in 1024")
		tune(t, m, safemode.StepAtLeast(4*second, 4))
		time.Sleep(4 * second)
		assert.GreaterOrEqual(t, tries(m, 4, nil), 1)
		assert.Equal(t, safemode.Normal, m.Level())
	})
}
