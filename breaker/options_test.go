package breaker_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

var (
	nan  = math.NaN()
	inf  = math.Inf(1)
	none = breaker.NoFailureRate()
)

// Nonsense is refused where it is written, with what is wrong and what is allowed.
func TestNonsense(t *testing.T) {
	const (
		rates      = "a share of the whole, from 1e-06 to 1 (0.5 is half)"
		twoClasses = "must be given two classes, the first not success"
	)
	for _, test := range []struct {
		option breaker.Option
		want   string
	}{
		{nil, "breaker: option 1 is nil: leave it out instead"},
		{breaker.Name(""), `breaker: Name(""): must be a name`},

		{breaker.Window(0), "breaker: Window(0s): must be from 1s to 1h0m0s"},
		{breaker.Window(-time.Second), "breaker: Window(-1s): must be from 1s to 1h0m0s"},
		{breaker.Window(time.Second - 1), "breaker: Window(999.999999ms): must be from 1s to 1h0m0s"},
		{breaker.Window(time.Hour + 1), "breaker: Window(1h0m0.000000001s): must be from 1s to 1h0m0s"},
		{breaker.Window(10), "breaker: Window(10ns): must be from 1s to 1h0m0s"}, // forgot the unit

		{breaker.CountWindow(0), "breaker: CountWindow(0): must be from 1 to 1048576"},
		{breaker.CountWindow(-1), "breaker: CountWindow(-1): must be from 1 to 1048576"},
		{breaker.CountWindow(1<<20 + 1), "breaker: CountWindow(1048577): must be from 1 to 1048576"},

		{breaker.MinCalls(0), "breaker: MinCalls(0): must be at least 1"},
		{breaker.MinCalls(-20), "breaker: MinCalls(-20): must be at least 1"},

		{breaker.FailureRate(0), "breaker: FailureRate(0): must be " + rates},
		{breaker.FailureRate(-0.5), "breaker: FailureRate(-0.5): must be " + rates},
		{breaker.FailureRate(50), "breaker: FailureRate(50): must be " + rates}, // percent
		{breaker.FailureRate(math.Nextafter(1, 2)), "breaker: FailureRate(1.0000000000000002): must be " + rates},
		{breaker.FailureRate(9e-7), "breaker: FailureRate(9e-07): must be " + rates},
		{breaker.FailureRate(nan), "breaker: FailureRate(NaN): must be " + rates},
		{breaker.FailureRate(inf), "breaker: FailureRate(+Inf): must be " + rates},
		{breaker.FailureRate(-inf), "breaker: FailureRate(-Inf): must be " + rates},

		{breaker.ConsecutiveFailures(-1), "breaker: ConsecutiveFailures(-1): must be at least 0"},

		{breaker.SlowCalls(0, 0.5), "breaker: SlowCalls(0s): must be above zero"},
		{breaker.SlowCalls(-time.Second, 0.5), "breaker: SlowCalls(-1s): must be above zero"},
		{breaker.SlowCalls(time.Second, 0), "breaker: SlowCalls(0): must be " + rates},
		{breaker.SlowCalls(time.Second, nan), "breaker: SlowCalls(NaN): must be " + rates},
		{breaker.SlowCalls(time.Second, inf), "breaker: SlowCalls(+Inf): must be " + rates},
		{breaker.SlowCalls(0, 2), "breaker: SlowCalls(0s): must be above zero\nbreaker: SlowCalls(2): must be " + rates},

		{breaker.OpenTime(0), "breaker: OpenTime(0s): must be above zero"},
		{breaker.OpenTime(-time.Second), "breaker: OpenTime(-1s): must be above zero"},

		{breaker.OpenTimeGrowth(0.5, time.Minute), "breaker: OpenTimeGrowth(0.5, 1m0s): must be given a factor of at least 1"},
		{breaker.OpenTimeGrowth(0, time.Minute), "breaker: OpenTimeGrowth(0, 1m0s): must be given a factor of at least 1"},
		{breaker.OpenTimeGrowth(-2, time.Minute), "breaker: OpenTimeGrowth(-2, 1m0s): must be given a factor of at least 1"},
		{breaker.OpenTimeGrowth(nan, time.Minute), "breaker: OpenTimeGrowth(NaN, 1m0s): must be given a factor of at least 1"},
		{breaker.OpenTimeGrowth(inf, time.Minute), "breaker: OpenTimeGrowth(+Inf, 1m0s): must be given a factor of at least 1"},
		{breaker.OpenTimeGrowth(2, 0), "breaker: OpenTimeGrowth(0s): must be above zero"},
		{breaker.OpenTimeGrowth(2, -1), "breaker: OpenTimeGrowth(-1ns): must be above zero"},
		{ // inverted
			breaker.OpenTimeGrowth(2, time.Second),
			"breaker: OpenTimeGrowth(2, 1s): must be given a limit that is not below the OpenTime of 5s",
		},

		{breaker.OpenTimeJitter(-0.1), "breaker: OpenTimeJitter(-0.1): must be 0, or a share below 1"},
		{breaker.OpenTimeJitter(1), "breaker: OpenTimeJitter(1): must be 0, or a share below 1"},
		{breaker.OpenTimeJitter(10), "breaker: OpenTimeJitter(10): must be 0, or a share below 1"},
		{breaker.OpenTimeJitter(nan), "breaker: OpenTimeJitter(NaN): must be 0, or a share below 1"},
		{breaker.OpenTimeJitter(inf), "breaker: OpenTimeJitter(+Inf): must be 0, or a share below 1"},

		{breaker.Probes(0), "breaker: Probes(0): must be from 1 to 1024"},
		{breaker.Probes(-5), "breaker: Probes(-5): must be from 1 to 1024"},
		{breaker.Probes(1025), "breaker: Probes(1025): must be from 1 to 1024"},

		{breaker.ProbeLease(-1), "breaker: ProbeLease(-1ns): must be zero or above"},

		{breaker.ProbeFailureRate(0), "breaker: ProbeFailureRate(0): must be " + rates},
		{breaker.ProbeFailureRate(1.5), "breaker: ProbeFailureRate(1.5): must be " + rates},
		{breaker.ProbeFailureRate(nan), "breaker: ProbeFailureRate(NaN): must be " + rates},
		{breaker.ProbeFailureRate(inf), "breaker: ProbeFailureRate(+Inf): must be " + rates},

		{breaker.MinPatience(0), "breaker: MinPatience(0s): must be above zero"},
		{breaker.MinPatience(-1), "breaker: MinPatience(-1ns): must be above zero"},
		{breaker.Ramp(0), "breaker: Ramp(0s): must be above zero"},
		{breaker.Ramp(-1), "breaker: Ramp(-1ns): must be above zero"},
		{breaker.Classify(nil), "breaker: Classify(nil): must be a function from an error to its class"},
		{breaker.CountAs(fault.ClassSuccess, fault.ClassTransient), "breaker: CountAs(success, transient): " + twoClasses},
		{breaker.CountAs(99, fault.ClassTransient), "breaker: CountAs(unknown, transient): " + twoClasses},
		{breaker.CountAs(fault.ClassTransient, 99), "breaker: CountAs(transient, unknown): " + twoClasses},
		{breaker.OnTransition(nil), "breaker: OnTransition(nil): must be a function"},
	} {
		t.Run(test.want, func(t *testing.T) {
			assert.EqualError(t, breaker.Validate(test.option), test.want)
			assert.PanicsWithError(t, test.want, func() { breaker.New(test.option) })
		})
	}
}

// Options that are fine one by one, and make no sense together.
func TestNonsenseTogether(t *testing.T) {
	for _, test := range []struct {
		name    string
		options []breaker.Option
		want    string
	}{
		{
			"more calls than the window holds", []breaker.Option{breaker.CountWindow(5), breaker.MinCalls(6)},
			"breaker: MinCalls(6): must be at most 5, the size of the CountWindow",
		},
		{
			"in whatever order", []breaker.Option{breaker.MinCalls(6), breaker.CountWindow(5)},
			"breaker: MinCalls(6): must be at most 5, the size of the CountWindow",
		},
		{
			"nothing that would open it", []breaker.Option{none, breaker.ConsecutiveFailures(0)},
			"breaker: nothing would open it: NoFailureRate needs ConsecutiveFailures above 0, or SlowCalls",
		},
		{
			"a limit below what it limits", []breaker.Option{breaker.OpenTime(time.Minute), breaker.OpenTimeGrowth(2, 30*time.Second)},
			"breaker: OpenTimeGrowth(2, 30s): must be given a limit that is not below the OpenTime of 1m0s",
		},
		{
			"all that is wrong is said at once", []breaker.Option{breaker.Probes(0), nil, breaker.Name("fine"), breaker.Ramp(-1)},
			"breaker: Probes(0): must be from 1 to 1024\nbreaker: option 2 is nil: leave it out instead\nbreaker: Ramp(-1ns): must be above zero",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.EqualError(t, breaker.Validate(test.options...), test.want)
			assert.PanicsWithError(t, test.want, func() { breaker.New(test.options...) })
		})
	}
}
