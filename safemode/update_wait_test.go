package safemode_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/safemode"
)

// A wait is as long as if the new options had been set when it began. One that is over stays over.
func TestUpdateOfAWait(t *testing.T) {
	in(t, "longer, shorter, over", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		toDegraded(t, m)
		time.Sleep(10 * second)
		tune(t, m, safemode.EngagedFor(50*second))
		assert.Equal(t, 40*second, m.Snapshot().NextTry)
		left, known := refused(t, m).RetryAfter()
		assert.True(t, known)
		assert.Equal(t, 40*second, left)
		tune(t, m, safemode.EngagedFor(15*second))
		assert.Equal(t, 5*second, m.Snapshot().NextTry)
		time.Sleep(5*second - 1)
		_ = refused(t, m)
		time.Sleep(time.Nanosecond)
		one := begin(t, m)
		tune(t, m, safemode.EngagedFor(time.Minute))
		assert.Zero(t, m.Snapshot().NextTry)
		m.Release(one, nil)
		m.Release(begin(t, m), nil)
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
		assert.Len(t, d.read(), 2, "an update is no change of its own")
	})
	in(t, "over at once", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		time.Sleep(10 * second)
		tune(t, m, safemode.EngagedFor(5*second))
		toStep(t, m)
	})
	in(t, "grown", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 1, errDown)
		assert.Equal(t, time.Minute, m.Snapshot().NextTry)
		tune(t, m, safemode.EngagedGrowth(3, time.Hour))
		assert.Equal(t, 90*second, m.Snapshot().NextTry)
		toTry(t, m)
		tune(t, m, safemode.EngagedGrowth(2, 100*second))
		calls(t, m, 1, errDown)
		assert.Equal(t, 100*second, m.Snapshot().NextTry)
	})
	in(t, "as far into its jitter", func(t *testing.T) {
		m := safemode.New(simple(safemode.EngagedJitter(0.5)))
		m.DrawFrom(rand.NewPCG(1, 2))
		toDegraded(t, m)
		first := m.Snapshot().NextTry
		assert.NotEqual(t, 30*second, first)
		off := func(want float64) { // how far it lies from what it would be without a jitter
			t.Helper()
			assert.InDelta(t, want, float64(m.Snapshot().NextTry-300*second), 2)
		}
		tune(t, m, safemode.EngagedGrowth(2, time.Hour), safemode.EngagedFor(300*second))
		far := 10 * float64(first-30*second)
		off(far)
		tune(t, m, safemode.EngagedJitter(0.25))
		off(far / 2)
		tune(t, m, safemode.EngagedJitter(0))
		off(0)
		tune(t, m, safemode.EngagedJitter(0.5), safemode.EngagedFor(30*second), safemode.EngagedGrowth(2, 2*time.Minute))
		assert.Equal(t, first, m.Snapshot().NextTry)

		same := safemode.New(simple(safemode.EngagedJitter(0.5)))
		same.DrawFrom(rand.NewPCG(1, 2))
		toDegraded(t, same)
		for range 3 { // the source is as far, too
			tune(t, m, safemode.Probes(2))
			time.Sleep(10 * time.Minute)
			calls(t, m, 1, errDown)
			calls(t, same, 1, errDown)
			assert.Equal(t, same.Snapshot().NextTry, m.Snapshot().NextTry)
		}
	})
}
