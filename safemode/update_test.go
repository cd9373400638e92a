package safemode_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
)

// tune changes the options of the automatic.
func tune(t tester, m *safemode.Mode, options ...safemode.AutomaticOption) {
	t.Helper()
	require.NoError(t, m.Update(safemode.Automatic(options...)))
}

// The options given change; the others stay as they were set, and not as they would be by themselves.
func TestUpdateKeepsTheOthers(t *testing.T) {
	m := safemode.New(simple())
	before := m.String()
	tune(t, m)
	assert.Equal(t, before, m.String())
	tune(t, m, safemode.Probes(1), safemode.Window(time.Minute))
	assert.Equal(t, "refuses unless normal; by hand, or at 50 % failures of >= 10 calls in 1m0s, for 10s; for 30s, then a probe, "+
		"then one call in 2, 1", m.String())
	assert.Equal(t, "refuses below degraded; by hand, or at 50 % failures of >= 10 calls in 1m0s, for 10s; for 30s, then a probe, "+
		"then one call in 2, 1", m.For(safemode.Degraded).String())
	longer, other := safemode.Automatic(safemode.Window(time.Minute)), safemode.Automatic(safemode.Probes(1))
	assert.Equal(t, m.String(), safemode.New(simple(), safemode.NoAutomatic(), longer, other).String(), "so it is of New, too")
	assert.Equal(t, "refuses unless normal; by hand", safemode.New(simple(), safemode.NoAutomatic()).String())
}

// A mistake anywhere, and nothing changes.
func TestUpdateRefuses(t *testing.T) {
	m := safemode.New(simple(), safemode.Name("shop"))
	before := m.String()
	probes := safemode.Automatic(safemode.Probes(1))
	for want, options := range map[string][]safemode.Option{
		"safemode: Name(cart): must be shop, as it is: for another name make another mode": {probes, safemode.Name("cart")},
		"safemode: OnChange(...): must be left out of Update: use Listen":                  {probes, safemode.OnChange(func(safemode.Change) {})},
		"safemode: option 2 is nil: leave it out instead":                                  {probes, nil},
		"safemode: MinCalls(0): must be at least 1":                                        {probes, safemode.Automatic(safemode.MinCalls(0))},
		"safemode: Sustain(-1ns): must be zero or above":                                   {safemode.NoAutomatic(), safemode.Automatic(safemode.Sustain(-1))},
		"safemode: ReleaseRate(0.25): must be at most 0.2, the FailureRate":                {probes, safemode.Automatic(safemode.FailureRate(0.2))},
	} {
		require.EqualError(t, m.Update(options...), want)
		assert.Equal(t, before, m.String())
	}
	require.NoError(t, m.Update(safemode.Name("shop"), probes))
	assert.Contains(t, m.String(), "a probe")
	require.NoError(t, m.Update(safemode.Automatic(safemode.ReleaseRate(0.2)), safemode.Automatic(safemode.FailureRate(0.2))), "as a whole")
}

// A mode by hand can be given the automatic. It decides by the calls that begin from then on.
func TestUpdateToAutomatic(t *testing.T) {
	in(t, "while it is normal", func(t *testing.T) {
		m := safemode.New()
		calls(t, m, 100, errDown)
		early := begin(t, m)
		require.NoError(t, m.Update(simple(safemode.Sustain(0))))
		m.Release(early, errDown)
		assert.Zero(t, m.Snapshot().Counts)
		calls(t, m, 9, errDown)
		assert.Equal(t, safemode.Normal, m.Level())
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level())
		assert.Equal(t, 30*second, m.Snapshot().NextTry)
	})
	in(t, "while a person holds it", func(t *testing.T) {
		m := safemode.New()
		m.Engage("test")
		var d diary
		m.Listen(d.write)
		require.NoError(t, m.Update(simple()))
		assert.Empty(t, d.read())
		time.Sleep(time.Hour)
		_ = refused(t, m)
		assert.True(t, m.Snapshot().Held)
		m.Disengage()
		toDegraded(t, m)
	})
}

// NoAutomatic is a person's word: what the automatic has engaged is held, and nothing else happens.
func TestUpdateToByHand(t *testing.T) {
	in(t, "while it is normal", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(safemode.Sustain(0)), safemode.OnChange(d.write))
		calls(t, m, 9, errDown)
		early := begin(t, m)
		require.NoError(t, m.Update(safemode.NoAutomatic()))
		assert.Equal(t, "refuses unless normal; by hand", m.String())
		m.Release(early, errDown)
		calls(t, m, 1000, errDown)
		assert.Equal(t, safemode.Normal, m.Level())
		assert.Zero(t, m.Snapshot().Counts)
		late := begin(t, m)
		tune(t, m, safemode.MinCalls(5))
		m.Release(early, errDown)
		m.Release(late, errDown)
		assert.Zero(t, m.Snapshot().Counts, "what was heard before is forgotten")
		calls(t, m, 4, errDown)
		assert.Equal(t, safemode.Normal, m.Level())
		assert.Empty(t, d.read())
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level(), "with the options that it had, and the new one")
	})
	in(t, "while it is engaged", func(t *testing.T) {
		var d diary
		m := safemode.New(simple(), safemode.OnChange(d.write))
		toDegraded(t, m)
		toTry(t, m)
		one := begin(t, m)
		calls(t, m, 1, nil)
		require.NoError(t, m.Update(safemode.NoAutomatic()))
		require.Len(t, d.read(), 2)
		reason := "100 % of 91 calls in 10s failed, for 10s or longer"
		assert.Equal(t, safemode.Change{
			Name: "safemode", From: safemode.Degraded, To: safemode.Degraded, Cause: safemode.CauseHeld, Held: true, Reason: reason, At: time.Now(),
		}, d.read()[1])
		m.Release(one, nil)
		time.Sleep(time.Hour)
		_ = refused(t, m)
		require.NoError(t, m.Update(safemode.NoAutomatic()))
		tune(t, m)
		time.Sleep(time.Hour)
		assert.True(t, refused(t, m).Held, "a person's word holds until a person ends it")
		assert.Len(t, d.read(), 2)
		m.Disengage()
		toDegraded(t, m)
		toTry(t, m)
		toStep(t, m)
	})
	in(t, "while a person holds it", func(t *testing.T) {
		var d diary
		m := safemode.New(simple())
		m.Hold(safemode.Degraded, "test")
		m.Listen(d.write)
		require.NoError(t, m.Update(safemode.NoAutomatic()))
		assert.Empty(t, d.read())
		assert.Equal(t, "test", m.Snapshot().Reason)
		m.Disengage()
		calls(t, m, 1000, errDown)
		assert.Zero(t, m.Snapshot().Counts)
	})
}

// Whoever is told of a change may change the options.
func TestUpdateFromAListener(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		m := safemode.New(simple())
		m.Listen(func(c safemode.Change) {
			if c.Cause == safemode.CauseFailureRate {
				tune(t, m, safemode.EngagedFor(time.Minute))
			} else {
				require.NoError(t, m.Update(safemode.Automatic()))
			}
		})
		toDegraded(t, m)
		assert.Equal(t, time.Minute, m.Snapshot().NextTry)
		require.NoError(t, m.Update(safemode.NoAutomatic()))
		assert.Contains(t, m.String(), "for 1m0s")
		assert.True(t, m.Snapshot().Held)
	})
}

// A change of how errors count is for the ends that come. What has been counted stays so.
func TestUpdateOfClasses(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		m := safemode.New(simple())
		one, two := begin(t, m), begin(t, m)
		calls(t, m, 3, errDown)
		tune(t, m, safemode.Classify(func(err error) fault.Class {
			if errors.Is(err, errDown) {
				return fault.ClassPermanent
			}
			return fault.Of(err)
		}))
		m.Release(one, errDown)
		assert.Equal(t, safemode.Counts{Calls: 4, Failures: 3}, m.Snapshot().Counts)
		tune(t, m, safemode.CountAs(fault.ClassPermanent, fault.ClassIgnored))
		m.Release(two, errDown)
		assert.EqualValues(t, 4, m.Snapshot().Counts.Calls)
		tune(t, m, safemode.Classify(fault.Of))
		calls(t, m, 1, errDown)
		calls(t, m, 1, fault.Permanent(errDown))
		tune(t, m, safemode.CountAs(fault.ClassPermanent, fault.ClassPermanent))
		calls(t, m, 1, fault.Permanent(errDown))
		assert.Equal(t, safemode.Counts{Calls: 6, Failures: 4}, m.Snapshot().Counts)
	})
}
