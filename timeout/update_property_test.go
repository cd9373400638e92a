package timeout_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// An Update is as if New had been given its options too, after all that came before; one that is refused is as if it had not been.
func TestUpdateIsNewWithMoreOptions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []timeout.Option
		option := func(kind string) timeout.Option {
			switch kind {
			case "after":
				return timeout.After(time.Duration(rapid.Int64Range(1, 1e12).Draw(t, "after")))
			case "classify":
				class := rapid.SampledFrom([]fault.Class{fault.ClassPermanent, fault.ClassTransient}).Draw(t, "class")
				return timeout.Classify(func(error) fault.Class { return class })
			case "detached":
				return timeout.Detached()
			case "name":
				return timeout.Name("total")
			case "nil":
				return nil
			default:
				return timeout.After(-time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "nonsense")))
			}
		}
		draw := func(kinds ...string) (list []timeout.Option) {
			for _, kind := range rapid.SliceOfN(rapid.SampledFrom(kinds), 0, 4).Draw(t, "options") {
				list = append(list, option(kind))
			}
			return list
		}
		all = append(append(all, timeout.Name("total")), draw("after", "classify", "detached")...)
		p := timeout.New(time.Second, all...)
		for range rapid.IntRange(1, 5).Draw(t, "updates") {
			more := draw("after", "classify", "name")
			if rapid.Bool().Draw(t, "nonsense") {
				more = append(more, option(rapid.SampledFrom([]string{"nil", "negative"}).Draw(t, "which")))
				more = append(more, draw("after", "classify")...)
				want := timeout.Validate(time.Second, more...)
				require.Error(t, want)
				assert.EqualError(t, p.Update(more...), want.Error())
			} else {
				require.NoError(t, p.Update(more...))
				all = append(all, more...)
			}
			want := timeout.New(time.Second, all...)
			assert.Equal(t, want.String(), p.String())
			assert.Equal(t, want.Name(), p.Name())
			assert.Equal(t, want.Detached(), p.Detached())
			assert.Equal(t, want.Worst(), p.Worst())
			assert.Equal(t, want.Exceeded(1, errDown), p.Exceeded(1, errDown))
		}
	})
}
