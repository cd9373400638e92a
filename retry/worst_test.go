package retry_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/retry"
)

// Decorrelated jitter is bounded by what the longest draw of each wait allows the next.
func TestWorstOfDecorrelated(t *testing.T) {
	decorrelated := retry.Decorrelated(10*time.Millisecond, 200*time.Millisecond)
	_, backoff, waits, _ := retry.New(retry.Attempts(6), decorrelated, retry.OverloadBase(0), retry.MaxHint(0)).Worst()
	assert.Equal(t, (30+90+200+200+200)*time.Millisecond, backoff)
	assert.Equal(t, backoff, waits)
	_, backoff, waits, _ = retry.New(retry.Attempts(3), decorrelated, retry.OverloadBase(50*time.Millisecond)).Worst()
	assert.Equal(t, (30+90)*time.Millisecond, backoff)
	assert.Equal(t, 2*(30*time.Second+10*time.Millisecond), waits)
	_, backoff, _, _ = retry.New(retry.Attempts(3), retry.Decorrelated(10*time.Millisecond, 90*time.Millisecond+2)).Worst()
	assert.Equal(t, 120*time.Millisecond+2, backoff, "to the limit, where a third of it is reached")
}

func TestWorst(t *testing.T) {
	const never = time.Duration(math.MaxInt64)
	for name, row := range map[string]struct {
		options  []retry.Option
		attempts int
		backoff  time.Duration
		waits    time.Duration
		within   time.Duration
	}{
		"defaults":     {nil, 3, 300 * time.Millisecond, 60300 * time.Millisecond, never},
		"no hints":     {[]retry.Option{retry.MaxHint(0)}, 3, 300 * time.Millisecond, 3 * time.Second, never},
		"one attempt":  {[]retry.Option{retry.Attempts(1)}, 1, 0, 0, never},
		"no end":       {[]retry.Option{retry.UnlimitedAttempts()}, math.MaxInt, never, never, never},
		"no waits":     {[]retry.Option{retry.UnlimitedAttempts(), retry.Constant(0), retry.MaxHint(0), retry.OverloadBase(0)}, math.MaxInt, 0, 0, never},
		"a time":       {[]retry.Option{retry.Elapsed(time.Minute)}, 3, 300 * time.Millisecond, 60300 * time.Millisecond, time.Minute},
		"of another's": {[]retry.Option{retry.Schedule(func(int) time.Duration { panic("asked") })}, 3, never, never, never},
		"years":        {[]retry.Option{retry.Attempts(1e6), retry.Constant(24 * time.Hour)}, 1e6, never, never, never},
	} {
		t.Run(name, func(t *testing.T) {
			attempts, backoff, waits, within := retry.New(row.options...).Worst()
			assert.Equal(t, row.attempts, attempts)
			assert.Equal(t, row.backoff, backoff)
			assert.Equal(t, row.waits, waits)
			assert.Equal(t, row.within, within)
		})
	}
}

// A schedule that hardly rises is not added up for hours.
func TestWorstOfVeryManyAttempts(t *testing.T) {
	_, backoff, _, _ := retry.New(retry.Attempts(math.MaxInt32), retry.Exponential(time.Second, 1+1e-15, time.Hour), retry.NoJitter()).Worst()
	assert.GreaterOrEqual(t, backoff, (math.MaxInt32-1)*time.Second)
	assert.Less(t, backoff, math.MaxInt32*time.Second+3*time.Hour)
}
