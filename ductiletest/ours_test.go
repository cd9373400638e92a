package ductiletest_test

import (
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/ratelimit"
)

// Our own gates keep what the kit asks of others: as they are by default, and in the settings that change how they count, admit or wait.

func TestBreakers(t *testing.T) {
	for name, options := range map[string][]breaker.Option{
		"default":              {},
		"count window":         {breaker.CountWindow(50), breaker.MinCalls(10)},
		"failures in a row":    {breaker.NoFailureRate(), breaker.ConsecutiveFailures(3)},
		"slow calls":           {breaker.SlowCalls(time.Minute, 0.5)},
		"ramp":                 {breaker.Ramp(time.Minute)},
		"patience":             {breaker.MinPatience(time.Second)},
		"one probe":            {breaker.Probes(1)},
		"probes without lease": {breaker.ProbeLease(0)},
		"listener":             {breaker.OnTransition(func(breaker.Transition) {})},
	} {
		t.Run(name, func(t *testing.T) {
			ductiletest.Gate(t, func() ductile.Gate { return breaker.New(options...) })
		})
	}
}

func TestBulkheads(t *testing.T) {
	for name, build := range map[string]func() ductile.Gate{
		"one":          func() ductile.Gate { return bulkhead.New(1) },
		"some":         func() ductile.Gate { return bulkhead.New(4) },
		"many":         func() ductile.Gate { return bulkhead.New(300) },
		"queue":        func() ductile.Gate { return bulkhead.New(4, bulkhead.Queue(2, time.Second)) },
		"queue of one": func() ductile.Gate { return bulkhead.New(1, bulkhead.Queue(1, time.Minute)) },
		"long queue":   func() ductile.Gate { return bulkhead.New(2, bulkhead.Queue(100, 24*time.Hour)) },
	} {
		t.Run(name, func(t *testing.T) { ductiletest.Gate(t, build) })
	}
}

func TestRateLimits(t *testing.T) {
	for name, build := range map[string]func() ductile.Gate{
		"one":           func() ductile.Gate { return ratelimit.New(1, 1) },
		"burst":         func() ductile.Gate { return ratelimit.New(100, 10) },
		"slow":          func() ductile.Gate { return ratelimit.New(rate.Every(time.Hour), 3) },
		"wait":          func() ductile.Gate { return ratelimit.New(100, 10, ratelimit.Wait(time.Second)) },
		"long wait":     func() ductile.Gate { return ratelimit.New(rate.Every(time.Minute), 2, ratelimit.Wait(24*time.Hour)) },
		"without limit": func() ductile.Gate { return ratelimit.New(rate.Inf, 1) },
		"the program's": func() ductile.Gate { return ratelimit.From(rate.NewLimiter(10, 5), ratelimit.Wait(time.Second)) },
	} {
		t.Run(name, func(t *testing.T) { ductiletest.Gate(t, build) })
	}
}

func TestGobreakers(t *testing.T) {
	for name, settings := range map[string]gobreaker.Settings{
		"default":        {},
		"rolling window": {Interval: 10 * time.Second, BucketPeriod: time.Second, Timeout: 10 * time.Second},
		"five probes":    {MaxRequests: 5},
	} {
		t.Run(name, func(t *testing.T) {
			settings.IsSuccessful, settings.IsExcluded = gobreakeradapter.Successful, gobreakeradapter.Excluded
			ductiletest.Gate(t, func() ductile.Gate {
				return gobreakeradapter.NewGate(gobreaker.NewTwoStepCircuitBreaker[any](settings))
			})
		})
	}
}
