package retry_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// A retry that is given a source draws everything from it: the same source gives the same waits, whichever jitter it is.
func TestDrawFrom(t *testing.T) {
	for name, options := range map[string][]retry.Option{
		"full":         {},
		"equal":        {retry.EqualJitter()},
		"proportional": {retry.ProportionalJitter(0.5)},
		"linear":       {retry.Linear(time.Second, time.Second, time.Minute)},
		"decorrelated": {retry.Decorrelated(time.Second, time.Hour)},
		"own":          {retry.Schedule(func(int) time.Duration { return time.Second }), retry.FullJitter()},
	} {
		t.Run(name, func(t *testing.T) {
			waits := func(seed uint64, err error) (all []time.Duration) {
				p := retry.New(append(options, retry.UnlimitedAttempts(), retry.Budget(budget.Unlimited()))...)
				p.DrawFrom(rand.NewPCG(seed, 0))
				book := p.Start()
				for attempt := 1; attempt <= 20; attempt++ {
					wait, stop := p.Next(book, attempt, err, math.MaxInt64)
					require.NoError(t, stop)
					all = append(all, wait)
				}
				return all
			}
			for _, err := range []error{errors.New("down"), fault.Overload(errors.New("hinted"), time.Second)} {
				first := waits(1, err)
				assert.Equal(t, first, waits(1, err))
				assert.NotEqual(t, first, waits(2, err))
			}
		})
	}
}

// A copy for a pipeline draws from the same source.
func TestDrawFromGoesWithTheCopy(t *testing.T) {
	wait := func() time.Duration {
		p := retry.New()
		p.DrawFrom(rand.NewPCG(1, 0))
		other, ok := p.WithBudget(budget.Unlimited()).(*retry.Policy)
		require.True(t, ok)
		wait, err := other.Next(nil, 1, errors.New("down"), math.MaxInt64)
		require.NoError(t, err)
		return wait
	}
	first := wait()
	assert.Equal(t, first, wait())
}
