package budget_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
)

// Nonsense is refused where the budget is made, with the option, the value and what is allowed.
func TestNonsense(t *testing.T) {
	const (
		share  = "must be 0, or from 1e-06 to 10 extra attempts for each first one"
		floor  = "must be 0, or from 1e-06 to 1000000 a second"
		window = "must be from 1s to 10m0s"
	)
	for _, row := range []struct {
		option budget.Option
		want   string
	}{
		{budget.Share(-0.2), "budget: Share(-0.2): " + share},
		{budget.Share(10.000001), "budget: Share(10.000001): " + share},
		{budget.Share(9e-7), "budget: Share(9e-07): " + share},
		{budget.Share(math.NaN()), "budget: Share(NaN): " + share},
		{budget.Share(math.Inf(1)), "budget: Share(+Inf): " + share},
		{budget.Share(math.Inf(-1)), "budget: Share(-Inf): " + share},
		{budget.Floor(-1), "budget: Floor(-1): " + floor},
		{budget.Floor(1000001), "budget: Floor(1.000001e+06): " + floor},
		{budget.Floor(1e-7), "budget: Floor(1e-07): " + floor},
		{budget.Floor(math.NaN()), "budget: Floor(NaN): " + floor},
		{budget.Floor(math.Inf(1)), "budget: Floor(+Inf): " + floor},
		{budget.Window(0), "budget: Window(0s): " + window},
		{budget.Window(-time.Second), "budget: Window(-1s): " + window},
		{budget.Window(999 * time.Millisecond), "budget: Window(999ms): " + window},
		{budget.Window(10*time.Minute + 1), "budget: Window(10m0.000000001s): " + window},
		{nil, "budget: option 1 is nil: leave it out instead"},
	} {
		t.Run(row.want, func(t *testing.T) {
			err := budget.Validate(row.option)
			require.EqualError(t, err, row.want)
			assert.PanicsWithError(t, row.want, func() { budget.New(row.option) })
		})
	}
}

// Everything that is wrong is said at once: whoever reads flags does not want to be told one by one.
func TestAllNonsenseAtOnce(t *testing.T) {
	err := budget.Validate(budget.Share(-1), budget.Floor(1), nil, budget.Window(0))
	require.EqualError(t, err, "budget: Share(-1): must be 0, or from 1e-06 to 10 extra attempts for each first one\n"+
		"budget: option 3 is nil: leave it out instead\n"+
		"budget: Window(0s): must be from 1s to 10m0s")
}

func TestSense(t *testing.T) {
	for _, options := range [][]budget.Option{
		nil,
		{budget.Share(0), budget.Floor(0)},
		{budget.Share(1e-6), budget.Floor(1e-6), budget.Window(time.Second)},
		{budget.Share(10), budget.Floor(1e6), budget.Window(10 * time.Minute)},
		{budget.Share(math.Copysign(0, -1))},
	} {
		require.NoError(t, budget.Validate(options...))
		assert.NotPanics(t, func() { budget.New(options...) })
	}
}
