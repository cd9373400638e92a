package safemode_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
)

// Without being asked, a mode does nothing by itself.
func TestByHandOnly(t *testing.T) {
	in(t, "as it comes", func(t *testing.T) {
		m := safemode.New()
		for range 1000 {
			calls(t, m, 100, errDown)
			time.Sleep(second)
		}
		assert.Equal(t, safemode.Normal, m.Level())
		assert.Zero(t, m.Snapshot().Counts, "nor does it count")
	})
}

// It engages when enough calls have failed for long enough, and not a moment before.
func TestEngages(t *testing.T) {
	in(t, "when it has been bad for the time of Sustain", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		start := time.Now()
		for range 10 {
			calls(t, m, 10, errDown)
			time.Sleep(second)
		}
		assert.Equal(t, safemode.Normal, m.Level(), "time alone engages nothing")
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level())
		require.Len(t, d.read(), 1)
		assert.Equal(t, safemode.Change{
			Name: "safemode", From: safemode.Normal, To: safemode.Degraded, Cause: safemode.CauseFailureRate,
			Reason: "100 % of 91 calls in 10s failed, for 10s or longer", Counts: safemode.Counts{Calls: 91, Failures: 91},
			NextTry: 30 * second, At: start.Add(10 * second),
		}, d.read()[0])
		assert.InDelta(t, 1, d.read()[0].Counts.FailureRate(), 0)
	})
	in(t, "not a nanosecond sooner", func(t *testing.T) {
		m := safemode.New(simple())
		calls(t, m, 10, errDown)
		time.Sleep(5 * second)
		calls(t, m, 10, errDown)
		time.Sleep(5*second - 1)
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Normal, m.Level())
		time.Sleep(time.Nanosecond)
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level())
	})
	in(t, "a success may be the last straw, where it leaves too many failures", func(t *testing.T) {
		m := safemode.New(simple())
		calls(t, m, 50, errDown)
		time.Sleep(5 * second)
		calls(t, m, 50, errDown)
		time.Sleep(5 * second)
		calls(t, m, 1, nil)
		assert.Equal(t, safemode.Degraded, m.Level())
	})
	in(t, "not where it was well for a moment in between", func(t *testing.T) {
		m := safemode.New(simple())
		for range 3 {
			calls(t, m, 10, errDown)
			time.Sleep(9 * second)
			calls(t, m, 11, nil)
			calls(t, m, 1, errDown) // half again
		}
		assert.Equal(t, safemode.Normal, m.Level())
	})
	in(t, "exactly at the rate, and not below", func(t *testing.T) {
		for failures, level := range map[int]safemode.Level{5: safemode.Degraded, 4: safemode.Normal} {
			m := safemode.New(simple())
			for range 12 {
				tries(m, failures, errDown)
				tries(m, 10-failures, nil)
				time.Sleep(second)
			}
			assert.Equal(t, level, m.Level(), "%d of 10", failures)
		}
	})
	in(t, "not with too few calls, however long they all fail", func(t *testing.T) {
		m := safemode.New(simple(safemode.MinCalls(10)))
		for range 1000 {
			calls(t, m, 1, errDown) // nine in the window
			time.Sleep(1200 * time.Millisecond)
		}
		assert.Equal(t, safemode.Normal, m.Level())
	})
	in(t, "at once, where that is asked", func(t *testing.T) {
		m := safemode.New(simple(safemode.Sustain(0)))
		calls(t, m, 9, errDown)
		assert.Equal(t, safemode.Normal, m.Level())
		calls(t, m, 1, errDown)
		assert.Equal(t, "safemode is degraded since 2000-01-01T00:00:00Z: 100 % of 10 calls in 10s failed", refused(t, m).Error())
	})
	in(t, "not for a burst that ended", func(t *testing.T) {
		m := safemode.New(simple())
		calls(t, m, 1000, errDown)
		time.Sleep(10 * second)
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Normal, m.Level(), "the window is empty again")
	})
}

// While the work that is still done goes on failing, it goes one level further, and no further than safe.
func TestGoesFurther(t *testing.T) {
	in(t, "each level takes as long again, by evidence of its own", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		prices, checkout := m.For(safemode.Degraded), m.For(safemode.Safe)
		start := time.Now()
		toDegraded(t, m)
		assert.Zero(t, m.Snapshot().Counts)
		fails(t, m, prices)
		assert.Equal(t, safemode.Safe, m.Level())
		assert.Equal(t, 20*second, time.Since(start))
		_ = refused(t, prices)
		for range 100 {
			calls(t, checkout, 10, errDown)
			time.Sleep(second)
		}
		assert.Equal(t, []safemode.Cause{safemode.CauseFailureRate, safemode.CauseFailureRate}, d.causes())
		assert.Equal(t, uint64(1), m.Snapshot().Engaged)
	})
	in(t, "not while it is well", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		for range 29 {
			calls(t, m.For(safemode.Degraded), 10, nil)
			_ = refused(t, m)
			time.Sleep(second)
		}
		assert.Equal(t, safemode.Degraded, m.Level())
	})
	in(t, "also while it tries to come back", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		toStep(t, m)
		fails(t, m, m.For(safemode.Safe))
		assert.Equal(t, safemode.Safe, m.Level())
		assert.Zero(t, m.Snapshot().Share)
		assert.Equal(t, 30*second, m.Snapshot().NextTry)
	})
}

// How each end of a call counts.
func TestWhatCounts(t *testing.T) {
	const yes, no, none = 1, 0, -1
	for name, row := range map[string]struct {
		err     error
		failure int
	}{
		"success":    {nil, no},
		"permanent":  {fault.Permanent(errDown), no},
		"ignored":    {fault.Ignore(errDown), none},
		"transient":  {errDown, yes},
		"timeout":    {context.DeadlineExceeded, yes},
		"overload":   {fault.Overload(errDown, second), yes},
		"rejected":   {fault.ErrRejected, yes},
		"canceled":   {context.Canceled, none},
		"panic":      {fault.End(errDown, fault.ClassAborted), yes},
		"exited":     {fault.ErrExited, none},
		"superseded": {fault.Superseded(true), none},
		"overtaken":  {fault.Superseded(false), none},
	} {
		in(t, name, func(t *testing.T) {
			m := safemode.New(simple())
			calls(t, m, 1, row.err)
			want := safemode.Counts{Calls: 1, Failures: 1}
			switch row.failure {
			case no:
				want.Failures = 0
			case none:
				want = safemode.Counts{}
			}
			assert.Equal(t, want, m.Snapshot().Counts)

			toDegraded(t, m)
			toTry(t, m)
			calls(t, m, 1, row.err)
			s := m.Snapshot()
			assert.Zero(t, s.Probing, "its place is free")
			if row.failure == yes {
				assert.Equal(t, time.Minute, s.NextTry, "a probe that failed")
			} else {
				assert.Equal(t, want, s.Trial)
				assert.Zero(t, s.NextTry)
			}
		})
	}
	in(t, "a user's opinion", func(t *testing.T) {
		m := safemode.New(simple(
			safemode.Classify(func(err error) fault.Class {
				if err == errDown { //nolint:errorlint // it is the one
					return fault.ClassPermanent
				}
				return fault.Of(err)
			}),
			safemode.CountAs(fault.ClassRejected, fault.ClassIgnored), safemode.CountAs(fault.ClassCanceled, fault.ClassTransient),
		))
		calls(t, m, 1, errDown)
		calls(t, m, 1, fault.ErrRejected)
		calls(t, m, 1, context.Canceled)
		assert.Equal(t, safemode.Counts{Calls: 2, Failures: 1}, m.Snapshot().Counts)
	})
}

// Ends of calls that began before the level did count for nothing.
func TestLateEnds(t *testing.T) {
	in(t, "before it engaged, after it released", func(t *testing.T) {
		m := safemode.New(simple())
		var early []uint64
		for range 100 {
			early = append(early, begin(t, m))
		}
		toDegraded(t, m)
		for _, token := range early[:50] {
			m.Release(token, errDown)
		}
		assert.Zero(t, m.Snapshot().Counts)
		m.Disengage()
		for _, token := range early[50:] {
			m.Release(token, errDown)
		}
		assert.Zero(t, m.Snapshot().Counts)
	})
	in(t, "before a person's word", func(t *testing.T) {
		m := safemode.New(simple())
		token := begin(t, m)
		m.Hold(safemode.Normal, "test")
		held := begin(t, m)
		assert.Zero(t, held)
		m.Disengage()
		m.Release(token, errDown)
		m.Release(held, errDown)
		assert.Zero(t, m.Snapshot().Counts)
	})
	in(t, "probes and steps of a try before", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		late := begin(t, m)
		calls(t, m, 1, errDown) // it waits again
		toTry(t, m)
		begin(t, m)
		m.Release(late, errDown)
		m.Release(late, nil)
		s := m.Snapshot()
		assert.Equal(t, 1, s.Probing)
		assert.Zero(t, s.Trial)
		toStep2 := func() { calls(t, m, 2, nil) }
		m.Release(begin(t, m), errDown)
		toTry(t, m)
		toStep2()
		var step uint64
		for step == 0 {
			step, _ = m.Acquire(always)
		}
		tries(m, 100, errDown) // back
		toTry(t, m)
		toStep2()
		m.Release(step, errDown)
		m.Release(late, errDown)
		assert.Zero(t, m.Snapshot().Trial)
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
	})
	in(t, "a second release of a probe", func(t *testing.T) {
		m := safemode.New(simple(safemode.Probes(3)))
		toDegraded(t, m)
		toTry(t, m)
		token := begin(t, m)
		m.Release(token, nil)
		m.Release(token, nil)
		m.Release(token, errDown)
		assert.Equal(t, safemode.Counts{Calls: 1}, m.Snapshot().Trial)
	})
}

// ReleaseAt counts at the time that it is given.
func TestReleaseAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := safemode.New(simple())
		token := begin(t, m)
		at := time.Now()
		time.Sleep(5 * second)
		m.For(safemode.Safe).ReleaseAt(token, at, errDown)
		time.Sleep(5*second - 1)
		assert.Equal(t, uint64(1), m.Snapshot().Counts.Calls)
		time.Sleep(time.Nanosecond)
		assert.Zero(t, m.Snapshot().Counts.Calls)
		m.ReleaseAt(0, at, errDown)
		assert.Zero(t, m.Snapshot().Counts.Calls)
	})
}
