package hedge_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// Nonsense is refused where the policy is made, with the option, the value and what is allowed.
func TestNonsense(t *testing.T) {
	const (
		share   = "must be a share of the answers, above 0 and below 1 (0.95 is the 95th percentile)"
		classes = "transient, timeout, overload, rejected"
	)
	for _, row := range []struct {
		option hedge.Option
		want   string
	}{
		{hedge.Name(""), `hedge: Name(""): must be a name`},
		{hedge.Extra(-1), "hedge: Extra(-1): must be from 0 to 10"},
		{hedge.Extra(11), "hedge: Extra(11): must be from 0 to 10"},
		{hedge.Percentile(0), "hedge: Percentile(0): " + share},
		{hedge.Percentile(1), "hedge: Percentile(1): " + share},
		{hedge.Percentile(95), "hedge: Percentile(95): " + share},
		{hedge.Percentile(-0.5), "hedge: Percentile(-0.5): " + share},
		{hedge.Percentile(1e-7), "hedge: Percentile(1e-07): " + share},
		{hedge.Percentile(1 - 1e-7), "hedge: Percentile(0.9999999): " + share},
		{hedge.Percentile(math.NaN()), "hedge: Percentile(NaN): " + share},
		{hedge.After(-1), "hedge: After(-1ns): must be zero or above"},
		{hedge.MinSamples(0), "hedge: MinSamples(0): must be at least 1"},
		{hedge.MinSamples(-5), "hedge: MinSamples(-5): must be at least 1"},
		{hedge.MinDelay(-1), "hedge: MinDelay(-1ns): must be zero or above"},
		{hedge.MaxDelay(0), "hedge: MaxDelay(0s): must be above zero"},
		{hedge.MaxDelay(-time.Second), "hedge: MaxDelay(-1s): must be above zero"},
		{hedge.Window(time.Second - 1), "hedge: Window(999.999999ms): must be from 1s to 1h0m0s"},
		{hedge.Window(time.Hour + 1), "hedge: Window(1h0m0.000000001s): must be from 1s to 1h0m0s"},
		{hedge.Budget(nil), "hedge: Budget(nil): must be a budget: budget.New(), budget.Unlimited(), budget.None()"},
		{hedge.Classify(nil), "hedge: Classify(nil): must be a function from an error to its class"},
		{hedge.On(), "hedge: On(): must be given at least one of: " + classes},
		{hedge.On(fault.ClassTransient, fault.ClassCanceled), "hedge: On(canceled): must be one of: " + classes},
		{hedge.On(fault.ClassSuccess), "hedge: On(success): must be one of: " + classes},
		{hedge.On(fault.ClassPermanent), "hedge: On(permanent): must be one of: " + classes},
		{hedge.On(fault.ClassIgnored), "hedge: On(ignored): must be one of: " + classes},
		{hedge.On(fault.ClassAborted), "hedge: On(panic): must be one of: " + classes},
		{hedge.On(fault.ClassExited), "hedge: On(exited): must be one of: " + classes},
		{hedge.On(fault.ClassSuperseded), "hedge: On(superseded): must be one of: " + classes},
		{nil, "hedge: option 1 is nil: leave it out instead"},
	} {
		t.Run(row.want, func(t *testing.T) {
			require.EqualError(t, hedge.Validate(row.option), row.want)
			assert.PanicsWithError(t, row.want, func() { hedge.New(row.option) })
		})
	}
}

// The longest delay may not be below the shortest that was set, in whatever order.
func TestCrossedBounds(t *testing.T) {
	const want = "hedge: MinDelay(2s): must be at most MaxDelay, which is 1s"
	require.EqualError(t, hedge.Validate(hedge.MinDelay(2*time.Second), hedge.MaxDelay(time.Second)), want)
	require.EqualError(t, hedge.Validate(hedge.MaxDelay(time.Second), hedge.MinDelay(2*time.Second)), want)
	require.NoError(t, hedge.Validate(hedge.MaxDelay(time.Second), hedge.MinDelay(time.Second)))
	require.NoError(t, hedge.Validate(hedge.MaxDelay(time.Microsecond)), "the shortest one unless set gives way")
}

// Everything that is wrong is said at once, and what is right beside it does not make it right.
func TestAllNonsenseAtOnce(t *testing.T) {
	err := hedge.Validate(hedge.Extra(-1), hedge.Name("inventory"), nil, hedge.MinDelay(time.Minute), hedge.Extra(2), hedge.MaxDelay(time.Second))
	require.EqualError(t, err, "hedge: Extra(-1): must be from 0 to 10\n"+
		"hedge: option 3 is nil: leave it out instead\n"+
		"hedge: MinDelay(1m0s): must be at most MaxDelay, which is 1s")
	err = hedge.Validate(hedge.MinDelay(time.Minute), hedge.MaxDelay(-time.Second))
	require.EqualError(t, err, "hedge: MaxDelay(-1s): must be above zero", "what was refused is compared with nothing")
}

func TestSense(t *testing.T) {
	for _, options := range [][]hedge.Option{
		nil,
		{hedge.Extra(0), hedge.Budget(budget.None())},
		{hedge.Extra(10), hedge.Percentile(1e-6), hedge.MinSamples(1), hedge.MinDelay(0), hedge.MaxDelay(1)},
		{hedge.Percentile(1 - 1e-6), hedge.MinSamples(math.MaxInt), hedge.MinDelay(math.MaxInt64), hedge.MaxDelay(math.MaxInt64)},
		{hedge.After(math.MaxInt64), hedge.Window(time.Hour)},
		{hedge.Window(time.Second)},
		{hedge.On(fault.ClassOverload, fault.ClassOverload, fault.ClassTransient)},
	} {
		require.NoError(t, hedge.Validate(options...))
		assert.NotPanics(t, func() { hedge.New(options...) })
	}
}

// The line for Pipeline.String.
func TestString(t *testing.T) {
	for _, row := range []struct {
		options []hedge.Option
		want    string
	}{
		{nil, "1 extra copy after the p95 of the last 30s, at least 1ms, at once on transient, timeout"},
		{[]hedge.Option{hedge.After(0)}, "1 extra copy after 0s, at once on transient, timeout"},
		{
			[]hedge.Option{hedge.Extra(2), hedge.Percentile(0.999), hedge.Window(time.Minute), hedge.MinDelay(0), hedge.MaxDelay(time.Second)},
			"2 extra copies after the p99.9 of the last 1m0s, at most 1s, at once on transient, timeout",
		},
		{
			[]hedge.Option{hedge.MaxDelay(time.Microsecond)},
			"1 extra copy after the p95 of the last 30s, at least 1µs, at most 1µs, at once on transient, timeout",
		},
		{[]hedge.Option{hedge.After(time.Second), hedge.On(fault.ClassRejected)}, "1 extra copy after 1s, at once on rejected"},
		{[]hedge.Option{hedge.Extra(0)}, "no extra copies, observes only"},
	} {
		assert.Equal(t, row.want, hedge.New(row.options...).String())
	}
	assert.Equal(t, "hedge", hedge.New().Name())
	assert.Equal(t, "reads", hedge.New(hedge.Name("reads")).Name())
	b := budget.New()
	assert.Same(t, b, hedge.New(hedge.Budget(b)).Budget())
	assert.Nil(t, hedge.New().Budget())
}

// Options are values: one list can make any number of policies, which have nothing in common afterwards.
func TestOptionsCanBeUsedTwice(t *testing.T) {
	options := []hedge.Option{hedge.After(time.Second), hedge.Extra(2)}
	one := hedge.New(options...)
	other := hedge.New(append(options, hedge.Extra(3))...)
	answers(one, 1, time.Second)
	one.Launch(1, noDeadline)
	assert.EqualValues(t, 1, one.Snapshot().Samples)
	assert.Zero(t, other.Snapshot().Samples)
	assert.Zero(t, other.Snapshot().Launched)
	_, more := one.Delay(3)
	assert.False(t, more)
	_, more = other.Delay(3)
	assert.True(t, more)
}
