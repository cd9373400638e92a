package safemode_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
)

// Nonsense is refused where it is written, with what is wrong and what is allowed.
func TestNonsense(t *testing.T) {
	const (
		rates      = "a share of the whole, from 1e-06 to 1 (0.5 is half)"
		twoClasses = "must be given two classes, the first not success"
		falling    = "must be given falling numbers from 1024 to 1, at least one"
	)
	for _, test := range []struct {
		option safemode.AutomaticOption
		want   string
	}{
		{nil, "safemode: option 1 is nil: leave it out instead"},
		{safemode.Window(second - 1), "safemode: Window(999.999999ms): must be from 1s to 1h0m0s"},
		{safemode.Window(time.Hour + 1), "safemode: Window(1h0m0.000000001s): must be from 1s to 1h0m0s"},
		{safemode.MinCalls(0), "safemode: MinCalls(0): must be at least 1"},
		{safemode.MinCalls(-1), "safemode: MinCalls(-1): must be at least 1"},
		{safemode.FailureRate(0), "safemode: FailureRate(0): must be " + rates},
		{safemode.FailureRate(50), "safemode: FailureRate(50): must be " + rates},
		{safemode.FailureRate(math.NaN()), "safemode: FailureRate(NaN): must be " + rates},
		{safemode.Sustain(-1), "safemode: Sustain(-1ns): must be zero or above"},
		{safemode.EngagedFor(0), "safemode: EngagedFor(0s): must be above zero"},
		{safemode.EngagedGrowth(0.5, second), "safemode: EngagedGrowth(0.5, 1s): must be given a factor of at least 1"},
		{safemode.EngagedGrowth(math.NaN(), second), "safemode: EngagedGrowth(NaN, 1s): must be given a factor of at least 1"},
		{safemode.EngagedGrowth(math.Inf(1), second), "safemode: EngagedGrowth(+Inf, 1s): must be given a factor of at least 1"},
		{safemode.EngagedGrowth(2, 0), "safemode: EngagedGrowth(0s): must be above zero"},
		{safemode.EngagedGrowth(2, second), "safemode: EngagedGrowth(2, 1s): must be given a limit that is not below the EngagedFor of 30s"},
		{safemode.EngagedJitter(-0.1), "safemode: EngagedJitter(-0.1): must be 0, or a share below 1"},
		{safemode.EngagedJitter(1), "safemode: EngagedJitter(1): must be 0, or a share below 1"},
		{safemode.EngagedJitter(math.NaN()), "safemode: EngagedJitter(NaN): must be 0, or a share below 1"},
		{safemode.Probes(0), "safemode: Probes(0): must be from 1 to 1024"},
		{safemode.Probes(1025), "safemode: Probes(1025): must be from 1 to 1024"},
		{safemode.ProbeLease(0), "safemode: ProbeLease(0s): must be above zero"},
		{safemode.ReleaseRate(2), "safemode: ReleaseRate(2): must be " + rates},
		{safemode.ReleaseRate(0.6), "safemode: ReleaseRate(0.6): must be at most 0.5, the FailureRate"},
		{safemode.Steps(), "safemode: Steps(): " + falling},
		{safemode.Steps(0), "safemode: Steps([0]): " + falling},
		{safemode.Steps(1025), "safemode: Steps([1025]): " + falling},
		{safemode.Steps(10, 10), "safemode: Steps([10 10]): " + falling},
		{safemode.Steps(2, 4, 10), "safemode: Steps([2 4 10]): " + falling},
		{safemode.StepAtLeast(0, 1), "safemode: StepAtLeast(0s): must be above zero"},
		{safemode.StepAtLeast(second, 0), "safemode: StepAtLeast(0): must be at least 1"},
		{safemode.Classify(nil), "safemode: Classify(nil): must be a function from an error to its class"},
		{safemode.CountAs(fault.ClassSuccess, fault.ClassTransient), "safemode: CountAs(success, transient): " + twoClasses},
		{safemode.CountAs(fault.ClassTransient, fault.Class(99)), "safemode: CountAs(transient, unknown): " + twoClasses},
		{safemode.CountAs(fault.Class(99), fault.ClassTransient), "safemode: CountAs(unknown, transient): " + twoClasses},
	} {
		t.Run(test.want, func(t *testing.T) {
			require.EqualError(t, safemode.Validate(safemode.Automatic(test.option)), test.want)
			assert.PanicsWithError(t, test.want, func() { safemode.New(safemode.Automatic(test.option)) })
		})
	}
	for want, option := range map[string]safemode.Option{
		"safemode: option 1 is nil: leave it out instead": nil,
		`safemode: Name(""): must be a name`:              safemode.Name(""),
		"safemode: OnChange(nil): must be a function":     safemode.OnChange(nil),
	} {
		require.EqualError(t, safemode.Validate(option), want)
		assert.PanicsWithError(t, want, func() { safemode.New(option) })
	}
	both := safemode.Validate(safemode.Name(""), safemode.Automatic(safemode.Probes(0), safemode.MinCalls(0)))
	require.EqualError(t, both, "safemode: Name(\"\"): must be a name\n"+
		"safemode: Probes(0): must be from 1 to 1024\nsafemode: MinCalls(0): must be at least 1", "all of it, not just the first")
	assert.PanicsWithValue(t, "safemode: Listen was given a nil function", func() { safemode.New().Listen(nil) })
}

// What is at the edge of sense is taken.
func TestSense(t *testing.T) {
	require.NoError(t, safemode.Validate())
	require.NoError(t, safemode.Validate(safemode.Automatic()))
	for _, option := range []safemode.AutomaticOption{
		safemode.Window(second), safemode.Window(time.Hour), safemode.MinCalls(1), safemode.FailureRate(1), safemode.FailureRate(1e-6),
		safemode.Sustain(0), safemode.EngagedFor(1), safemode.EngagedFor(time.Hour), safemode.EngagedGrowth(1, 1), safemode.EngagedJitter(0),
		safemode.Probes(1), safemode.Probes(1024), safemode.ProbeLease(1), safemode.ReleaseRate(0.5), safemode.ReleaseRate(1e-6),
		safemode.Steps(1), safemode.Steps(1024, 1), safemode.StepAtLeast(1, 1),
	} {
		require.NoError(t, safemode.Validate(safemode.Automatic(option)))
	}
}

// What a mode says that it does.
func TestString(t *testing.T) {
	byHand := safemode.New()
	assert.Equal(t, "safemode", byHand.Name())
	assert.Equal(t, "refuses unless normal; by hand", byHand.String())
	assert.Equal(t, "refuses below normal; by hand", byHand.For(safemode.Normal).String())
	assert.Equal(t, "refuses below degraded; by hand", byHand.For(safemode.Degraded).String())
	assert.Equal(t, "refuses nothing; by hand", byHand.For(safemode.Safe).String())
	assert.Equal(t, "refuses unless normal; by hand, or at 50 % failures of >= 20 calls in 10s, for 10s; for 30s, then 5 probes, "+
		"then one call in 10, 4, 2", safemode.New(safemode.Automatic()).String())
	assert.Equal(t, "refuses below degraded; by hand, or at 12.5 % failures of >= 7 calls in 1m0s, for 0s; for 1s, then a probe, then one call in 3",
		safemode.New(safemode.Automatic(safemode.FailureRate(0.125), safemode.MinCalls(7), safemode.Window(time.Minute), safemode.Sustain(0),
			safemode.EngagedFor(second), safemode.Probes(1), safemode.Steps(3))).For(safemode.Degraded).String())
}

// The defaults are those of the documentation.
func TestDefaults(t *testing.T) {
	in(t, "stage by stage", func(t *testing.T) {
		var d diary
		m := safemode.New(safemode.Automatic(), safemode.OnChange(d.write))
		for range 10 {
			calls(t, m, 1, errDown)
			calls(t, m, 1, nil)
			time.Sleep(second)
		}
		for range 10 { // bad from the first second on
			calls(t, m, 3, errDown)
			time.Sleep(second)
		}
		assert.Equal(t, safemode.Normal, m.Level())
		calls(t, m, 1, errDown)
		assert.Equal(t, safemode.Degraded, m.Level())
		first := m.Snapshot().NextTry
		assert.InDelta(t, 30*second, first, float64(3*second))
		toTry(t, m)
		for range 5 {
			begin(t, m)
		}
		_ = refused(t, m)
		time.Sleep(10*second - 1)
		assert.Equal(t, 5, m.Snapshot().Probing)
		time.Sleep(time.Nanosecond)
		assert.InDelta(t, time.Minute, m.Snapshot().NextTry, float64(6*second))
		toTry(t, m)
		calls(t, m, 3, nil)
		calls(t, m, 2, errDown) // 40 %
		assert.InDelta(t, 2*time.Minute, m.Snapshot().NextTry, float64(12*second))
		toTry(t, m)
		calls(t, m, 1, errDown)
		calls(t, m, 4, nil) // 20 %
		for _, oneIn := range []int{10, 4, 2} {
			assert.InDelta(t, 1/float64(oneIn), m.Snapshot().Share, 0)
			calls(t, m, 10, nil)
			assert.Equal(t, 10, tries(m, 10*oneIn, nil))
			time.Sleep(3*second - 1)
			calls(t, m, 1, nil)
			assert.InDelta(t, 1/float64(oneIn), m.Snapshot().Share, 0)
			time.Sleep(time.Nanosecond)
			calls(t, m, 1, nil)
		}
		assert.Equal(t, safemode.Normal, m.Level())
	})
}
