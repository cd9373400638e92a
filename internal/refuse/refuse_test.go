package refuse_test

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/internal/refuse"
)

// All refusals read alike: package, option, value, what is allowed.
func TestRefusals(t *testing.T) {
	const share = "must be a share of the whole, from 1e-06 to 1 (0.5 is half)"
	for _, row := range []struct {
		err  error
		want string // empty: it is fine
	}{
		{refuse.Value("retry", "Attempts", 0, "at least 1"), "retry: Attempts(0): must be at least 1"},
		{refuse.AtLeast("retry", "Attempts", 0, 1), "retry: Attempts(0): must be at least 1"},
		{refuse.AtLeast("retry", "Attempts", -3, 1), "retry: Attempts(-3): must be at least 1"},
		{refuse.AtLeast("retry", "Attempts", 1, 1), ""},
		{refuse.Positive("timeout", "New", 0), "timeout: New(0s): must be above zero"},
		{refuse.Positive("timeout", "New", math.MinInt64), "timeout: New(-2562047h47m16.854775808s): must be above zero"},
		{refuse.Positive("timeout", "New", time.Nanosecond), ""},
		{refuse.Ratio("breaker", "FailureRate", 0), "breaker: FailureRate(0): " + share},
		{refuse.Ratio("breaker", "FailureRate", 9.99e-7), "breaker: FailureRate(9.99e-07): " + share},
		{refuse.Ratio("breaker", "FailureRate", 1+1e-9), "breaker: FailureRate(1.000000001): " + share},
		{refuse.Ratio("breaker", "FailureRate", 50), "breaker: FailureRate(50): " + share},
		{refuse.Ratio("breaker", "FailureRate", -0.5), "breaker: FailureRate(-0.5): " + share},
		{refuse.Ratio("breaker", "FailureRate", math.NaN()), "breaker: FailureRate(NaN): " + share},
		{refuse.Ratio("breaker", "FailureRate", math.Inf(1)), "breaker: FailureRate(+Inf): " + share},
		{refuse.Ratio("breaker", "FailureRate", 1e-6), ""},
		{refuse.Ratio("breaker", "FailureRate", 0.5), ""},
		{refuse.Ratio("breaker", "FailureRate", 1), ""},
	} {
		if row.want == "" {
			require.NoError(t, row.err)
		} else {
			require.EqualError(t, row.err, row.want)
		}
	}
}

// Every share that can be written in millionths is kept as exactly that many, whichever way binary rounds it.
func TestPartsAreExact(t *testing.T) {
	for millionths := range uint64(1_000_001) {
		if got := refuse.Parts(float64(millionths) / 1e6); got != millionths {
			require.Equal(t, millionths, got)
		}
	}
	assert.Equal(t, uint64(10_000_000), refuse.Parts(10))
	assert.Equal(t, uint64(1_000_000_000_000), refuse.Parts(1e6))
	assert.Equal(t, uint64(333_333), refuse.Parts(1.0/3))
	assert.Equal(t, uint64(666_667), refuse.Parts(2.0/3))
	assert.Equal(t, uint64(300_000), refuse.Parts(0.1+0.2))
}

// As a threshold a share is rounded down: otherwise two of three would be below two thirds. What can be written in millionths is exact
// all the same.
func TestPartsBelow(t *testing.T) {
	for millionths := range uint64(1_000_001) {
		if got := refuse.PartsBelow(float64(millionths) / 1e6); got != millionths {
			require.Equal(t, millionths, got)
		}
	}
	check := func(part, whole uint64) {
		threshold := refuse.PartsBelow(float64(part) / float64(whole))
		if part*1_000_000 < threshold*whole {
			require.Failf(t, "not reached", "%d of %d are below %d millionths", part, whole, threshold)
		}
		if (part-1)*1_000_000 >= threshold*whole {
			require.Failf(t, "reached by fewer", "%d of %d are not below %d millionths", part-1, whole, threshold)
		}
	}
	for whole := uint64(1); whole <= 1100; whole++ {
		for part := uint64(1); part <= whole; part++ {
			check(part, whole)
		}
	}
	// Of larger ones those whose share is a hair above or below a millionth: by one part of that whole.
	for whole := int64(1_000_000); whole > 1100; whole-- {
		if above := new(big.Int).ModInverse(big.NewInt(1_000_000), big.NewInt(whole)); above != nil {
			check(above.Uint64(), uint64(whole))
			check(uint64(whole)-above.Uint64(), uint64(whole))
		}
	}
	assert.Equal(t, uint64(666_666), refuse.PartsBelow(2.0/3))
	assert.Equal(t, uint64(300_000), refuse.PartsBelow(0.1+0.2))
}

// Apply runs every option, and returns everything that is wrong.
func TestApply(t *testing.T) {
	type config struct{ sum int }
	type option func(*config) error
	errOdd := errors.New("odd")
	add := func(n int) option {
		return func(c *config) error {
			if c.sum += n; n%2 == 1 {
				return errOdd
			}
			return nil
		}
	}
	var c config
	require.NoError(t, refuse.Apply("p", &c, []option{add(2), add(4)}))
	assert.Equal(t, config{6}, c)
	require.NoError(t, refuse.Apply[config, option]("p", &c, nil))

	err := refuse.Apply("p", &c, []option{add(1), nil, add(2), add(3), nil})
	assert.Equal(t, config{12}, c)
	require.ErrorIs(t, err, errOdd)
	require.EqualError(t, err, "odd\np: option 2 is nil: leave it out instead\nodd\np: option 5 is nil: leave it out instead")
}
