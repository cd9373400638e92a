package ductiletest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
)

// sensible is a simulation that is not refused.
func sensible() Simulation {
	return Simulation{
		Pipeline: func() ductile.Composed { return ductile.New("p") },
		Load:     Load{Rate: 10, For: 10 * time.Second},
	}
}

// What makes no sense is refused with the field, the value and what is allowed.
func TestSimulationNonsense(t *testing.T) {
	outage := func(o Outage) func(*Simulation) { return func(s *Simulation) { s.Dependency.Outages = []Outage{o} } }
	latency := func(l Latency) func(*Simulation) { return func(s *Simulation) { s.Dependency.Latency = l } }
	failures := func(f Failures) func(*Simulation) { return func(s *Simulation) { s.Dependency.Failures = f } }
	const sec = time.Second
	for said, spoil := range map[string]func(*Simulation){
		"Pipeline(nil): must be a function":                       func(s *Simulation) { s.Pipeline = nil },
		"Load.For(0s): must be above zero":                        func(s *Simulation) { s.Load.For = 0 },
		"Load.For(-1s): must be above zero":                       func(s *Simulation) { s.Load.For = -sec },
		"Load.For(240000h0m0s): must be shorter":                  func(s *Simulation) { s.Load.For, s.Load.Rate = 240_000*time.Hour, 1000 },
		"Load.Rate(0): must be above zero":                        func(s *Simulation) { s.Load.Rate = 0 },
		"Load.Rate(-1): must be above zero":                       func(s *Simulation) { s.Load.Rate = -1 },
		"Load.Rate(NaN): must be above zero":                      func(s *Simulation) { s.Load.Rate = math.NaN() },
		"Load.Rate(+Inf): must be above zero":                     func(s *Simulation) { s.Load.Rate = math.Inf(1) },
		"Load.Deadline(-1s): must be above zero, or zero":         func(s *Simulation) { s.Load.Deadline = -sec },
		"Load.Patience(-1s): must be above zero, or zero":         func(s *Simulation) { s.Load.Patience = -sec },
		"Load.Changes[0].At(-1s): must be from 0s":                func(s *Simulation) { s.Load.Changes = []Change{{At: -sec}} },
		"Load.Changes[0].At(10s): must be from 0s":                func(s *Simulation) { s.Load.Changes = []Change{{At: 10 * sec}} },
		"Load.Changes[1].At(4s): must be from 5s":                 func(s *Simulation) { s.Load.Changes = []Change{{At: 5 * sec}, {At: 4 * sec}} },
		"Load.Changes[0].Rate(-2): must be from zero":             func(s *Simulation) { s.Load.Changes = []Change{{At: sec, Rate: -2}} },
		"Healthy(1.5): must be a share":                           func(s *Simulation) { s.Healthy = 1.5 },
		"Healthy(NaN): must be a share":                           func(s *Simulation) { s.Healthy = math.NaN() },
		"Every(-1s): must be above zero":                          func(s *Simulation) { s.Every = -sec },
		"Every(1ms): must be above zero, and long enough":         func(s *Simulation) { s.Every = time.Millisecond },
		"Dependency.Capacity(-1): must be at least 0":             func(s *Simulation) { s.Dependency.Capacity = -1 },
		"Dependency.Queue(-1): must be at least 0":                func(s *Simulation) { s.Dependency.Queue = -1 },
		"Dependency.Queue(5): must be left out":                   func(s *Simulation) { s.Dependency.Queue = 5 },
		"Constant(-1s): must be zero or above":                    latency(Constant(-sec)),
		"Exponential(0s): must be above zero":                     latency(Exponential(0)),
		"Lognormal(0s, 1s): must be a median above zero":          latency(Lognormal(0, sec)),
		"Lognormal(1s, 1s): must be a median above zero":          latency(Lognormal(sec, sec)),
		"Tail(2): must be a share":                                latency(Tail(2, Latency{}, Latency{})),
		"Tail(NaN): must be a share":                              latency(Tail(math.NaN(), Latency{}, Latency{})),
		"Exponential(-1ns): must be above zero":                   latency(Tail(0.5, Exponential(-1), Latency{})),
		"Exponential(-2ns): must be above zero":                   latency(Tail(0.5, Latency{}, Exponential(-2))),
		"LatencyBy(nil): must be a function":                      latency(LatencyBy(nil)),
		"Failing(-0.1): must be a share":                          failures(Failing(-0.1)),
		"Failing(NaN): must be a share":                           failures(Failing(math.NaN())),
		"FailingWith(1.1): must be a share":                       failures(FailingWith(1.1, errors.New("x"))),
		"FailingWith(nil): must be given an error":                failures(FailingWith(0.1, nil)),
		"FailingBy(nil): must be a function":                      failures(FailingBy(nil)),
		"Dependency.Outages[0].From(-1s): must be from 0s":        outage(Outage{From: -sec, To: sec}),
		"Dependency.Outages[0].From(10s): must be from 0s":        outage(Outage{From: 10 * sec, To: 11 * sec}),
		"Dependency.Outages[0].To(1s): must be after From":        outage(Outage{From: sec, To: sec}),
		"Dependency.Outages[0].Fails(1.5): must be a share":       outage(Outage{To: sec, Fails: 1.5}),
		"Dependency.Outages[0].Fails(NaN): must be a share":       outage(Outage{To: sec, Fails: math.NaN()}),
		"Dependency.Outages[0].Slower(-1): must be a factor":      outage(Outage{To: sec, Slower: -1}),
		"Dependency.Outages[0].Slower(+Inf): must be a factor":    outage(Outage{To: sec, Slower: math.Inf(1)}),
		"Dependency.Outages[0].Hangs(true): must be alone":        outage(Outage{To: sec, Hangs: true, Slower: 2}),
		"Dependency.Outages[1].From(2s): must be from 3s, where ": func(s *Simulation) { s.Dependency.Outages = []Outage{{To: 3 * sec}, {From: 2 * sec, To: 4 * sec}} },
	} {
		s := sensible()
		spoil(&s)
		_, err := s.run(t)
		assert.ErrorContains(t, err, "ductiletest: "+said)
	}
	s := sensible()
	s.Load, s.Dependency.Capacity = Load{}, -1
	_, err := s.run(t)
	require.ErrorContains(t, err, "Load.For")
	require.ErrorContains(t, err, "Load.Rate")
	require.ErrorContains(t, err, "Capacity", "everything that is wrong is said")
	_, err = sensible().run(t)
	require.NoError(t, err)
}

// What goes wrong on the way ends the simulation, with words.
func TestSimulationGoesWrong(t *testing.T) {
	for said, spoil := range map[string]func(*Simulation){
		"Pipeline panicked: no":           func(s *Simulation) { s.Pipeline = func() ductile.Composed { panic("no") } },
		"Pipeline(…): must be a function": func(s *Simulation) { s.Pipeline = func() ductile.Composed { return nil } },
		"that returns a pipeline":         func(s *Simulation) { s.Pipeline = func() ductile.Composed { return (*ductile.Pipeline)(nil) } },
		"a law of the dependency panicked at ": func(s *Simulation) {
			s.Dependency.Latency = LatencyBy(func(*rand.Rand, time.Duration) time.Duration { panic("no") })
		},
		"of the dependency panicked at 5": func(s *Simulation) {
			s.Dependency.Failures = FailingBy(func(_ *rand.Rand, at time.Duration) error {
				if at > 5*time.Second {
					panic("late")
				}
				return nil
			})
		},
		"Dependency.Latency(-1ns): must be zero or above": func(s *Simulation) {
			s.Dependency.Latency = LatencyBy(func(*rand.Rand, time.Duration) time.Duration { return -1 })
		},
		"Call: must be Answering of the type": func(s *Simulation) {
			s.Pipeline = func() ductile.Composed { return ductile.New("p", fallback.Value(42)) }
		},
		"Pipeline left goroutines behind": func(s *Simulation) {
			s.Pipeline = func() ductile.Composed {
				go func() { select {} }()
				return ductile.New("p")
			}
		},
		"calls never ended": func(s *Simulation) {
			s.Pipeline = func() ductile.Composed { return ductile.New("p", stuckGate{}) }
		},
	} {
		t.Run(said, func(t *testing.T) {
			s := sensible()
			spoil(&s)
			_, err := s.run(t)
			assert.ErrorContains(t, err, "ductiletest: ")
			assert.ErrorContains(t, err, said)
		})
	}
}

type stuckGate struct{}

func (stuckGate) Name() string                            { return "stuck" }
func (stuckGate) Acquire(context.Context) (uint64, error) { select {} }
func (stuckGate) Release(uint64, error)                   {}

// A pipeline that panics, or ends its goroutine, is a call that failed: the others go on, and the test is told.
func TestSimulatedPanics(t *testing.T) {
	for said, end := range map[string]func(){"boom": func() { panic("boom") }, "runtime.Goexit": runtime.Goexit} {
		s := sensible()
		calls := 0
		s.Call = func(ctx context.Context, p ductile.Composed, ask func(context.Context) error) error {
			if calls++; calls%10 == 0 {
				end()
			}
			return Answering[int](ctx, p, ask)
		}
		result, err := s.run(t)
		require.NoError(t, err)
		assert.Equal(t, result.Offered/10, result.Panics)
		assert.Equal(t, result.Panics, result.Failed)
		assert.Equal(t, result.Offered-result.Panics, result.Answered)
		assert.Contains(t, result.panicked, said)
		assert.Contains(t, result.String(), fmt.Sprintf("PANICS: %d, the first: %s", result.Panics, said))
		if said == "boom" {
			assert.Contains(t, result.panicked, "simulate_misuse_test.go", "with its stack")
		}
	}
}

// A fallback that answers with a value is asked with that type.
func TestSimulationAnswering(t *testing.T) {
	for _, p := range []func() ductile.Composed{
		func() ductile.Composed { return ductile.New("p", fallback.Value(42)) },
		func() ductile.Composed { return ductile.NewConcurrent("p", fallback.Value(42)) },
	} {
		s := sensible()
		s.Pipeline, s.Call, s.Dependency.Failures = p, Answering[int], Failing(1)
		result, err := s.run(t)
		require.NoError(t, err)
		assert.Equal(t, result.Offered, result.Degraded)
	}
}

// What is taken and not given back is found.
func TestSimulationFindsLeaks(t *testing.T) {
	s := sensible()
	s.Pipeline = func() ductile.Composed { return ductile.New("p", &leaky{}) }
	result, err := s.run(t)
	require.NoError(t, err)
	require.Equal(t, []Leak{{"leaky", "InFlight", result.Offered}}, result.Leaks)
	assert.Contains(t, result.String(), "LEAK: leaky: ")
	require.Len(t, result.Transitions, 1)
	change := result.Transitions[0]
	assert.Equal(t, Transition{At: change.At, Policy: "leaky", From: "1", To: "2"}, change)
	assert.Contains(t, result.String(), "leaky: 1 → 2")
}

// leaky never gives anything back, and tells of it once.
type leaky struct {
	taken    int
	listener func(told)
}

type told struct {
	From, To int
	At       time.Time
}

func (l *leaky) Name() string { return "leaky" }
func (l *leaky) Acquire(context.Context) (uint64, error) {
	if l.taken++; l.taken == 5 {
		l.listener(told{1, 2, time.Now()})
	}
	return 0, nil
}
func (l *leaky) Release(uint64, error)            {}
func (l *leaky) Listen(listener func(told))       { l.listener = listener }
func (l *leaky) Snapshot() struct{ InFlight int } { return struct{ InFlight int }{l.taken} }
