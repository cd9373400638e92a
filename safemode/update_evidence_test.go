package safemode_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/safemode"
)

// What was heard in the time of both windows is kept, to a tenth of the old one.
func TestUpdateOfTheWindow(t *testing.T) {
	heard := func(m *safemode.Mode) safemode.Counts { return m.Snapshot().Counts }
	in(t, "longer", func(t *testing.T) {
		m := safemode.New(simple())
		calls(t, m, 3, errDown)
		calls(t, m, 5, nil)
		time.Sleep(9 * second)
		tune(t, m, safemode.Window(time.Minute))
		assert.Equal(t, safemode.Counts{Calls: 8, Failures: 3}, heard(m))
		time.Sleep(51*second - 1)
		assert.Equal(t, safemode.Counts{Calls: 8, Failures: 3}, heard(m))
		time.Sleep(time.Nanosecond)
		assert.Zero(t, heard(m))
	})
	in(t, "shorter", func(t *testing.T) {
		m := safemode.New(simple(safemode.Window(time.Minute)))
		calls(t, m, 8, errDown)
		time.Sleep(30 * second)
		calls(t, m, 1, errDown)
		calls(t, m, 1, nil)
		tune(t, m, safemode.Window(10*second))
		assert.Equal(t, safemode.Counts{Calls: 2, Failures: 1}, heard(m))
		time.Sleep(10 * second)
		assert.Zero(t, heard(m))
	})
}

// For how long it has been bad is kept where it is bad by the new options, too, and begins anew where it was not.
func TestUpdateOfWhatIsBad(t *testing.T) {
	keepOn := func(t *testing.T, m *safemode.Mode, seconds int) {
		for range seconds {
			calls(t, m, 6, errDown)
			calls(t, m, 4, nil)
			time.Sleep(second)
		}
	}
	in(t, "a shorter time is enough", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		keepOn(t, m, 6)
		tune(t, m, safemode.Sustain(5*second))
		assert.Equal(t, safemode.Normal, m.Level(), "an update alone engages nothing")
		assert.Empty(t, d.read())
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level())
	})
	in(t, "another window", func(t *testing.T) {
		m := safemode.New(simple())
		keepOn(t, m, 6)
		tune(t, m, safemode.Window(30*second), safemode.FailureRate(0.6))
		keepOn(t, m, 5)
		assert.Equal(t, safemode.Normal, m.Level())
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level(), "10 s since there were first too many")
	})
	in(t, "not bad by the new rate", func(t *testing.T) {
		m := safemode.New(simple())
		keepOn(t, m, 6)
		tune(t, m, safemode.FailureRate(0.7))
		tune(t, m, safemode.FailureRate(0.5))
		keepOn(t, m, 9)
		assert.Equal(t, safemode.Normal, m.Level())
		keepOn(t, m, 1)
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level(), "10 s since the update")
	})
	in(t, "only by the new one", func(t *testing.T) {
		m := safemode.New(simple(safemode.FailureRate(0.7)))
		keepOn(t, m, 9)
		tune(t, m, safemode.FailureRate(0.5))
		time.Sleep(second / 2)
		keepOn(t, m, 9)
		assert.Equal(t, safemode.Normal, m.Level())
		time.Sleep(second / 2)
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level(), "10 s since the update, not since the next failure")
	})
	in(t, "fewer calls are enough", func(t *testing.T) {
		m := safemode.New(simple(safemode.Sustain(0)))
		calls(t, m, 5, errDown)
		tune(t, m, safemode.MinCalls(6))
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level())
	})
}
