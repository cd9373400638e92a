package hedge

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/fault"
)

var errUpdating = errors.New("any")

// anOption draws an option that Update takes, sense or nonsense.
func anOption(t *rapid.T) Option {
	duration := func() time.Duration {
		unit := rapid.SampledFrom([]time.Duration{time.Microsecond, time.Second}).Draw(t, "unit")
		return time.Duration(rapid.Int64Range(-1, 20).Draw(t, "duration")) * unit
	}
	switch rapid.IntRange(0, 10).Draw(t, "option") {
	case 0:
		return Extra(rapid.IntRange(-1, 11).Draw(t, "extra"))
	case 1:
		return Percentile(rapid.SampledFrom([]float64{0, 0.5, 0.95, 0.99, 0.999}).Draw(t, "percentile"))
	case 2:
		return After(duration())
	case 3:
		return MinSamples(rapid.IntRange(0, 1000).Draw(t, "samples"))
	case 4:
		return MinDelay(duration())
	case 5, 6:
		return MaxDelay(duration())
	case 7:
		return NoMaxDelay()
	case 8:
		return Window(duration())
	case 9:
		return On(rapid.SampledFrom([]fault.Class{fault.ClassTransient, fault.ClassOverload, fault.ClassSuccess}).Draw(t, "class"))
	default:
		class := rapid.SampledFrom([]fault.Class{fault.ClassPermanent, fault.ClassTransient}).Draw(t, "class")
		return Classify(func(error) fault.Class { return class })
	}
}

// what returns what settings are, so that they can be compared.
func what(c config) string {
	class := c.classify.Of(errUpdating)
	c.classify = nil
	return fmt.Sprintf("%+v, %v", c, class)
}

// Whatever sequence of updates, some of them nonsense, comes to what New makes of all the options that were taken, in their order; and an
// update is refused where New refuses the same, in the same words, and then changes nothing.
func TestUpdateIsNewOfAllOptions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := rapid.SliceOfN(rapid.Custom(anOption), 0, 5)
		var taken []Option
		for _, option := range options.Draw(t, "new") {
			if Validate(append(taken, option)...) == nil {
				taken = append(taken, option)
			}
		}
		p := New(taken...)
		for range rapid.IntRange(1, 5).Draw(t, "updates") {
			next := options.Draw(t, "update")
			whole := slices.Concat(taken, next)
			before, want := p.memory.current.Load(), Validate(whole...)
			if err := p.Update(next...); want != nil {
				require.EqualError(t, err, want.Error())
				require.Same(t, before, p.memory.current.Load())
			} else {
				require.NoError(t, err)
				taken = whole
			}
			fresh := New(taken...)
			require.Equal(t, what(fresh.memory.current.Load().config), what(p.memory.current.Load().config))
			require.Equal(t, fresh.memory.window, p.memory.window, "empty, and as long")
			require.Equal(t, fresh.String(), p.String())
		}
	})
}
