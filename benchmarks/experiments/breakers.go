package main

import (
	"context"
	"errors"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/sony/gobreaker/v2"
)

// A breakerClient makes calls of no duration through a breaker: one that fails or not, and says whether it went.
type breakerClient interface {
	call(fails bool) (went bool)
	open() bool // it refuses calls, or probes
}

// A breakerKind is a breaker with settings.
type breakerKind struct {
	who, name string
	make      func(seed uint64) breakerClient
}

func (k breakerKind) String() string {
	if k.name == "" {
		return k.who
	}
	return k.who + ", " + k.name
}

// breakerKinds are ours with options (the defaults, but in tests), and the peers'.
func breakerKinds(options []breaker.Option) []breakerKind {
	const gobreakerVersion = "gobreaker 2.4.0"
	alike := func(c gobreaker.Counts) bool {
		if c.Requests >= 20 {
			return c.TotalFailures*2 >= c.Requests
		}
		return c.ConsecutiveFailures >= 5
	}
	ratio := func(c gobreaker.Counts) bool {
		return c.Requests >= 3 && float64(c.TotalFailures)/float64(c.Requests) >= 0.6
	}
	return []breakerKind{
		{"ductile", "", func(seed uint64) breakerClient { return newOurBreaker(seed, options) }},
		{gobreakerVersion, "default", gobreakerOf(gobreaker.Settings{})},
		{gobreakerVersion, "its example", gobreakerOf(gobreaker.Settings{ReadyToTrip: ratio})},
		{gobreakerVersion, "as ductile", gobreakerOf(gobreaker.Settings{
			MaxRequests: 5, Interval: 10 * time.Second, BucketPeriod: time.Second, Timeout: 5 * time.Second, ReadyToTrip: alike,
		})},
		{failsafeGo, "default", func(uint64) breakerClient { return failsafeBreaker{circuitbreaker.NewWithDefaults[any]()} }},
		{failsafeGo, "as ductile", func(uint64) breakerClient {
			return failsafeBreaker{circuitbreaker.NewBuilder[any]().WithFailureRateThreshold(0.5, 20, 10*time.Second).
				WithSuccessThresholdRatio(3, 5).WithDelay(5 * time.Second).Build()}
		}},
	}
}

var errDependency = errors.New("the dependency fails")

// ourBreaker is in a pipeline, as it is in programs.
type ourBreaker struct {
	breaker  *breaker.Breaker
	pipeline *ductile.Pipeline
}

func newOurBreaker(seed uint64, options []breaker.Option) *ourBreaker {
	b := breaker.New(options...)
	b.DrawFrom(newSource(seed, 9))
	return &ourBreaker{b, ductile.New("dependency", b)}
}

func (b *ourBreaker) call(fails bool) (went bool) {
	_ = ductile.Run(context.Background(), b.pipeline, func(context.Context) error {
		went = true
		if fails {
			return errDependency
		}
		return nil
	})
	return went
}

func (b *ourBreaker) open() bool { return b.breaker.Snapshot().State != breaker.Closed }

// theirGobreaker is gobreaker's.
type theirGobreaker struct{ *gobreaker.CircuitBreaker[any] }

func gobreakerOf(s gobreaker.Settings) func(uint64) breakerClient {
	return func(uint64) breakerClient { return theirGobreaker{gobreaker.NewCircuitBreaker[any](s)} }
}

func (b theirGobreaker) call(fails bool) (went bool) {
	_, _ = b.Execute(func() (any, error) {
		went = true
		if fails {
			return nil, errDependency
		}
		return nil, nil
	})
	return went
}

func (b theirGobreaker) open() bool { return b.State() != gobreaker.StateClosed }

// failsafeBreaker is failsafe-go's, driven by hand, as its documentation has it, too: an executor costs more and decides the same.
type failsafeBreaker struct {
	circuitbreaker.CircuitBreaker[any]
}

func (b failsafeBreaker) call(fails bool) (went bool) {
	if !b.TryAcquirePermit() {
		return false
	}
	if fails {
		b.RecordFailure()
	} else {
		b.RecordSuccess()
	}
	return true
}

func (b failsafeBreaker) open() bool { return !b.IsClosed() }
