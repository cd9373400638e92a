package safemode_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
)

// The way back, stage by stage.
func TestReleasesInSteps(t *testing.T) {
	in(t, "from degraded to normal", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		toDegraded(t, m)
		time.Sleep(30*second - 1)
		_ = refused(t, m)
		time.Sleep(time.Nanosecond)
		one, two := begin(t, m), begin(t, m)
		_ = refused(t, m)
		assert.Equal(t, 2, m.Snapshot().Probing)
		assert.False(t, m.Allows(safemode.Normal))
		m.Release(one, nil)
		assert.Equal(t, safemode.Counts{Calls: 1}, m.Snapshot().Trial)
		assert.Len(t, d.read(), 1, "that it probes is no change")
		m.Release(two, nil)

		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
		assert.Equal(t, 502, tries(m, 1000, nil), "four that it needs, and exactly half of the others")
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0, "not before the step's time")
		time.Sleep(3 * second)
		for asked := 0; m.Snapshot().Share < 1; asked++ {
			tries(m, 1, nil)
			require.Less(t, asked, 2)
		}
		time.Sleep(3 * second)
		calls(t, m, 3, nil)
		assert.False(t, m.Allows(safemode.Normal), "not before the step's calls")
		calls(t, m, 1, nil)
		assert.True(t, m.Allows(safemode.Normal))
		calls(t, m, 1000, nil)

		pages := d.read()
		assert.Equal(t, []safemode.Cause{
			safemode.CauseFailureRate, safemode.CauseProbesSucceeded, safemode.CauseStepSucceeded, safemode.CauseStepSucceeded,
		}, d.causes())
		var shares []float64
		for _, page := range pages {
			shares = append(shares, page.Share)
		}
		assert.Equal(t, []float64{0, 0.5, 1, 0}, shares)
		assert.Equal(t, safemode.Counts{Calls: 2}, pages[1].Counts)
		assert.Equal(t, safemode.Counts{Calls: 503}, pages[2].Counts)
		assert.Equal(t, safemode.Counts{Calls: 4}, pages[3].Counts)
		assert.Equal(t, safemode.Degraded, pages[2].From)
		assert.Equal(t, safemode.Degraded, pages[2].To)
		assert.Equal(t, pages[0].Reason, pages[2].Reason)
		assert.Equal(t, safemode.Normal, pages[3].To)
		assert.Empty(t, pages[3].Reason)
		assert.Equal(t, pages[1].At.Add(3*second), pages[2].At)
	})
	in(t, "from safe: over degraded, without another wait", func(t *testing.T) {
		m := safemode.New(simple())
		prices := m.For(safemode.Degraded)
		toDegraded(t, m)
		fails(t, m, prices)
		reason := m.Snapshot().Reason
		toTry(t, m)
		back := func(g gate) {
			calls(t, g, 2, nil)
			for range 2 {
				time.Sleep(3 * second)
				tries(g, 8, nil)
			}
		}
		back(prices)
		assert.Equal(t, safemode.Degraded, m.Level())
		assert.Equal(t, reason, m.Snapshot().Reason)
		calls(t, prices, 1000, nil)
		assert.Zero(t, m.Snapshot().NextTry)
		back(m)
		assert.Equal(t, safemode.Normal, m.Level())
	})
	in(t, "whatever work the level refuses may try", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		fails(t, m, m.For(safemode.Safe))
		toTry(t, m)
		calls(t, m, 2, nil)
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0, "there is no work named degraded")
	})
	in(t, "work that the level does is no probe", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m.For(safemode.Degraded), 100, nil)
		assert.Zero(t, m.Snapshot().Trial)
		assert.Zero(t, m.Snapshot().Share)
	})
}

// A stage that fails is the end of the try, at once; and the wait grows.
func TestFallsBack(t *testing.T) {
	in(t, "a probe", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		toDegraded(t, m)
		for _, wait := range []time.Duration{30 * second, time.Minute, 2 * time.Minute, 2 * time.Minute} {
			assert.Equal(t, wait, m.Snapshot().NextTry)
			time.Sleep(wait - 1)
			_ = refused(t, m)
			time.Sleep(time.Nanosecond)
			calls(t, m, 1, errDown)
			_ = refused(t, m)
		}
		last := d.read()[4]
		assert.Equal(t, safemode.CauseProbesFailed, last.Cause)
		assert.Equal(t, safemode.Counts{Calls: 1, Failures: 1}, last.Counts)
		assert.Equal(t, 2*time.Minute, last.NextTry)
		assert.Equal(t, uint64(1), m.Snapshot().Engaged)
	})
	in(t, "a probe of several, which are too many for coming back, though too few for engaging", func(t *testing.T) {
		m := safemode.New(simple(safemode.Probes(4)))
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 2, nil)
		calls(t, m, 1, errDown)
		assert.Equal(t, time.Minute, m.Snapshot().NextTry)
	})
	in(t, "a step: as soon as so many have failed as are too many of its calls", func(t *testing.T) {
		m := safemode.New(simple(safemode.StepAtLeast(3*second, 12))) // three
		toDegraded(t, m)
		toTry(t, m)
		toStep(t, m)
		calls(t, m, 2, errDown)
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
		calls(t, m, 1, errDown)
		assert.Zero(t, m.Snapshot().Share)
		assert.Equal(t, time.Minute, m.Snapshot().NextTry)
		_ = refused(t, m)
	})
	in(t, "a step: of many calls a share", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		toStep(t, m)
		tries(m, 2000, nil)
		assert.Equal(t, 333, tries(m, 666, errDown))
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0, "333 of 1333")
		tries(m, 2, errDown)
		assert.Zero(t, m.Snapshot().Share, "334 of 1334")
	})
	in(t, "the last step", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		toStep(t, m)
		calls(t, m, 3, nil)
		time.Sleep(3 * second)
		calls(t, m, 1, nil)
		assert.InDelta(t, 1, m.Snapshot().Share, 0)
		calls(t, m, 1, errDown)
		assert.Equal(t, time.Minute, m.Snapshot().NextTry)
		assert.Equal(t, safemode.Degraded, m.Level())
	})
}

// release makes a simple mode that is to try come back to normal.
func release(t tester, m *safemode.Mode) {
	t.Helper()
	calls(t, m, 2, nil)
	for range 2 {
		time.Sleep(3 * second)
		tries(m, 8, nil)
	}
	require.Equal(t, safemode.Normal, m.Level())
}

// One that engages again soon after stays for longer; one that does so after a long while is as new.
func TestEngagesAgain(t *testing.T) {
	in(t, "soon, each time for longer", func(t *testing.T) {
		m := safemode.New(simple())
		for _, wait := range []time.Duration{30 * second, time.Minute, 2 * time.Minute, 2 * time.Minute} {
			toDegraded(t, m)
			assert.Equal(t, wait, m.Snapshot().NextTry)
			toTry(t, m)
			release(t, m)
		}
		time.Sleep(2*time.Minute - 10*second - 1)
		toDegraded(t, m)
		assert.Equal(t, 2*time.Minute, m.Snapshot().NextTry, "a moment before that is long ago")
	})
	in(t, "after a long while", func(t *testing.T) {
		m := safemode.New(simple())
		for range 3 {
			toDegraded(t, m)
			assert.Equal(t, 30*second, m.Snapshot().NextTry)
			toTry(t, m)
			release(t, m)
			time.Sleep(2*time.Minute - 10*second)
		}
	})
	in(t, "after a long while, though leaving had failed before", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 1, errDown)
		toTry(t, m)
		release(t, m)
		time.Sleep(2 * time.Minute)
		toDegraded(t, m)
		assert.Equal(t, 30*second, m.Snapshot().NextTry)
	})
	in(t, "soon, but after a person's word", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		release(t, m)
		m.Hold(safemode.Normal, "test")
		m.Disengage()
		toDegraded(t, m)
		assert.Equal(t, 30*second, m.Snapshot().NextTry)
	})
	in(t, "further: not for longer", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		fails(t, m, m.For(safemode.Safe))
		assert.Equal(t, 30*second, m.Snapshot().NextTry)
	})
	in(t, "soon, and further: once for longer", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		release(t, m)
		toDegraded(t, m)
		fails(t, m, m.For(safemode.Safe))
		assert.Equal(t, time.Minute, m.Snapshot().NextTry)
	})
	in(t, "safe again, soon after having come back to degraded", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		fails(t, m, m.For(safemode.Safe))
		toTry(t, m)
		prices := m.For(safemode.Degraded)
		calls(t, prices, 2, nil)
		for range 2 {
			time.Sleep(3 * second)
			tries(prices, 8, nil)
		}
		require.Equal(t, safemode.Degraded, m.Level())
		fails(t, m, prices)
		assert.Equal(t, time.Minute, m.Snapshot().NextTry)
	})
	in(t, "for longer than the limit, from the first", func(t *testing.T) {
		m := safemode.New(safemode.Automatic(
			safemode.Sustain(0), safemode.MinCalls(1), safemode.EngagedFor(time.Hour), safemode.EngagedJitter(0)))
		calls(t, m, 1, errDown)
		assert.Equal(t, time.Hour, m.Snapshot().NextTry)
		toTry(t, m)
		calls(t, m, 2, errDown)
		assert.Equal(t, time.Hour, m.Snapshot().NextTry)
	})
	in(t, "without growth", func(t *testing.T) {
		m := safemode.New(simple(safemode.EngagedGrowth(1, second)))
		for range 3 {
			toDegraded(t, m)
			assert.Equal(t, 30*second, m.Snapshot().NextTry)
			toTry(t, m)
			calls(t, m, 1, errDown)
			assert.Equal(t, 30*second, m.Snapshot().NextTry)
			toTry(t, m)
			release(t, m)
		}
	})
}

// A step lets so many calls through as it needs, however few there are, so that it ends; of many, its share.
func TestLittleTraffic(t *testing.T) {
	in(t, "a call an hour", func(t *testing.T) {
		m := safemode.New(simple(safemode.Steps(1000)))
		toDegraded(t, m)
		for range 2 + 4 {
			time.Sleep(time.Hour)
			assert.Equal(t, safemode.Degraded, m.Level())
			calls(t, m, 1, nil)
		}
		assert.Equal(t, safemode.Normal, m.Level())
	})
	in(t, "so many at once, and then so many in that time", func(t *testing.T) {
		m := safemode.New(simple(safemode.Steps(1000), safemode.StepAtLeast(4*second, 4)))
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 2, nil)
		var tokens []uint64
		went := func() (n int) {
			for range 100 {
				if token, err := m.Acquire(always); err == nil {
					tokens = append(tokens, token)
					n++
				}
			}
			return n
		}
		total := went()
		assert.InDelta(t, 4.5, total, 0.5)
		for range 9 {
			time.Sleep(second - 1)
			total += went()
			time.Sleep(time.Nanosecond)
			total += went()
		}
		assert.InDelta(t, 4+9+2, total, 1, "and of the others two of two thousand")
		for _, token := range tokens {
			m.Release(token, nil)
		}
		assert.Equal(t, safemode.Normal, m.Level())
	})
}

// The jitter comes after the limit, spreads to both sides, and no further than it may.
func TestJitter(t *testing.T) {
	in(t, "of the limit", func(t *testing.T) {
		low, high := time.Hour, time.Duration(0)
		for range 1000 {
			m := safemode.New(simple(safemode.EngagedJitter(0.2), safemode.EngagedGrowth(1000, time.Minute), safemode.Sustain(0)))
			calls(t, m, 10, errDown)
			toTry(t, m)
			calls(t, m, 1, errDown)
			next := m.Snapshot().NextTry
			low, high = min(low, next), max(high, next)
		}
		assert.InDelta(t, 48*second, low, float64(second))
		assert.InDelta(t, 72*second, high, float64(second))
		assert.GreaterOrEqual(t, low, 48*second)
		assert.LessOrEqual(t, high, 72*second)
	})
	in(t, "of an age", func(t *testing.T) {
		const age = 1<<63 - 1
		m := safemode.New(simple(safemode.EngagedFor(age), safemode.EngagedGrowth(1e300, age), safemode.EngagedJitter(0.9), safemode.Sustain(0)))
		calls(t, m, 10, errDown)
		assert.Positive(t, m.Snapshot().NextTry)
	})
}

// A mode that is given a source draws from it.
func TestDrawFrom(t *testing.T) {
	next := func(t *testing.T, seed uint64) (next time.Duration) {
		in(t, "it", func(t *testing.T) {
			m := safemode.New(simple(safemode.EngagedJitter(0.9), safemode.Sustain(0)))
			m.For(safemode.Degraded).DrawFrom(rand.NewPCG(seed, 0))
			calls(t, m, 10, errDown)
			next = m.Snapshot().NextTry
		})
		return next
	}
	one, again, two := next(t, 1), next(t, 1), next(t, 2)
	assert.Equal(t, one, again)
	assert.NotEqual(t, one, two)
	assert.NotPanics(t, func() { safemode.New().DrawFrom(rand.NewPCG(1, 0)) }, "by hand it draws nothing")
}

// A probe that hangs, or was lost, counts as failed when its lease ends, and its place is free again.
func TestLeases(t *testing.T) {
	in(t, "a lost probe", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		toDegraded(t, m)
		toTry(t, m)
		lost := begin(t, m)
		began := time.Now()
		time.Sleep(4*second - 1)
		assert.Equal(t, 1, m.Snapshot().Probing)
		time.Sleep(11 * second)
		s := m.Snapshot()
		assert.Zero(t, s.Probing)
		assert.Equal(t, 49*second+1, s.NextTry, "a minute after the lease ended")
		assert.Zero(t, s.Trial)
		assert.Len(t, d.read(), 1, "reading changes nothing")
		_ = refused(t, m)
		require.Len(t, d.read(), 2)
		assert.Equal(t, safemode.CauseProbeExpired, d.read()[1].Cause)
		assert.Equal(t, began.Add(4*second), d.read()[1].At)
		assert.Equal(t, time.Minute, d.read()[1].NextTry)
		m.Release(lost, nil)
		assert.Equal(t, s.NextTry, m.Snapshot().NextTry)
		time.Sleep(s.NextTry)
		release(t, m)
	})
	in(t, "one that was lost before a person's word: both are told, in order", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		time.Sleep(4 * second)
		m.Engage("test")
		assert.Equal(t, []safemode.Cause{safemode.CauseFailureRate, safemode.CauseProbeExpired, safemode.CauseHeld}, d.causes())
	})
	in(t, "one that was lost before it went further: both are told, in order", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		fails(t, m, m.For(safemode.Safe))
		assert.Equal(t, []safemode.Cause{safemode.CauseFailureRate, safemode.CauseProbeExpired, safemode.CauseFailureRate}, d.causes())
		assert.Equal(t, time.Minute, m.Snapshot().NextTry)
	})
	in(t, "one that may be lost", func(t *testing.T) {
		m := safemode.New(simple(safemode.Probes(3), safemode.ReleaseRate(0.5)))
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		calls(t, m, 2, nil)
		time.Sleep(4 * second)
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0, "the step has begun, though nobody came by")
		assert.Zero(t, m.Snapshot().Probing)
		assert.Zero(t, m.Snapshot().Trial)
		calls(t, m, 4, nil) // from the first on, which finds it so
		assert.Equal(t, 2, tries(m, 4, nil))
		assert.InDelta(t, 0.5, m.Snapshot().Share, 0)
	})
	in(t, "its place is free", func(t *testing.T) {
		m := safemode.New(simple(safemode.Probes(4), safemode.ReleaseRate(0.5)))
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		time.Sleep(second)
		for range 3 {
			begin(t, m)
		}
		_ = refused(t, m)
		time.Sleep(3 * second)
		assert.Equal(t, 3, m.Snapshot().Probing)
		begin(t, m)
		_ = refused(t, m)
		assert.Equal(t, 4, m.Snapshot().Probing)
		assert.Equal(t, safemode.Counts{Calls: 1, Failures: 1}, m.Snapshot().Trial)
	})
	in(t, "a long while later", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		begin(t, m)
		time.Sleep(time.Hour)
		assert.Zero(t, m.Snapshot().NextTry, "it may try again")
		release(t, m)
	})
}

// A classifier that panics takes no place with it.
func TestPanickingClassifier(t *testing.T) {
	in(t, "of a probe", func(t *testing.T) {
		mood := false
		m := safemode.New(simple(safemode.Classify(func(error) fault.Class {
			if mood {
				panic("boom")
			}
			return fault.ClassTransient
		})))
		toDegraded(t, m)
		toTry(t, m)
		mood = true
		for range 10 {
			assert.PanicsWithValue(t, "boom", func() { calls(t, m, 1, errDown) })
			assert.Zero(t, m.Snapshot().Probing)
		}
		assert.Zero(t, m.Snapshot().Trial)
	})
}
