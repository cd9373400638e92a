package retry_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// A share of 0.07 was printed as 7.000000000000001 %, since 0.07 times 100 is that in binary.
func TestBugAJitterReadAsABinaryFraction(t *testing.T) {
	for share, want := range map[float64]string{
		0.07: "±7 % jitter", 0.29: "±29 % jitter", 0.2: "±20 % jitter", 0.005: "±0.5 % jitter", 1: "±100 % jitter",
	} {
		assert.Contains(t, retry.New(retry.ProportionalJitter(share)).String(), want)
	}
}

// Decorrelated "heeds no jitter option", but where the dependency was overloaded it did: with NoJitter each call waited exactly the
// overload's base, so that those who had failed together came back together.
func TestBugOverloadMadeDecorrelatedHeedTheJitter(t *testing.T) {
	p := retry.New(retry.Decorrelated(time.Millisecond, 20*time.Second), retry.NoJitter())
	overload := fault.Overload(errors.New("busy"), 0)
	seen := map[time.Duration]bool{}
	for range 50 {
		wait, stop := p.Next(p.Start(), 1, overload, math.MaxInt64)
		require.NoError(t, stop)
		assert.GreaterOrEqual(t, wait, time.Second, "the overload's base is what the wait begins with")
		assert.LessOrEqual(t, wait, 3*time.Second)
		seen[wait] = true
	}
	assert.Greater(t, len(seen), 40, "waits are spread")
}
