package ductiletest_test

import (
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

const ms, second, minute = time.Millisecond, time.Second, time.Minute

// badDay is a dependency with everything.
func badDay() ductiletest.Dependency {
	return ductiletest.Dependency{
		Latency:  ductiletest.Tail(0.02, ductiletest.Exponential(400*ms), ductiletest.Lognormal(20*ms, 100*ms)),
		Failures: ductiletest.Failing(0.02),
		Capacity: 12,
		WorksOn:  true,
		Outages: []ductiletest.Outage{
			{From: 10 * second, To: 15 * second},
			{From: 25 * second, To: 30 * second, Hangs: true},
			{From: 40 * second, To: 45 * second, Fails: 0.4, Slower: 3},
		},
	}
}

// everything is a pipeline with everything.
func everything() ductile.Composed {
	return ductile.NewConcurrent("everything", fallback.Value(struct{}{}), timeout.New(2*second),
		retry.New(retry.FullJitter()), hedge.New(hedge.After(100*ms)), breaker.New(breaker.Ramp(5*second)),
		bulkhead.New(20, bulkhead.Queue(20, 90*ms)), timeout.New(500*ms))
}

// The same seed gives the same result, with whatever processors; another seed another one.
func TestSimulateIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, simulation := range map[string]ductiletest.Simulation{
		"standard, by chance": {
			Pipeline: func() ductile.Composed { return standard.Client("inventory") }, Dependency: badDay(),
			Load: ductiletest.Load{Rate: 200, For: minute},
		},
		"everything, by chance": {
			Pipeline: everything, Dependency: badDay(), Load: ductiletest.Load{Rate: 200, For: minute, Deadline: 3 * second},
		},
		"round times, and calls that come evenly": {
			Pipeline: func() ductile.Composed {
				return ductile.NewConcurrent("round", timeout.New(second), retry.New(), hedge.New(hedge.After(100*ms)), breaker.New(), bulkhead.New(50), timeout.New(250*ms))
			},
			Load:       ductiletest.Load{Rate: 200, For: minute, Even: true, Deadline: second},
			Dependency: ductiletest.Dependency{Latency: ductiletest.Constant(100 * ms), Capacity: 30, Outages: badDay().Outages},
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulation.Seed = 7
			first := ductiletest.Simulate(t, simulation)
			text := first.String()
			assert.Empty(t, first.Leaks)
			for i := range 4 {
				runtime.GOMAXPROCS(1 + i%2)
				again := ductiletest.Simulate(t, simulation)
				if !assert.Equal(t, text, again.String()) {
					break
				}
				assert.True(t, reflect.DeepEqual(first.Rows, again.Rows), "to the last bucket of the last histogram")
				assert.Equal(t, first.Transitions, again.Transitions)
			}
			simulation.Seed = 8
			assert.NotEqual(t, text, ductiletest.Simulate(t, simulation).String())
		})
	}
}

// What becomes of a call's first piece of work depends on its number alone: pipelines that differ meet the same dependency.
func TestPipelinesMeetTheSameDependency(t *testing.T) {
	simulate := func(policies ...ductile.Policy) *ductiletest.Result {
		return ductiletest.Simulate(t, ductiletest.Simulation{
			Pipeline:   func() ductile.Composed { return ductile.New("p", policies...) },
			Dependency: ductiletest.Dependency{Latency: ductiletest.Exponential(50 * ms), Failures: ductiletest.Failing(0.3)},
			Load:       ductiletest.Load{Rate: 100, For: minute},
		})
	}
	plain, repeated := simulate(), simulate(retry.New(retry.Attempts(2), retry.Budget(budget.Unlimited())))
	assert.Equal(t, plain.Offered, repeated.Offered)
	assert.Equal(t, plain.Failed, repeated.Retries)
}
