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

// One test for each bug of Update that was found.

// With fewer probes, those that had failed were a share of the fewer, and not of all that had reported: two of 61 sent the mode back to wait.
func TestRegressionFewerProbesFailNoMoreOfThem(t *testing.T) {
	sixty := func(t *testing.T) *safemode.Mode {
		t.Helper()
		m := safemode.New(simple(safemode.Probes(100), safemode.ProbeLease(10*second)))
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 2, errDown)
		calls(t, m, 58, nil)
		return m
	}
	in(t, "the next reports", func(t *testing.T) {
		m := sixty(t)
		tune(t, m, safemode.Probes(5))
		require.Equal(t, safemode.Counts{Calls: 60, Failures: 2}, m.Snapshot().Trial)
		calls(t, m, 1, nil)
		assert.Positive(t, m.Snapshot().Share)
		assert.Zero(t, m.Snapshot().NextTry)
	})
	in(t, "the next never reports", func(t *testing.T) {
		m := sixty(t)
		begin(t, m)
		tune(t, m, safemode.Probes(5))
		time.Sleep(10 * second)
		said := m.Snapshot()
		assert.Positive(t, said.Share, "as readers foretell")
		assert.Zero(t, said.NextTry)
		tune(t, m)
		assert.InDelta(t, said.Share, m.Snapshot().Share, 0, "as it is")
	})
	in(t, "enough of all have failed", func(t *testing.T) {
		m := safemode.New(simple(safemode.Probes(100)))
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 14, errDown)
		calls(t, m, 41, nil)
		tune(t, m, safemode.Probes(5))
		calls(t, m, 1, nil)
		assert.Positive(t, m.Snapshot().NextTry, "14 of 56 are a quarter")
	})
}

// Each change of the window moved what it held to the end of a slice, so that a mode whose window was changed again and again never forgot.
func TestRegressionResizedWindowForgets(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		m := safemode.New(simple(safemode.MinCalls(1000), safemode.Window(12*second)))
		calls(t, m, 60, errDown)
		calls(t, m, 20, nil)
		began := time.Now()
		for time.Since(began) < 13200*time.Millisecond {
			if time.Since(began) < 9*second {
				require.Equal(t, safemode.Counts{Calls: 80, Failures: 60}, m.Snapshot().Counts)
			}
			tune(t, m, safemode.Window(10*second+rand.N(2*second)))
			time.Sleep(20 * time.Millisecond)
		}
		assert.Zero(t, m.Snapshot().Counts)
	})
}

// The window was looked up before the classifier was asked, and the call recorded in it afterwards: where the window had been changed
// meanwhile, nobody ever looked there.
func TestRegressionSlowClassifierLosesNoCall(t *testing.T) {
	during := func(t *testing.T, do func(m *safemode.Mode)) safemode.Counts {
		t.Helper()
		m := safemode.New(simple(safemode.Classify(func(error) fault.Class {
			time.Sleep(second)
			return fault.ClassTransient
		})))
		for range 5 {
			token := begin(t, m)
			go m.Release(token, errDown)
		}
		time.Sleep(time.Millisecond)
		do(m)
		time.Sleep(second)
		return m.Snapshot().Counts
	}
	in(t, "another window", func(t *testing.T) {
		assert.Equal(t, safemode.Counts{Calls: 5, Failures: 5}, during(t, func(m *safemode.Mode) { tune(t, m, safemode.Window(20*second)) }))
	})
	in(t, "no automatic", func(t *testing.T) {
		assert.Zero(t, during(t, func(m *safemode.Mode) { require.NoError(t, m.Update(safemode.NoAutomatic())) }))
	})
	in(t, "another level", func(t *testing.T) {
		assert.Zero(t, during(t, func(m *safemode.Mode) {
			m.Hold(safemode.Normal, "test")
			m.Disengage()
		}))
	})
}

// An option of the user's own ran under a lock of Update's: one that hung held up all other Updates, and one that called Update itself hung
// for good.
func TestRegressionOptionsRunUnderNoLock(t *testing.T) {
	m, tuned := safemode.New(simple()), false
	require.NoError(t, m.Update(joined(func() {
		if !tuned {
			tuned = true
			tune(t, m, safemode.Window(time.Minute))
		}
	}, safemode.Automatic(safemode.Probes(1)))))
	assert.Contains(t, m.String(), "in 1m0s", "what the other has set")
	assert.Contains(t, m.String(), "a probe", "and what it set itself")

	require.NoError(t, m.Update(joined(func() { require.NoError(t, m.Update(safemode.NoAutomatic())) }, safemode.Name("safemode"))))
	assert.Equal(t, "refuses unless normal; by hand", m.String(), "and what it took away")
}

// A caller that had looked at a step before an Update shortened StepAtLeast went by the old rhythm after it, and so held the step up for
// the old time.
func TestRegressionLateCallerDoesNotHoldAStepUp(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		m := safemode.New(simple(safemode.Steps(1024), safemode.StepAtLeast(time.Hour, 4)))
		toDegraded(t, m)
		toTry(t, m)
		calls(t, m, 2, nil)
		late := safemode.LateCaller(m)
		tune(t, m, safemode.StepAtLeast(4*second, 4))
		token, err := late()
		require.NoError(t, err)
		m.Release(token, nil)
		time.Sleep(4 * second)
		assert.GreaterOrEqual(t, tries(m, 4, nil), 3)
		assert.Equal(t, safemode.Normal, m.Level())
	})
}

// joined is an option of the user's own: it does something besides.
func joined[C any](do func(), option func(*C) error) func(*C) error {
	return func(c *C) error {
		do()
		return option(c)
	}
}
