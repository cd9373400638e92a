package safemode_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/safemode"
)

// The probes that are out, and have reported, are judged by the new options at the next end.
func TestUpdateOfProbes(t *testing.T) {
	in(t, "more of them", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		one, two := begin(t, m), begin(t, m)
		_ = refused(t, m)
		tune(t, m, safemode.Probes(3))
		three := begin(t, m)
		_ = refused(t, m)
		m.Release(one, nil)
		m.Release(two, nil)
		assert.Equal(t, safemode.Counts{Calls: 2}, m.Snapshot().Trial)
		m.Release(three, nil)
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
	})
	in(t, "fewer of them", func(t *testing.T) {
		m := safemode.New(simple(safemode.Probes(10)))
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 4, nil)
		tune(t, m, safemode.Probes(2))
		assert.Zero(t, m.Snapshot().Share)
		calls(t, m, 1, nil)
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
	})
	in(t, "another share of failures", func(t *testing.T) {
		m := safemode.New(simple(safemode.Probes(10)))
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 2, errDown)
		tune(t, m, safemode.ReleaseRate(0.1))
		assert.Zero(t, m.Snapshot().NextTry)
		calls(t, m, 1, nil)
		assert.Equal(t, time.Minute, m.Snapshot().NextTry)
	})
	in(t, "another lease", func(t *testing.T) {
		m := safemode.New(simple(safemode.Probes(3), safemode.ReleaseRate(0.5), safemode.ProbeLease(time.Hour)))
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		time.Sleep(10 * second)
		begin(t, m)
		tune(t, m, safemode.ProbeLease(15*second))
		assert.Equal(t, 2, m.Snapshot().Probing)
		time.Sleep(5 * second)
		assert.Equal(t, 1, m.Snapshot().Probing)
		tune(t, m, safemode.ProbeLease(second))
		assert.Equal(t, time.Minute, m.Snapshot().NextTry, "it has ended now, and not four seconds ago")
	})
}

// What has happened before an update is told by it, and is not judged by it.
func TestUpdateAfterALeaseHasEnded(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		time.Sleep(5 * second)
		tune(t, m, safemode.ProbeLease(time.Hour))
		assert.Equal(t, []safemode.Cause{safemode.CauseFailureRate, safemode.CauseProbeExpired}, d.causes())
		assert.Equal(t, 59*second, m.Snapshot().NextTry, "since the lease has ended")
	})
}

// A probe that reports late is known as such, whatever was updated meanwhile.
func TestUpdateAndLateProbes(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		wait := func() {
			tune(t, m, safemode.Sustain(second))
			toTry(t, m)
		}
		wait()
		late := begin(t, m)
		time.Sleep(4 * second)
		wait()
		begin(t, m)
		m.Release(late, nil)
		assert.Equal(t, 1, m.Snapshot().Probing)
		assert.Zero(t, m.Snapshot().Trial)
	})
	in(t, "of a mode that is by hand only", func(*testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		late := begin(t, m)
		m.Disengage()
		tune(t, m)
		assert.NoError(t, m.Update(safemode.NoAutomatic()))
		m.Release(late&(1<<40-1), errDown) // as if the generations had come around
		assert.Equal(t, safemode.Normal, m.Level())
	})
}
