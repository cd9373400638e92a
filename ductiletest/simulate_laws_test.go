package ductiletest_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// What textbooks know of laws, queues and loads.

func bare() ductile.Composed { return ductile.New("bare") }

// through simulates calls to a dependency without any policy, as many as are enough.
func through(t *testing.T, d ductiletest.Dependency, load ductiletest.Load) *ductiletest.Result {
	t.Helper()
	return ductiletest.Simulate(t, ductiletest.Simulation{Pipeline: bare, Dependency: d, Load: load, Seed: 3})
}

func TestLatencyLaws(t *testing.T) {
	type quantiles map[float64]time.Duration
	exponential := func(q float64) time.Duration { return time.Duration(-math.Log(1-q) * float64(100*ms)) }
	for _, test := range []struct {
		law  ductiletest.Latency
		text string
		want quantiles
	}{
		{ductiletest.Latency{}, "no time", quantiles{0: 0, 1: 0}},
		{ductiletest.Constant(70 * ms), "70ms", quantiles{0: 70 * ms, 0.5: 70 * ms, 1: 70 * ms}},
		{
			ductiletest.Exponential(100 * ms), "exponential, mean 100ms",
			quantiles{0.1: exponential(0.1), 0.5: exponential(0.5), 0.9: exponential(0.9), 0.99: exponential(0.99)},
		},
		{
			ductiletest.Lognormal(20*ms, 200*ms), "lognormal, median 20ms, p99 200ms",
			quantiles{0.01: 2 * ms, 0.5: 20 * ms, 0.8413: 20 * ms * 2691 / 1000, 0.99: 200 * ms},
		},
		{
			ductiletest.Tail(0.1, ductiletest.Constant(second), ductiletest.Constant(10*ms)), "10ms; 10 % of it 1s",
			quantiles{0.5: 10 * ms, 0.89: 10 * ms, 0.91: second, 1: second},
		},
		{
			ductiletest.LatencyBy(func(dice *rand.Rand, at time.Duration) time.Duration {
				if at > 5*minute {
					return second
				}
				return time.Duration(dice.Int64N(int64(100 * ms)))
			}), "a law of its own",
			quantiles{0.25: 50 * ms, 0.45: 90 * ms, 0.51: second},
		},
	} {
		t.Run(test.text, func(t *testing.T) {
			assert.Equal(t, test.text, test.law.String())
			result := through(t, ductiletest.Dependency{Latency: test.law}, ductiletest.Load{Rate: 60, For: 10 * minute})
			for q, want := range test.want {
				assert.InEpsilon(t, want.Seconds()+1e-9, result.Latency(q).Seconds()+1e-9, 0.05, "the share %v: %v, not %v", q, want, result.Latency(q))
				assert.Equal(t, result.Latency(q), result.Wait(q), "all are answered")
			}
			assert.Equal(t, result.Latency(0), result.Latency(-1))
			assert.Equal(t, result.Latency(1), result.Latency(7))
		})
	}
}

func TestFailureLaws(t *testing.T) {
	own := errors.New("own")
	for _, test := range []struct {
		law    ductiletest.Failures
		text   string
		failed float64
	}{
		{ductiletest.Failures{}, "nothing fails", 0},
		{ductiletest.Failing(0.07), "7 % fails", 0.07},
		{ductiletest.Failing(1), "100 % fails", 1},
		{ductiletest.FailingWith(0.2, own), "20 % fails", 0.2},
		{ductiletest.FailingBy(func(_ *rand.Rand, at time.Duration) error {
			if at < 2*minute {
				return own
			}
			return nil
		}), "fails by a law of its own", 0.2},
	} {
		t.Run(test.text, func(t *testing.T) {
			assert.Equal(t, test.text, test.law.String())
			result := through(t, ductiletest.Dependency{Failures: test.law}, ductiletest.Load{Rate: 50, For: 10 * minute})
			assert.InDelta(t, test.failed, float64(result.Failed)/float64(result.Offered), 0.01)
			assert.InDelta(t, 1-test.failed, result.Goodput(), 0.01)
		})
	}
}

// The error that the user names is what the pipeline judges: what is permanent is not repeated.
func TestFailingWithIsWhatThePipelineGets(t *testing.T) {
	for _, test := range []struct {
		err     error
		repeats bool
	}{{errors.New("transient"), true}, {fault.Permanent(errors.New("no")), false}} {
		result := ductiletest.Simulate(t, ductiletest.Simulation{
			Pipeline:   func() ductile.Composed { return ductile.New("p", retry.New()) },
			Dependency: ductiletest.Dependency{Failures: ductiletest.FailingWith(0.1, test.err)},
			Load:       ductiletest.Load{Rate: 10, For: minute},
		})
		assert.Equal(t, test.repeats, result.Retries > 0)
	}
}

// A queue with one server and exponential times (M/M/1): the time in the system is exponential, too, and its mean 1/(μ-λ).
func TestCapacityIsAQueue(t *testing.T) {
	const mu, lambda = 10, 7
	result := through(t, ductiletest.Dependency{Latency: ductiletest.Exponential(second / mu), Capacity: 1},
		ductiletest.Load{Rate: lambda, For: 3 * time.Hour})
	for _, q := range []float64{0.25, 0.5, 0.9} {
		assert.InEpsilon(t, -math.Log(1-q)/(mu-lambda), result.Latency(q).Seconds(), 0.06, "the share %v", q)
	}
	assert.Equal(t, result.Offered, result.Answered)
}

// With a queue of a length (M/M/1/K) some find it full: (1-ρ)ρ^K / (1-ρ^(K+1)), where K is the queue and the one that is served.
func TestQueueIsBounded(t *testing.T) {
	for queue, rho := range map[int]float64{1: 0.5, 4: 0.9, 9: 0.7} {
		k := float64(queue + 1)
		want := (1 - rho) * math.Pow(rho, k) / (1 - math.Pow(rho, k+1))
		result := through(t, ductiletest.Dependency{Latency: ductiletest.Exponential(100 * ms), Capacity: 1, Queue: queue},
			ductiletest.Load{Rate: 10 * rho, For: 90 * minute})
		assert.InDelta(t, want, float64(result.Failed)/float64(result.Offered), 0.008, "a queue of %d", queue)
	}
}

// Erlang's formula for a bulkhead without a queue: 10 Erlang, 10 permits, 21.46 % refused, and likewise for 15.
func TestBulkheadAsErlangSays(t *testing.T) {
	for limit, want := range map[int]float64{10: 0.2146, 15: 0.0365} {
		result := ductiletest.Simulate(t, ductiletest.Simulation{
			Pipeline:   func() ductile.Composed { return ductile.New("p", bulkhead.New(limit)) },
			Dependency: ductiletest.Dependency{Latency: ductiletest.Exponential(100 * ms)},
			Load:       ductiletest.Load{Rate: 100, For: 20 * minute},
		})
		assert.InDelta(t, want, float64(result.Refused)/float64(result.Offered), 0.01)
		assert.Equal(t, result.Refused, result.Policy("bulkhead").Refused)
		assert.Equal(t, result.Attempts, result.Answered)
	}
}

// Servers that are several: what comes above what they can do together waits for ever longer.
func TestOverload(t *testing.T) {
	d := ductiletest.Dependency{Latency: ductiletest.Constant(100 * ms), Capacity: 5} // 50 a second
	below := through(t, d, ductiletest.Load{Rate: 30, For: minute})
	assert.Less(t, below.Latency(0.99), 250*ms)
	above := through(t, d, ductiletest.Load{Rate: 100, For: minute})
	assert.InEpsilon(t, minute.Seconds(), above.Wait(1).Seconds(), 0.06, "6000 calls take 120 s, and the last came after 60")
}

// The load is what it says: on average, evenly, in changes, and in pauses.
func TestLoad(t *testing.T) {
	changes := []ductiletest.Change{{At: 20 * second, Rate: 300}, {At: 40 * second, Rate: 0}, {At: 50 * second, Rate: 50}}
	for _, even := range []bool{false, true} {
		result := ductiletest.Simulate(t, ductiletest.Simulation{
			Pipeline: bare, Load: ductiletest.Load{Rate: 100, For: minute, Even: even, Changes: changes}, Every: 10 * second,
		})
		var offered []int
		for _, row := range result.Rows {
			offered = append(offered, row.Offered)
		}
		for i, want := range []int{1000, 1000, 3000, 3000, 0, 500} {
			tolerance := 4 * math.Sqrt(float64(want)) // of a Poisson process
			if even {
				tolerance = 1
			}
			assert.InDelta(t, want, offered[i], tolerance, "row %d", i)
		}
		if even {
			assert.InDelta(t, 300, result.Peak, 1)
		} else {
			assert.Greater(t, result.Peak, 310)
		}
		assert.Equal(t, result.Peak, max(result.Rows[2].Peak, result.Rows[3].Peak))
		assert.InDelta(t, 1, result.Rows[4].Goodput(), 0, "nobody called, and nobody was let down")
	}
}

// A change to the rate that there is already changes nothing, however often.
func TestLoadGoesOnOverChanges(t *testing.T) {
	var changes []ductiletest.Change
	for at := 50 * ms; at < minute; at += 50 * ms {
		changes = append(changes, ductiletest.Change{At: at, Rate: 15})
	}
	result := through(t, ductiletest.Dependency{}, ductiletest.Load{Rate: 15, For: minute, Even: true, Changes: changes})
	assert.InDelta(t, 900, result.Offered, 1)
}

// A deadline is the caller's context's, patience is only his.
func TestCallersWhoDoNotWait(t *testing.T) {
	d := ductiletest.Dependency{Latency: ductiletest.Exponential(100 * ms)}
	gone := math.Exp(-2)
	deadline := through(t, d, ductiletest.Load{Rate: 100, For: 2 * minute, Deadline: 200 * ms})
	assert.InDelta(t, gone, float64(deadline.Failed)/float64(deadline.Offered), 0.015)
	assert.Zero(t, deadline.Lost)
	assert.InDelta(t, 0.2, deadline.Wait(1).Seconds(), 0.001)

	patience := through(t, d, ductiletest.Load{Rate: 100, For: 2 * minute, Patience: 200 * ms})
	assert.InDelta(t, gone, float64(patience.Lost)/float64(patience.Offered), 0.015)
	assert.Zero(t, patience.Failed)
	assert.Greater(t, patience.Wait(1), 500*ms)
	assert.LessOrEqual(t, patience.Latency(1), 200*ms)
}

// A dependency that works on for callers who are gone has less room for those who are not.
func TestWorksOn(t *testing.T) {
	simulate := func(worksOn bool) *ductiletest.Result {
		return ductiletest.Simulate(t, ductiletest.Simulation{
			Pipeline:   func() ductile.Composed { return ductile.New("p", timeout.New(150*ms)) },
			Dependency: ductiletest.Dependency{Latency: ductiletest.Constant(100 * ms), Capacity: 10, WorksOn: worksOn},
			Load:       ductiletest.Load{Rate: 130, For: 2 * minute},
		})
	}
	drops, works := simulate(false).Goodput(), simulate(true).Goodput()
	assert.Greater(t, drops, 0.15, "what nobody waits for is dropped")
	assert.Less(t, works, 0.1, "all wait in line behind the dead")
}

// What has begun to wait is worked on, for whoever.
func TestWorksOnWhatWaits(t *testing.T) {
	var begun atomic.Int64
	result := ductiletest.Simulate(t, ductiletest.Simulation{
		Pipeline: func() ductile.Composed { return ductile.New("p", timeout.New(150*ms)) },
		Dependency: ductiletest.Dependency{
			Capacity: 10, WorksOn: true,
			Latency: ductiletest.LatencyBy(func(*rand.Rand, time.Duration) time.Duration { begun.Add(1); return 100 * ms }),
		},
		Load: ductiletest.Load{Rate: 400, For: minute, Changes: []ductiletest.Change{{At: 10 * second}, {At: 58 * second, Rate: 3}}},
	})
	assert.EqualValues(t, result.Attempts, begun.Load())
}

// Who leaves the line makes room in it: copies that lost while they waited.
func TestLeavingTheLine(t *testing.T) {
	result := ductiletest.Simulate(t, ductiletest.Simulation{
		Pipeline: func() ductile.Composed {
			return ductile.NewConcurrent("p", hedge.New(hedge.After(30*ms), hedge.Budget(budget.Unlimited())))
		},
		Dependency: ductiletest.Dependency{Latency: ductiletest.Constant(100 * ms), Capacity: 1, Queue: 3},
		Load:       ductiletest.Load{Rate: 2, For: 20 * minute},
	})
	assert.Greater(t, result.Hedges, 2000)
	assert.Greater(t, result.Goodput(), 0.95)
	assert.Greater(t, result.During(10*minute, 20*minute).Latency(0.9), 105*ms, "and calls still wait")
}
