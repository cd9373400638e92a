package ductiletest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

// The standard client in an outage of two minutes: what is lost is the outage and what its breaker needs to notice the end, the dependency
// is left alone meanwhile, and everything is told.
func TestSimulatedOutage(t *testing.T) {
	result := ductiletest.Simulate(t, ductiletest.Simulation{
		Pipeline: func() ductile.Composed { return standard.Client("inventory") },
		Dependency: ductiletest.Dependency{
			Latency:  ductiletest.Lognormal(20*ms, 200*ms),
			Failures: ductiletest.Failing(0.001),
			Capacity: 50,
			Outages:  []ductiletest.Outage{{From: 2 * minute, To: 4 * minute}},
		},
		Load:  ductiletest.Load{Rate: 50, For: 8 * minute},
		Every: minute,
	})
	require.Len(t, result.Rows, 8)
	require.Len(t, result.Recoveries, 1)
	back := result.Recoveries[0].After
	assert.Greater(t, back, time.Duration(0))
	assert.Less(t, back, 66*second, "the longest open time, and its jitter")

	before, during, after := result.During(0, 2*minute), result.During(2*minute, 4*minute), result.During(6*minute, 8*minute)
	assert.InDelta(t, 1, before.Goodput(), 0.0001, "three attempts leave a billionth")
	assert.InDelta(t, 0, during.Goodput(), 0.001)
	assert.InDelta(t, 1, after.Goodput(), 0.0001)
	assert.InDelta(t, 1, before.Amplification(), 0.005)
	assert.Less(t, during.Amplification(), 0.1, "the breaker keeps the load off")
	assert.Zero(t, during.Latency(0.5), "nothing was answered")
	assert.Less(t, during.Wait(0.9), time.Microsecond, "and nobody waited for that")
	assert.InDelta(t, (20 * ms).Seconds(), before.Latency(0.5).Seconds(), 0.001)
	assert.InDelta(t, (200 * ms).Seconds(), before.Latency(0.99).Seconds(), 0.02)
	lost := (2*minute + back).Seconds() / (8 * minute).Seconds()
	assert.InDelta(t, 1-lost, result.Goodput(), 0.01)

	assert.Equal(t, 1, result.Opened())
	first, last := result.Transitions[0], result.Transitions[len(result.Transitions)-1]
	assert.Equal(t, "inventory breaker", first.Policy)
	assert.InDelta(t, (2 * minute).Seconds(), first.At.Seconds(), 6)
	assert.Equal(t, [3]string{"closed", "open", "too large a share of calls failed"}, [3]string{first.From, first.To, first.Cause})
	assert.Equal(t, [3]string{"half-open", "closed", "the probes succeeded"}, [3]string{last.From, last.To, last.Cause})
	assert.InDelta(t, (4*minute + back).Seconds(), last.At.Seconds(), 1.5)

	assert.Equal(t, result.Refused, result.Policy("inventory breaker").Refused)
	assert.Greater(t, result.Refused, 5000)
	assert.Equal(t, result.Retries, result.Policy("retry").Retries)
	assert.Positive(t, result.Policy("retry").GaveUp)
	assert.Equal(t, ductiletest.PolicyTally{Policy: "nobody"}, result.Policy("nobody"))
	assert.Equal(t, result.Offered, result.Answered+result.Failed)
	assert.Empty(t, result.Leaks)
	assert.Zero(t, result.Panics)
	assert.Equal(t, "inventory", result.Name)
}

// A metastable failure (Bronson and others, HotOS 2021): half a minute of slowness makes a queue, calls time out in it and are repeated, and
// the repeats alone keep the queue long. The slowness is over, the failure is not. What bounds the repeats ends it.
func TestMetastableFailure(t *testing.T) {
	simulate := func(policies func() []ductile.Policy) *ductiletest.Result {
		return ductiletest.Simulate(t, ductiletest.Simulation{
			Pipeline: func() ductile.Composed { return ductile.New("shop", append(policies(), timeout.New(500*ms))...) },
			Dependency: ductiletest.Dependency{
				Latency: ductiletest.Constant(50 * ms), Capacity: 10, // 200 a second
				WorksOn: true,
				Outages: []ductiletest.Outage{{From: minute, To: 90 * second, Slower: 4}},
			},
			Load:  ductiletest.Load{Rate: 130, For: 4 * minute},
			Every: minute,
		})
	}
	naive := simulate(func() []ductile.Policy {
		return []ductile.Policy{retry.New(retry.Attempts(4), retry.Constant(10*ms), retry.Budget(budget.Unlimited()))}
	})
	t.Logf("naive:\n%v", naive)
	assert.InDelta(t, 1, naive.Rows[0].Goodput(), 0.001)
	assert.Equal(t, ductiletest.Never, naive.Recoveries[0].After)
	last := &naive.Rows[3].Tally
	assert.Less(t, last.Goodput(), 0.05, "two minutes later")
	assert.Greater(t, last.Amplification(), 3.5)

	bounded := simulate(func() []ductile.Policy {
		return []ductile.Policy{retry.New(retry.Attempts(4)), breaker.New()}
	})
	t.Logf("with a budget, jitter and a breaker:\n%v", bounded)
	assert.Less(t, bounded.Recoveries[0].After, 30*second)
	assert.InDelta(t, 1, bounded.Rows[3].Goodput(), 0.001)
	assert.Empty(t, bounded.Leaks)
}
