package safemode

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

// anAutomaticOption draws one, sense or nonsense.
func anAutomaticOption(t *rapid.T) AutomaticOption {
	number := func(low, high int) int { return rapid.IntRange(low, high).Draw(t, "number") }
	long := func(unit time.Duration) time.Duration { return time.Duration(number(-1, 20)) * unit }
	class := func() fault.Class {
		return rapid.SampledFrom([]fault.Class{fault.ClassTransient, fault.ClassPermanent, fault.ClassIgnored}).Draw(t, "class")
	}
	switch number(0, 13) {
	case 0:
		return Window(long(time.Second))
	case 1:
		return MinCalls(number(0, 5))
	case 2, 3:
		return FailureRate(float64(number(0, 10)) / 10)
	case 4:
		return Sustain(long(time.Second))
	case 5:
		return EngagedFor(long(time.Second))
	case 6:
		return EngagedGrowth(float64(number(0, 3)), long(time.Second))
	case 7:
		return EngagedJitter(float64(number(0, 10)) / 10)
	case 8:
		return Probes(number(0, 5))
	case 9:
		return ProbeLease(long(time.Second))
	case 10:
		return ReleaseRate(float64(number(0, 10)) / 20)
	case 11:
		return Steps(number(0, 20), number(0, 10))
	case 12:
		as := class()
		return Classify(func(error) fault.Class { return as })
	default:
		return CountAs(class(), class())
	}
}

// anOption draws an option that Update takes.
func anOption(t *rapid.T) Option {
	if rapid.IntRange(0, 4).Draw(t, "off") == 0 {
		return NoAutomatic()
	}
	return Automatic(rapid.SliceOfN(rapid.Custom(anAutomaticOption), 0, 3).Draw(t, "automatic")...)
}

// what returns what an automatic is, so that it can be compared.
func what(a *automatic) string {
	if a == nil {
		return "none"
	}
	c, class := *a, a.classify.Of(errors.ErrUnsupported)
	c.classify = nil
	return fmt.Sprintf("%+v, %v", c, class)
}

// Whatever sequence of updates, some of them nonsense, comes to what New makes of all the options that were taken, in their order; and an
// update is refused where New refuses the same, in the same words, and then changes nothing.
func TestUpdateIsNewOfAllOptions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := rapid.SliceOfN(rapid.Custom(anOption), 0, 4)
		var taken []Option
		for _, option := range options.Draw(t, "new") {
			if Validate(append(taken, option)...) == nil {
				taken = append(taken, option)
			}
		}
		m := New(taken...)
		for range rapid.IntRange(1, 5).Draw(t, "updates") {
			next := options.Draw(t, "update")
			whole := slices.Concat(taken, next)
			published := m.current.Load()
			words, want := what(published.auto), Validate(whole...)
			if err := m.Update(next...); want != nil {
				require.EqualError(t, err, want.Error())
				require.Same(t, published, m.current.Load())
			} else {
				require.NoError(t, err)
				taken = whole
				before, now := published.auto, m.current.Load()
				if before == now.auto {
					require.Same(t, published, now, "nothing has changed")
				} else if before != nil && now.auto != nil && before.window == now.auto.window {
					require.Same(t, published.heard, now.heard, "no end is lost on the way")
				}
			}
			require.Equal(t, words, what(published.auto), "what was published is not written to")
			fresh := New(taken...)
			require.Equal(t, what(fresh.automatic), what(m.automatic), "also what is kept for later")
			p, q := fresh.current.Load(), m.current.Load()
			require.Equal(t, what(p.auto), what(q.auto))
			require.Equal(t, p.tag != 0, q.tag != 0)
			require.Equal(t, p.heard, q.heard, "nothing, and as far back")
			require.Equal(t, fresh.String(), m.String())
		}
	})
}
