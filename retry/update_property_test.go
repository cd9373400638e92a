package retry_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// drawTunable draws an option that Update takes.
func drawTunable(t *rapid.T) retry.Option {
	wait := func() time.Duration { return time.Duration(rapid.IntRange(1, 5000).Draw(t, "ms")) * ms }
	base := wait()
	switch rapid.IntRange(0, 17).Draw(t, "option") {
	case 0:
		return retry.Attempts(rapid.IntRange(1, 6).Draw(t, "attempts"))
	case 1:
		return retry.UnlimitedAttempts()
	case 2:
		return retry.Elapsed(base)
	case 3:
		return retry.NoElapsed()
	case 4:
		return retry.MaxHint(base)
	case 5:
		return retry.On(rapid.SliceOfN(rapid.SampledFrom([]fault.Class{
			fault.ClassTransient, fault.ClassPermanent, fault.ClassOverload, fault.ClassRejected,
		}), 1, 3).Draw(t, "on")...)
	case 6:
		class := rapid.SampledFrom([]fault.Class{fault.ClassTransient, fault.ClassOverload, fault.ClassPermanent}).Draw(t, "class")
		return says(class)
	case 7:
		return retry.Exponential(base, rapid.Float64Range(1, 4).Draw(t, "factor"), base+wait())
	case 8:
		return retry.Constant(base)
	case 9:
		return retry.Linear(base, wait(), base+wait())
	case 10:
		return retry.Decorrelated(base, base+wait())
	case 11:
		return retry.Schedule(func(n int) time.Duration { return time.Duration(n) * base })
	case 12:
		return retry.FromBackOff(func() *steps { return &steps{step: base} })
	case 13:
		return retry.OverloadBase(base)
	case 14:
		return rapid.SampledFrom([]retry.Option{retry.FullJitter(), retry.EqualJitter(), retry.NoJitter()}).Draw(t, "jitter")
	case 15:
		return retry.ProportionalJitter(rapid.Float64Range(0.1, 1).Draw(t, "share"))
	case 16:
		return retry.Name("again")
	default:
		return retry.Classify(fault.Of)
	}
}

// An Update is as if New had been given its options too, after all that came before; one that is refused is as if it had not been. Whatever
// can be asked of the one and of the other has the same answer, to the draw.
func TestUpdateIsNewWithMoreOptions(t *testing.T) {
	nonsense := []retry.Option{
		nil, retry.Attempts(0), retry.Elapsed(-1), retry.MaxHint(-1), retry.On(), retry.Constant(-1), retry.Linear(0, 0, 0), retry.OverloadBase(-1),
		retry.Exponential(time.Second, 0.5, time.Hour), retry.ProportionalJitter(2), retry.Schedule(nil), retry.OnRetry(nil), retry.Name(""),
	}
	errs := []error{errDown, fault.Overload(errDown, 0), fault.Overload(errDown, time.Second), fault.Permanent(errDown), pushed{time.Second}}
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) { // for Elapsed
			options := rapid.SliceOfN(rapid.Custom(drawTunable), 0, 4)
			b, shared := budget.Unlimited(), rapid.Bool().Draw(t, "by a copy")
			all := append([]retry.Option{retry.Name("again"), retry.Budget(b)}, options.Draw(t, "made with")...)
			p := retry.New(all...)
			tuned := p
			if shared {
				tuned = p.WithBudget(budget.None()).(*retry.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
			}
			seed := rapid.Uint64().Draw(t, "seed")
			tuned.DrawFrom(rand.NewPCG(seed, 0))
			for range rapid.IntRange(1, 4).Draw(t, "updates") {
				more := options.Draw(t, "updated by")
				if rapid.IntRange(0, 2).Draw(t, "nonsense") == 0 {
					more = append(append(more, rapid.SampledFrom(nonsense).Draw(t, "which")), options.Draw(t, "and")...)
					want := retry.Validate(more...)
					require.Error(t, want)
					assert.EqualError(t, tuned.Update(more...), want.Error())
				} else {
					require.NoError(t, tuned.Update(more...))
					all = append(all, more...)
				}
			}

			want := retry.New(all...)
			want.DrawFrom(rand.NewPCG(seed, 0))
			assert.Equal(t, want.String(), p.String())
			assert.Equal(t, want.Name(), p.Name())
			assert.Equal(t, worstOf(want), worstOf(p))
			assert.Same(t, b, p.Budget())
			for _, err := range errs {
				wanted, got := want.Start(), p.Start()
				for attempt := 1; attempt <= 6; attempt++ {
					wantWait, wantStop := want.Next(wanted, attempt, err, math.MaxInt64)
					wait, stop := p.Next(got, attempt, err, math.MaxInt64)
					require.Equal(t, wantWait, wait)
					require.Equal(t, wantStop, stop)
				}
			}
		})
	})
}

func worstOf(p *retry.Policy) [4]any {
	attempts, backoff, waits, within := p.Worst()
	return [4]any{attempts, backoff, waits, within}
}
