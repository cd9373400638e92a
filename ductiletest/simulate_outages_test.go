package ductiletest_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/timeout"
)

// ailing simulates one call a 10 ms for a minute, with one outage from 20 to 40 s.
func ailing(t *testing.T, o ductiletest.Outage, policies ...ductile.Policy) *ductiletest.Result {
	t.Helper()
	o.From, o.To = 20*second, 40*second
	result := ductiletest.Simulate(t, ductiletest.Simulation{
		Pipeline:   func() ductile.Composed { return ductile.New("p", policies...) },
		Dependency: ductiletest.Dependency{Latency: ductiletest.Constant(10 * ms), Outages: []ductiletest.Outage{o}},
		Load:       ductiletest.Load{Rate: 100, For: minute, Even: true},
		Every:      20 * second,
	})
	require.Len(t, result.Rows, 3)
	assert.InDelta(t, 1, result.Rows[0].Goodput(), 0)
	assert.InDelta(t, 1, result.Rows[2].Goodput(), 0)
	assert.InDelta(t, 2000, result.Rows[1].Offered, 1)
	assert.Zero(t, result.Recoveries[0].After)
	assert.Equal(t, 20*second, result.Recoveries[0].Outage.From)
	return result
}

func TestOutages(t *testing.T) {
	t.Run("dead", func(t *testing.T) {
		row := ailing(t, ductiletest.Outage{}).Rows[1]
		assert.Equal(t, row.Offered, row.Failed)
		assert.Zero(t, row.Wait(1), "at once")
		assert.Equal(t, row.Offered, row.Attempts)
	})
	t.Run("hangs until it is over", func(t *testing.T) {
		row := ailing(t, ductiletest.Outage{Hangs: true}).Rows[1]
		assert.Equal(t, row.Offered, row.Failed)
		assert.InDelta(t, 20, row.Wait(1).Seconds(), 0.2)
		assert.InDelta(t, 10, row.Wait(0.5).Seconds(), 0.2)
	})
	t.Run("hangs, and callers go", func(t *testing.T) {
		result := ailing(t, ductiletest.Outage{Hangs: true}, timeout.New(second))
		row := result.Rows[1]
		assert.Equal(t, row.Offered, row.Failed)
		assert.InDelta(t, 1, row.Wait(0.5).Seconds(), 0.01)
		assert.Greater(t, result.Policy("timeout").TimedOut, 1800)
	})
	t.Run("some fails", func(t *testing.T) {
		row := ailing(t, ductiletest.Outage{Fails: 0.3}).Rows[1]
		assert.InDelta(t, 0.7, row.Goodput(), 0.03)
		assert.InDelta(t, 0.01, row.Wait(1).Seconds(), 0.001)
	})
	t.Run("all is slow", func(t *testing.T) {
		row := ailing(t, ductiletest.Outage{Slower: 20}).Rows[1]
		assert.InDelta(t, 1, row.Goodput(), 0)
		assert.InDelta(t, 0.2, row.Wait(0.5).Seconds(), 0.003)
	})
	t.Run("some fails and all is slow", func(t *testing.T) {
		row := ailing(t, ductiletest.Outage{Fails: 0.3, Slower: 20}).Rows[1]
		assert.InDelta(t, 0.7, row.Goodput(), 0.03)
		assert.InDelta(t, 0.2, row.Wait(0.5).Seconds(), 0.003)
	})
	t.Run("a fallback answers", func(t *testing.T) {
		result := ailing(t, ductiletest.Outage{}, fallback.Value(struct{}{}))
		row := result.Rows[1]
		assert.Zero(t, row.Answered)
		assert.Equal(t, row.Offered, row.Degraded)
		assert.InDelta(t, 1, row.Served(), 0)
		assert.Zero(t, row.Goodput())
		assert.Equal(t, row.Degraded, result.Policy("fallback").Answered)
	})
}

// Each outage has a recovery of its own, which is judged up to the next.
func TestRecoveries(t *testing.T) {
	outages := []ductiletest.Outage{
		{From: minute, To: 2 * minute},
		{From: 2*minute + 30*second, To: 3*minute + 500*ms, Fails: 0.5},
		{From: 4 * minute, To: 5 * minute, Fails: 0.04},
		{From: 5 * minute, To: 7 * minute}, // the load ends in it
	}
	result := ductiletest.Simulate(t, ductiletest.Simulation{
		Pipeline: bare, Dependency: ductiletest.Dependency{Outages: outages}, Load: ductiletest.Load{Rate: 50, For: 6 * minute},
	})
	require.Len(t, result.Recoveries, 4)
	assert.Zero(t, result.Recoveries[0].After)
	assert.Zero(t, result.Recoveries[1].After)
	assert.Equal(t, ductiletest.Never, result.Recoveries[2].After, "there is no time between it and the next")
	assert.Equal(t, ductiletest.Never, result.Recoveries[3].After)
	assert.InDelta(t, 0.95, result.Simulation.Healthy, 0)

	// A service that is well for a moment is not yet recovered: it has to stay so.
	for healthy, want := range map[float64]time.Duration{0.95: 45 * second, 0.2: 0, 0.999: 45 * second} {
		result = ductiletest.Simulate(t, ductiletest.Simulation{
			Pipeline: bare, Load: ductiletest.Load{Rate: 100, For: 3 * minute}, Healthy: healthy,
			Dependency: ductiletest.Dependency{Outages: []ductiletest.Outage{
				{From: 10 * second, To: 30 * second},
			}, Failures: ductiletest.FailingBy(flapping)},
		})
		assert.Equal(t, want, result.Recoveries[0].After, "healthy at %v", healthy)
	}
}

// Copies are counted, and what they do for the tail shows.
func TestSimulatedHedge(t *testing.T) {
	simulate := func(pipeline func() ductile.Composed) *ductiletest.Result {
		return ductiletest.Simulate(t, ductiletest.Simulation{
			Pipeline: pipeline, Seed: 5, Load: ductiletest.Load{Rate: 100, For: 5 * minute},
			Dependency: ductiletest.Dependency{Latency: ductiletest.Tail(0.03, ductiletest.Constant(second), ductiletest.Exponential(10*ms))},
		})
	}
	plain := simulate(bare)
	hedged := simulate(func() ductile.Composed { return ductile.NewConcurrent("h", hedge.New(hedge.After(60*ms))) })
	assert.Equal(t, hedged.Offered, plain.Offered)
	assert.Greater(t, plain.Latency(0.98), 900*ms)
	assert.Less(t, hedged.Latency(0.98), 200*ms)
	assert.InDelta(t, 0.032, float64(hedged.Hedges)/float64(hedged.Offered), 0.005)
	assert.Equal(t, hedged.Hedges, hedged.Attempts-hedged.Offered)
	assert.Equal(t, hedged.Hedges, hedged.Policy("hedge").Hedges)
	assert.Empty(t, hedged.Leaks)
}

// flapping is a dependency that is well for 15 s after an outage, ends at 30 s, then fails mostly for half a minute.
func flapping(dice *rand.Rand, at time.Duration) error {
	if at >= 45*second && at < 75*second && dice.Float64() < 0.6 {
		return errors.New("flaps")
	}
	return nil
}
