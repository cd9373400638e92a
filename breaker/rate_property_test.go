package breaker_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/breaker"
)

// Whatever k of n is asked for, k of n reach it and k-1 of n do not, though rates are kept in millionths.
func TestAnyFractionIsReachedByItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 2000).Draw(t, "n")
		k := rapid.IntRange(1, n).Draw(t, "k")
		isReachedByItself(t, k, n)
	})
}

// Where k of n are less than a thousandth of a millionth below the next millionth, they were not enough.
func TestRegressionAFractionNextToAMillionthIsReached(t *testing.T) {
	isReachedByItself(t, 1655, 1657)
	isReachedByItself(t, 1000, 1001)
}

func isReachedByItself(t tester, k, n int) {
	t.Helper()
	b := breaker.New(breaker.FailureRate(float64(k)/float64(n)), breaker.MinCalls(n), breaker.ConsecutiveFailures(0))
	calls(t, b, n-k, nil)
	calls(t, b, k, errDown)
	require.Equal(t, breaker.Open, b.State(), "k of n")

	b.Reset()
	calls(t, b, n-k+1, nil)
	calls(t, b, k-1, errDown)
	require.Equal(t, breaker.Closed, b.State(), "one fewer")
}

// The same of probes: as many as their rate says must fail, and one fewer lets the breaker close, in whatever order they report.
func TestAnyFractionOfProbes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		k := rapid.IntRange(1, n).Draw(t, "k")
		for failing, want := range map[int]breaker.State{k: breaker.Open, k - 1: breaker.Closed} {
			b := breaker.New(breaker.OpenTime(1), breaker.OpenTimeGrowth(1e9, 1e12), breaker.OpenTimeJitter(0), breaker.ConsecutiveFailures(1),
				breaker.Probes(n), breaker.ProbeFailureRate(float64(k)/float64(n)), breaker.ProbeLease(0))
			call(t, b, errDown)
			reports := make([]error, n)
			for i := range failing {
				reports[i] = errDown
			}
			for i, report := range rapid.Permutation(reports).Draw(t, "reports") {
				if i > 0 && b.State() != breaker.HalfOpen {
					break // decided
				}
				call(t, b, report)
			}
			require.Equal(t, want, b.State(), "%d of %d failed", failing, n)
		}
	})
}
