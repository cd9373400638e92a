package ratelimit_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/ratelimit"
)

// Nonsense is refused where it is written, with what is wrong and what is allowed.
func TestNonsense(t *testing.T) {
	const (
		limits = "must be given a limit of at least 1e-09 a second; rate.Inf is no limit"
		bursts = "must be given a burst of at least 1: a bucket that holds no token lets nothing through"
	)
	for _, row := range []struct {
		limit   rate.Limit
		burst   int
		options []ratelimit.Option
		want    string
	}{
		{0, 1, nil, "ratelimit: New(0, 1): " + limits},
		{-100, 1, nil, "ratelimit: New(-100, 1): " + limits},
		{rate.Limit(math.Nextafter(1e-9, 0)), 1, nil, "ratelimit: New(9.999999999999999e-10, 1): " + limits},
		{rate.Every(math.MaxInt64), 1, nil, "ratelimit: New(1.0842021724855043e-10, 1): " + limits},
		{rate.Limit(math.NaN()), 1, nil, "ratelimit: New(NaN, 1): " + limits},
		{rate.Limit(math.Inf(1)), 1, nil, "ratelimit: New(+Inf, 1): " + limits},
		{rate.Limit(math.Inf(-1)), 1, nil, "ratelimit: New(-Inf, 1): " + limits},
		{100, 0, nil, "ratelimit: New(100, 0): " + bursts},
		{100, -1, nil, "ratelimit: New(100, -1): " + bursts},
		{rate.Inf, 0, nil, "ratelimit: New(1.7976931348623157e+308, 0): " + bursts},
		{100, 1, []ratelimit.Option{ratelimit.Name("")}, `ratelimit: Name(""): must be a name`},
		{100, 1, []ratelimit.Option{ratelimit.Wait(0)}, "ratelimit: Wait(0s): must be above zero"},
		{100, 1, []ratelimit.Option{ratelimit.Wait(-time.Second)}, "ratelimit: Wait(-1s): must be above zero"},
		{100, 1, []ratelimit.Option{nil}, "ratelimit: option 1 is nil: leave it out instead"},
		{0, 0, []ratelimit.Option{ratelimit.Name("x"), nil, ratelimit.Wait(0)}, "ratelimit: New(0, 0): " + limits + "\n" +
			"ratelimit: New(0, 0): " + bursts + "\n" + "ratelimit: option 2 is nil: leave it out instead\n" +
			"ratelimit: Wait(0s): must be above zero"},
	} {
		t.Run(row.want, func(t *testing.T) {
			require.EqualError(t, ratelimit.Validate(row.limit, row.burst, row.options...), row.want)
			assert.PanicsWithError(t, row.want, func() { ratelimit.New(row.limit, row.burst, row.options...) })
		})
	}
}

func TestNonsenseOfFrom(t *testing.T) {
	assert.PanicsWithError(t, "ratelimit: From(nil): must be a *rate.Limiter", func() { ratelimit.From(nil) })
	assert.PanicsWithError(t, "ratelimit: Wait(0s): must be above zero\nratelimit: option 2 is nil: leave it out instead", func() {
		ratelimit.From(rate.NewLimiter(1, 1), ratelimit.Wait(0), nil)
	})
}

// The edges of what makes sense, and how it is told to whoever prints the pipeline.
func TestSense(t *testing.T) {
	for _, row := range []struct {
		limit   rate.Limit
		burst   int
		options []ratelimit.Option
		want    string
	}{
		{100, 10, nil, "100/s in bursts of 10"},
		{1, 1, nil, "1/s in bursts of 1"},
		{100.0 / 3, 1, nil, "33.333/s in bursts of 1"},
		{1e6, 1, nil, "1000000/s in bursts of 1"},
		{1e12, math.MaxInt32, nil, "1e+12/s in bursts of 2147483647"},
		{rate.Inf, 1, nil, "no limit"},
		{rate.Every(10 * ms), 1, nil, "100/s in bursts of 1"},
		{rate.Every(time.Minute), 2, nil, "1 in 1m0s in bursts of 2"},
		{0.3, 2, nil, "1 in 3.33s in bursts of 2"},
		{1e-9, 1, nil, "1 in 277777h46m40s in bursts of 1"},
		{5, 5, []ratelimit.Option{ratelimit.Wait(time.Second)}, "5/s in bursts of 5, waits up to 1s"},
		{5, 5, []ratelimit.Option{ratelimit.Wait(math.MaxInt64)}, "5/s in bursts of 5, waits up to 2562047h47m16.854775807s"},
	} {
		require.NoError(t, ratelimit.Validate(row.limit, row.burst, row.options...))
		l := ratelimit.New(row.limit, row.burst, row.options...)
		assert.Equal(t, row.want, l.String())
		assert.Equal(t, "ratelimit", l.Name())
		assert.Equal(t, row.want, ratelimit.From(rate.NewLimiter(row.limit, row.burst), row.options...).String())
	}
	assert.Equal(t, "quota", ratelimit.New(1, 1, ratelimit.Name("x"), ratelimit.Name("quota")).Name())
	assert.Equal(t, "quota", ratelimit.From(rate.NewLimiter(1, 1), ratelimit.Name("quota")).Name())
	assert.Equal(t, "0/s in bursts of 1", ratelimit.From(rate.NewLimiter(0, 1)).String())
	assert.Equal(t, "-0.5/s in bursts of 1", ratelimit.From(rate.NewLimiter(-0.5, 1)).String())
	assert.Equal(t, "1e-10/s in bursts of 1", ratelimit.From(rate.NewLimiter(1e-10, 1)).String())
}
