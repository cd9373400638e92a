package bulkhead_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/bulkhead"
)

// The textbooks know how many calls a bulkhead refuses: A. K. Erlang, 1917. A permit too many or too few, or one that is lost once in a
// while, would show here.

const second = 1.0 // the mean time of a call, and the unit of the tests' time

// services are ways in which the times of calls are distributed, all with the same mean. The formula holds for each.
var services = map[string]func(*rand.Rand) time.Duration{
	"exponential": func(dice *rand.Rand) time.Duration { return exponential(dice, second) },
	"constant":    func(*rand.Rand) time.Duration { return time.Second },
	"lognormal": func(dice *rand.Rand) time.Duration { // a long tail: one call of a thousand takes 13 s
		const sigma = 1.0
		return time.Duration(math.Exp(sigma*dice.NormFloat64()-sigma*sigma/2) * float64(time.Second))
	},
}

// size returns how many calls to make: the race detector makes them slow.
func size(calls int) int {
	if raceEnabled {
		return calls / 4
	}
	return calls
}

func TestErlangB(t *testing.T) {
	const load = 10
	published := map[int]float64{10: 0.2146, 12: 0.1197, 15: 0.0365, 20: 0.00187}
	for limit, want := range published {
		require.InDelta(t, want, erlangB(load, limit), 0.00005, "the formula, as published")
		for law, draw := range services {
			in(t, fmt.Sprintf("limit %d, %s times", limit, law), func(t *testing.T) {
				b := bulkhead.New(limit)
				stories := traffic{calls: size(160_000), rate: load / second, seed: uint64(limit), service: taking(draw)}.through(b)
				stories = stories[1000:] // at first it was empty
				refused, err := estimate(stories, func(s story) float64 {
					if s.full != nil {
						return 1
					}
					return 0
				})
				t.Logf("refused %.3f %% ± %.3f, expected %.3f", 100*refused, 100*err, 100*erlangB(load, limit))
				assert.InDelta(t, erlangB(load, limit), refused, 3*err)
				if !raceEnabled { // with fewer calls it might not
					assert.Less(t, 3*err, erlangB(load, limit)-erlangB(load, limit+1), "a limit one off would show")
				}
				holds(t, b, 0, 0)
			})
		}
	}
}

// With a queue that is long enough nobody is refused, and the same textbooks know how many wait, and for how long: 41 % with 8 in
// flight on average and 10 permits, half the time of a call each.
func TestErlangC(t *testing.T) {
	const load, limit = 8, 10
	require.InDelta(t, 0.4092, erlangC(load, limit), 0.00005, "the formula, as published")
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(limit, bulkhead.Queue(10_000, 24*time.Hour))
		stories := traffic{calls: size(200_000), rate: load / second, seed: 2, service: taking(services["exponential"])}.through(b)
		s := b.Snapshot()
		require.Zero(t, s.Rejected)
		waited, longest, waits := time.Duration(0), time.Duration(0), uint64(0)
		for _, s := range stories {
			if s.waited() > 0 {
				waits++
			}
			waited, longest = waited+s.waited(), max(longest, s.waited())
		}
		assert.Equal(t, waits, s.Waits)
		assert.Equal(t, waited, s.WaitTime)
		assert.Equal(t, longest, s.LongestWait)

		share, err := estimate(stories[1000:], func(s story) float64 {
			if s.waited() > 0 {
				return 1
			}
			return 0
		})
		t.Logf("waited: %.2f %% ± %.2f, expected %.2f", 100*share, 100*err, 100*erlangC(load, limit))
		assert.InDelta(t, erlangC(load, limit), share, 3*err)
		mean, err := estimate(stories[1000:], func(s story) float64 { return s.waited().Seconds() })
		want := erlangC(load, limit) * second / (limit - load)
		t.Logf("mean wait: %.3f s ± %.3f, expected %.3f", mean, err, want)
		assert.InDelta(t, want, mean, 3*err)
	})
}

// The table in the documentation of the package is what the formula says.
func TestSizingTable(t *testing.T) {
	source, err := os.ReadFile("bulkhead.go")
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^//\t +(\d+) +(\d+) +(\d+) +(\d+)$`).FindAllStringSubmatch(string(source), -1)
	require.Len(t, rows, 9)
	for _, row := range rows {
		var load float64
		var limits [3]int
		_, err := fmt.Sscan(strings.Join(row[1:], " "), &load, &limits[0], &limits[1], &limits[2])
		require.NoError(t, err)
		for i, limit := range limits {
			refused := math.Pow10(-2 - i)
			assert.LessOrEqual(t, erlangB(load, limit), refused, "load %v, limit %d", load, limit)
			assert.Greater(t, erlangB(load, limit-1), refused, "load %v, limit %d is more than needed", load, limit)
		}
	}
}
