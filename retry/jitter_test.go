package retry_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

const (
	draws = 20_000
	bins  = 10
)

// assertSpread draws waits and checks that they lie between low and high, reach close to both, and are as many in each tenth of
// the way: 2,000 of 20,000, give or take 300, which is seven standard deviations and so does not happen.
func assertSpread(t *testing.T, low, high time.Duration, draw func() time.Duration) {
	t.Helper()
	var counts [bins]int
	for range draws {
		wait := draw()
		if wait < low || wait > high {
			require.Failf(t, "out of bounds", "%v is not from %v to %v", wait, low, high)
		}
		counts[min(bins-1, int(float64(wait-low)/float64(high-low)*bins))]++
	}
	for i, n := range counts {
		assert.InDelta(t, draws/bins, n, 300, "tenth %d of %v", i+1, counts)
	}
}

// Each jitter draws evenly from its share of what the schedule says, and after the limit: of two calls that have both reached it, one
// waits as much longer than the other as of two that have not.
func TestJitters(t *testing.T) {
	const base, limit = 100 * time.Millisecond, time.Second
	for _, row := range []struct {
		name      string
		option    retry.Option
		low, high float64
	}{
		{"full, unless set", retry.Attempts(100), 0, 1},
		{"full", retry.FullJitter(), 0, 1},
		{"equal", retry.EqualJitter(), 0.5, 1},
		{"proportional", retry.ProportionalJitter(0.2), 0.8, 1.2},
		{"proportional, to the double", retry.ProportionalJitter(1), 0, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := retry.New(retry.Attempts(100), retry.Exponential(base, 2, limit), row.option)
			for attempt, plain := range map[int]time.Duration{1: base, 2: 2 * base, 50: limit} {
				of := func(share float64) time.Duration { return time.Duration(math.Round(share * float64(plain))) }
				assertSpread(t, of(row.low), of(row.high), func() time.Duration {
					wait, stop := next(p, attempt, errDown)
					require.NoError(t, stop)
					return wait
				})
			}
		})
	}
}

// Whichever comes first, the schedule or the jitter, the jitter stands.
func TestTheOrderOfJitterAndScheduleIsTheSame(t *testing.T) {
	own := retry.Schedule(func(int) time.Duration { return time.Second })
	for name, options := range map[string][]retry.Option{
		"schedule first":                  {own, retry.EqualJitter()},
		"jitter first":                    {retry.EqualJitter(), own},
		"another schedule between":        {retry.EqualJitter(), retry.Constant(time.Hour), own},
		"another jitter before":           {retry.NoJitter(), own, retry.EqualJitter()},
		"constant":                        {retry.EqualJitter(), retry.Constant(time.Second)},
		"one's own, then one of this one": {own, retry.Constant(time.Second), retry.EqualJitter()},
	} {
		t.Run(name, func(t *testing.T) {
			p := retry.New(options...)
			assertSpread(t, time.Second/2, time.Second, func() time.Duration {
				wait, _ := next(p, 1, errDown)
				return wait
			})
		})
	}
	t.Run("one's own, and none asked for, then ours", func(t *testing.T) {
		p := retry.New(own, retry.Constant(time.Second))
		assertSpread(t, 0, time.Second, func() time.Duration {
			wait, _ := next(p, 1, errDown)
			return wait
		})
	})
}

// The longest waits there are neither overflow nor collapse.
func TestJitterOfTheLongestWaits(t *testing.T) {
	const longest = time.Duration(math.MaxInt64)
	for name, option := range map[string]retry.Option{
		"full": retry.FullJitter(), "equal": retry.EqualJitter(), "none": retry.NoJitter(),
		"a little": retry.ProportionalJitter(1e-6), "double": retry.ProportionalJitter(1),
	} {
		for _, plain := range []time.Duration{longest, longest - 1, longest/2 + 1, longest / 2, 1, 0} {
			p := retry.New(retry.Constant(plain), option)
			highest := time.Duration(0)
			for range 1000 {
				wait, stop := next(p, 1, errDown)
				if stop != nil { // the longest wait is as long as no deadline is far
					require.Same(t, retry.ErrDeadline, stop, name)
					wait = longest
				}
				require.GreaterOrEqual(t, wait, time.Duration(0), "%s of %v", name, plain)
				highest = max(highest, wait)
			}
			require.GreaterOrEqual(t, highest, plain/10*9, "%s of %v", name, plain)
		}
	}
}

// The shortest wait there is can be drawn, and so can none.
func TestJitterOfTheShortestWait(t *testing.T) {
	p := retry.New(retry.Constant(1))
	seen := map[time.Duration]int{}
	for range 1000 {
		wait, stop := next(p, 1, errDown)
		require.NoError(t, stop)
		seen[wait]++
	}
	assert.Len(t, seen, 2)
	assert.InDelta(t, 500, seen[0], 200)
}

// Decorrelated draws from the base to three times the last wait, or to the limit; once it has reached that, it stays spread.
func TestDecorrelated(t *testing.T) {
	const base, limit = 100 * time.Millisecond, 2 * time.Second
	p := retry.New(retry.UnlimitedAttempts(), retry.Decorrelated(base, limit))

	t.Run("the first", func(t *testing.T) {
		assertSpread(t, base, 3*base, func() time.Duration {
			wait, _ := next(p, 1, errDown)
			return wait
		})
	})
	t.Run("each after another", func(t *testing.T) {
		book := p.Start()
		previous, highest := base, time.Duration(0)
		for attempt := 1; attempt <= draws; attempt++ {
			wait, stop := p.Next(book, attempt, errDown, noDeadline)
			require.NoError(t, stop)
			require.GreaterOrEqual(t, wait, base)
			require.LessOrEqual(t, wait, min(3*previous, limit))
			previous, highest = wait, max(highest, wait)
		}
		assert.Greater(t, highest, limit*9/10)
	})
	t.Run("each call has its own", func(t *testing.T) {
		one, other := p.Start(), p.Start()
		for range 100 {
			_, _ = p.Next(one, 1, errDown, noDeadline)
		}
		wait, stop := p.Next(other, 1, errDown, noDeadline)
		require.NoError(t, stop)
		assert.LessOrEqual(t, wait, 3*base)
	})
	t.Run("overloaded, beyond the limit", func(t *testing.T) {
		slow := retry.New(retry.Decorrelated(base, limit), retry.OverloadBase(time.Minute))
		wait, stop := next(slow, 1, fault.Overload(errDown, 0))
		require.NoError(t, stop)
		assert.Equal(t, time.Minute, wait, "a base above the limit is the wait")
	})
	t.Run("nowhere to go", func(t *testing.T) {
		wait, stop := next(retry.New(retry.Decorrelated(base, base)), 1, errDown)
		require.NoError(t, stop)
		assert.Equal(t, base, wait)
	})
	t.Run("as long as there is", func(t *testing.T) {
		longest := retry.New(retry.UnlimitedAttempts(), retry.Decorrelated(math.MaxInt64/4, math.MaxInt64))
		book := longest.Start()
		for attempt := range 1000 {
			wait, stop := longest.Next(book, attempt+1, errDown, noDeadline)
			require.NoError(t, stop)
			require.GreaterOrEqual(t, wait, time.Duration(math.MaxInt64/4))
		}
	})
}
