package retry_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// The dependency's word is a floor under the wait. It is heard of any error that is repeated, and not only of an overload.
func TestHints(t *testing.T) {
	const limit = math.MaxInt64
	for _, row := range []struct {
		name    string
		options []retry.Option
		err     error
		left    time.Duration
		want    time.Duration
		stop    error
	}{
		{"longer than the schedule's", nil, hinted{3 * time.Second}, limit, 3 * time.Second, nil},
		{"shorter than the schedule's", nil, hinted{time.Millisecond}, limit, 100 * ms, nil},
		{"none at all", nil, hinted{0}, limit, 100 * ms, nil},
		{"less than none", nil, hinted{-time.Hour}, limit, 100 * ms, nil},
		{"wrapped", nil, fmt.Errorf("get: %w", hinted{3 * time.Second}), limit, 3 * time.Second, nil},
		{"below the driver's mark", nil, fault.End(hinted{3 * time.Second}, fault.ClassTimeout), limit, 3 * time.Second, nil},
		{"of an overload: it takes the place of the base", nil, fault.Overload(errDown, 500*ms), limit, 500 * ms, nil},
		{"of an overload, longer", nil, fault.Overload(errDown, 3*time.Second), limit, 3 * time.Second, nil},
		{"above the schedule's limit", []retry.Option{retry.Exponential(ms, 2, 2*ms)}, hinted{time.Second}, limit, time.Second, nil},

		{"as long as is allowed", nil, hinted{30 * time.Second}, limit, 30 * time.Second, nil},
		{"longer than is allowed", nil, hinted{30*time.Second + 1}, limit, 0, retry.ErrHint},
		{"as long as there is", nil, hinted{math.MaxInt64}, limit, 0, retry.ErrHint},
		{"longer than one's own limit", []retry.Option{retry.MaxHint(time.Second)}, hinted{2 * time.Second}, limit, 0, retry.ErrHint},
		{"no limit to speak of", []retry.Option{retry.MaxHint(math.MaxInt64)}, hinted{math.MaxInt64 - 1}, limit, math.MaxInt64 - 1, nil},
		{"none is heard, and none came", []retry.Option{retry.MaxHint(0)}, errDown, limit, 100 * ms, nil},
		{"none is heard", []retry.Option{retry.MaxHint(0)}, hinted{1}, limit, 0, retry.ErrHint},

		{"beyond the deadline", nil, hinted{3 * time.Second}, 2 * time.Second, 0, retry.ErrDeadline},
		{"at the deadline", nil, hinted{3 * time.Second}, 3 * time.Second, 0, retry.ErrDeadline},
		{"just before the deadline", nil, hinted{3 * time.Second}, 3*time.Second + 1, 3 * time.Second, nil},
		{"too long, and beyond the deadline: the longer word is said", nil, hinted{time.Minute}, time.Second, 0, retry.ErrHint},
		{"of an answer: it is no question", nil, fault.Permanent(hinted{time.Second}), limit, 0, fault.ErrFinal},
		{"of the last attempt", []retry.Option{retry.Attempts(2)}, hinted{time.Second}, limit, 100 * ms, retry.ErrAttempts},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := budget.New()
			p := retry.New(append([]retry.Option{retry.NoJitter(), retry.Budget(b)}, row.options...)...)
			attempt := 1
			if errors.Is(row.stop, retry.ErrAttempts) {
				attempt, row.want = 2, 0
			}
			wait, stop := p.Next(p.Start(), attempt, row.err, row.left)
			assert.Equal(t, row.want, wait)
			if row.stop == nil {
				assert.NoError(t, stop)
				return
			}
			assert.Same(t, row.stop, stop)
			assert.Equal(t, budget.Snapshot{Balance: 10}, b.Snapshot(), "a refused retry costs nothing")
		})
	}
}

// Jitter comes on top of a hint, as much of it as the schedule would have had: those who got the same hint do not come back together,
// and nobody comes back before.
func TestJitterOnTopOfAHint(t *testing.T) {
	const hint = 10 * time.Second
	own := retry.Schedule(func(int) time.Duration { return time.Second })
	for _, row := range []struct {
		name    string
		options []retry.Option
		attempt int
		spread  time.Duration
	}{
		{"full", nil, 1, 100 * ms},
		{"full, later", nil, 3, 400 * ms},
		{"equal", []retry.Option{retry.EqualJitter()}, 3, 200 * ms},
		{"proportional", []retry.Option{retry.ProportionalJitter(0.1)}, 3, 80 * ms},
		{"constant", []retry.Option{retry.Constant(time.Second)}, 1, time.Second},
		{"one's own, jittered on request", []retry.Option{own, retry.FullJitter()}, 1, time.Second},
		{"decorrelated", []retry.Option{retry.Decorrelated(time.Second, time.Minute)}, 1, time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := retry.New(append([]retry.Option{retry.Attempts(10)}, row.options...)...)
			for _, err := range []error{hinted{hint}, fault.Overload(errDown, hint)} {
				assertSpread(t, hint, hint+row.spread, func() time.Duration {
					wait, stop := next(p, row.attempt, err)
					require.NoError(t, stop)
					return wait
				})
			}
		})
	}
}
