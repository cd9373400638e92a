package ductiletest

import (
	"context"
	"testing"
	"time"

	"github.com/ductile-go/ductile"
)

// A Simulation is a pipeline, the dependency behind it, and the load on it. Pipeline, Load.Rate and Load.For must be set; the zero value
// of everything else means something, and says what.
type Simulation struct {
	// Pipeline makes the pipeline, of either kind, as the program does. It is called once, inside the bubble, so that the pipeline
	// lives in virtual time. A pipeline that was made before would not.
	Pipeline func() ductile.Composed

	// Call makes one call through the pipeline, whose function must be ask. Unless set, calls have no value, as those of ductile.Run.
	// Where a fallback answers with a value, say of which type: Answering[Stock].
	Call func(ctx context.Context, p ductile.Composed, ask func(context.Context) error) error

	// Dependency is what the calls are for. The zero one answers everything at once.
	Dependency Dependency

	// Load is who calls.
	Load Load

	// Seed is where chance begins. Zero is a seed like any other.
	Seed uint64

	// Healthy is the share of calls answered from which the user calls the service healthy: what [Outage] is over and recovered
	// from by. 0.95 unless set.
	Healthy float64

	// Every is the length of a row of the timeline. Unless set it is chosen so that there are 10 to 25 rows.
	Every time.Duration
}

// Simulate makes calls through a pipeline of yours, to a dependency that is only described, and says what became of them. An hour of it
// takes seconds, for the time is that of package testing/synctest. So what a pipeline does in an outage, and how long after, is a test:
//
//	func TestOutage(t *testing.T) {
//		result := ductiletest.Simulate(t, ductiletest.Simulation{
//			Pipeline: func() ductile.Composed { return newInventoryPipeline() },
//			Dependency: ductiletest.Dependency{
//				Latency:  ductiletest.Lognormal(20*time.Millisecond, 200*time.Millisecond),
//				Failures: ductiletest.Failing(0.001),
//				Capacity: 50,
//				Outages:  []ductiletest.Outage{{From: 10 * time.Minute, To: 12 * time.Minute}},
//			},
//			Load: ductiletest.Load{Rate: 100, For: time.Hour},
//		})
//		assert.Greater(t, result.Goodput(), 0.96) // the outage is a thirtieth of the hour
//		assert.Less(t, result.Recoveries[0].After, 10*time.Second)
//		t.Log(result) // a table over time
//	}
//
// The same seed gives the same result: every draw of the load and of the dependency depends on the seed and the number of the call alone, and a
// policy that draws (a retry its jitter, a breaker its open time) is given a source for it where it has a method DrawFrom(rand.Source), as
// ours have. A policy of yours that draws from elsewhere draws as it likes.
//
// Which of two goroutines goes first that wake at one nanosecond is the runtime's choice, so nothing is left to wake at one: no two calls are
// made at the same instant, and a repeat, a copy, and what the end of a context has ended go on up to 0.1 ms late, each by another time. Two
// waits of one call that are set at the same instant and take equally long can still meet: a hedge after 100 ms around a queue in which calls
// wait for 100 ms; so can calls at Even times with a queue where all times are round. Make one of them 99 ms where it matters. Floating point may differ from one architecture to another.
//
// The test fails, and Simulate does not return, where the description makes no sense: the message names the field, the value and what is
// allowed. The test fails, too, if a call panics, if Pipeline leaves goroutines behind, or if a call never ends; what a call took and did not
// give back is in the result's Leaks. Simulate cannot be called inside a bubble.
//
// A call of the simulation costs some microseconds and, while it is in flight, a goroutine. The result takes some hundred kilobytes
// however long the simulation is.
func Simulate(t *testing.T, s Simulation) *Result {
	t.Helper()
	result, err := s.run(t)
	if err != nil {
		t.Fatal(err)
	}
	if result.Panics > 0 {
		t.Errorf("ductiletest: Simulate: %d calls panicked, the first with: %s", result.Panics, result.panicked)
	}
	return result
}

// Answering makes calls whose function returns a T, the zero one: see the Call of a [Simulation].
func Answering[T any](ctx context.Context, p ductile.Composed, ask func(context.Context) error) error {
	fn := func(ctx context.Context) (answer T, err error) { return answer, ask(ctx) }
	var err error
	if serial, ok := p.(*ductile.Pipeline); ok {
		_, err = ductile.Do(ctx, serial, fn)
	} else {
		_, err = ductile.DoConcurrent(ctx, p, fn)
	}
	return err
}
