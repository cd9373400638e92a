package retry_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// Nonsense is refused where the policy is made, with the option, the value and what is allowed.
func TestNonsense(t *testing.T) {
	const (
		factor  = "must be given a factor of at least 1"
		rising  = "must be given a base above zero and a limit that is not below it"
		share   = "must be a share of the whole, from 1e-06 to 1 (0.5 is half)"
		classes = "permanent, ignored, transient, timeout, overload, rejected"
	)
	for _, row := range []struct {
		option retry.Option
		want   string
	}{
		{retry.Name(""), `retry: Name(""): must be a name`},
		{retry.Attempts(0), "retry: Attempts(0): must be at least 1"},
		{retry.Attempts(-3), "retry: Attempts(-3): must be at least 1"},
		{retry.Elapsed(0), "retry: Elapsed(0s): must be above zero"},
		{retry.Elapsed(-time.Second), "retry: Elapsed(-1s): must be above zero"},
		{retry.MaxHint(-1), "retry: MaxHint(-1ns): must be zero or above"},
		{retry.Budget(nil), "retry: Budget(nil): must be a budget: budget.New(), budget.Unlimited(), budget.None()"},
		{retry.On(), "retry: On(): must be given at least one of: " + classes},
		{retry.On(fault.ClassTransient, fault.ClassCanceled), "retry: On(canceled): must be one of: " + classes},
		{retry.On(fault.ClassSuccess), "retry: On(success): must be one of: " + classes},
		{retry.On(fault.ClassAborted), "retry: On(panic): must be one of: " + classes},
		{retry.On(fault.ClassExited), "retry: On(exited): must be one of: " + classes},
		{retry.On(fault.ClassSuperseded), "retry: On(superseded): must be one of: " + classes},
		{retry.On(fault.Class(16)), "retry: On(unknown): must be one of: " + classes}, // one more than a set has bits
		{retry.On(fault.Class(255)), "retry: On(unknown): must be one of: " + classes},
		{retry.Classify(nil), "retry: Classify(nil): must be a function from an error to its class"},
		{retry.OnRetry(nil), "retry: OnRetry(nil): must be a function"},

		{retry.Exponential(time.Second, 0.99, time.Minute), "retry: Exponential(1s, 0.99, 1m0s): " + factor},
		{retry.Exponential(time.Second, -2, time.Minute), "retry: Exponential(1s, -2, 1m0s): " + factor},
		{retry.Exponential(time.Second, math.NaN(), time.Minute), "retry: Exponential(1s, NaN, 1m0s): " + factor},
		{retry.Exponential(time.Second, math.Inf(1), time.Minute), "retry: Exponential(1s, +Inf, 1m0s): " + factor},
		{retry.Exponential(0, 2, time.Minute), "retry: Exponential(0s, 2, 1m0s): " + rising},
		{retry.Exponential(-1, 2, time.Minute), "retry: Exponential(-1ns, 2, 1m0s): " + rising},
		{retry.Exponential(time.Second, 2, time.Second-1), "retry: Exponential(1s, 2, 999.999999ms): " + rising},
		{retry.Constant(-1), "retry: Constant(-1ns): must be zero or above"},
		{retry.Linear(0, 1, 2), "retry: Linear(0s, 1ns, 2ns): " + rising},
		{retry.Linear(2, 1, 1), "retry: Linear(2ns, 1ns, 1ns): " + rising},
		{retry.Linear(1, -1, 2), "retry: Linear(1ns, -1ns, 2ns): must be given a step of zero or above"},
		{retry.Decorrelated(0, time.Second), "retry: Decorrelated(0s, 1s): " + rising},
		{retry.Decorrelated(time.Second, 1), "retry: Decorrelated(1s, 1ns): " + rising},
		{retry.Schedule(nil), "retry: Schedule(nil): must be a function from the repeat's number to the wait before it"},
		{retry.FromBackOff[retry.BackOff](nil), "retry: FromBackOff(nil): must be a function that returns a new BackOff"},
		{retry.OverloadBase(-1), "retry: OverloadBase(-1ns): must be zero or above"},

		{retry.ProportionalJitter(0), "retry: ProportionalJitter(0): " + share},
		{retry.ProportionalJitter(1.01), "retry: ProportionalJitter(1.01): " + share},
		{retry.ProportionalJitter(-0.1), "retry: ProportionalJitter(-0.1): " + share},
		{retry.ProportionalJitter(math.NaN()), "retry: ProportionalJitter(NaN): " + share},
		{nil, "retry: option 1 is nil: leave it out instead"},
	} {
		t.Run(row.want, func(t *testing.T) {
			require.EqualError(t, retry.Validate(row.option), row.want)
			assert.PanicsWithError(t, row.want, func() { retry.New(row.option) })
		})
	}
}

// Everything that is wrong is said at once, and what is right beside it does not make it right.
func TestAllNonsenseAtOnce(t *testing.T) {
	err := retry.Validate(retry.Attempts(0), retry.Name("inventory"), nil, retry.Constant(-1), retry.Attempts(3))
	require.EqualError(t, err, "retry: Attempts(0): must be at least 1\n"+
		"retry: option 3 is nil: leave it out instead\n"+
		"retry: Constant(-1ns): must be zero or above")
	assert.PanicsWithError(t, err.Error(), func() {
		retry.New(retry.Attempts(0), retry.Name("inventory"), nil, retry.Constant(-1), retry.Attempts(3))
	})
}

func TestSense(t *testing.T) {
	for _, options := range [][]retry.Option{
		nil,
		{retry.Attempts(1)},
		{retry.UnlimitedAttempts(), retry.Elapsed(1), retry.MaxHint(0), retry.Budget(budget.None())},
		{retry.Exponential(1, 1, 1), retry.OverloadBase(0), retry.ProportionalJitter(1e-6)},
		{retry.Exponential(1, math.MaxFloat64, math.MaxInt64), retry.ProportionalJitter(1)},
		{retry.Constant(math.MaxInt64)},
		{retry.Linear(1, math.MaxInt64, math.MaxInt64)},
		{retry.Decorrelated(1, 1)},
		{retry.On(fault.ClassPermanent, fault.ClassPermanent)},
	} {
		require.NoError(t, retry.Validate(options...))
		assert.NotPanics(t, func() { retry.New(options...) })
	}
}

// Options are values: one list can make any number of policies, which have nothing in common afterwards.
func TestOptionsCanBeUsedTwice(t *testing.T) {
	options := []retry.Option{retry.Attempts(2), retry.Constant(time.Second)}
	one := retry.New(options...)
	other := retry.New(append(options, retry.Attempts(5), retry.NoJitter())...)
	assert.Equal(t, "2 attempts, full jitter under 1s, on transient, timeout, overload", one.String())
	assert.Equal(t, "5 attempts, no jitter under 1s, on transient, timeout, overload", other.String())
}
