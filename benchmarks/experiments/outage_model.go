package main

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/failsafe-go/failsafe-go"
	failsafebudget "github.com/failsafe-go/failsafe-go/budget"
	failsafebulkhead "github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	failsafetimeout "github.com/failsafe-go/failsafe-go/timeout"
	"github.com/hashicorp/go-retryablehttp"
)

// A mortal is a dependency that ails, dies and comes back.
type mortal struct {
	begin   time.Time
	workers chan struct{}
	all     sync.WaitGroup

	mu      sync.Mutex
	dice    *rand.Rand
	waiting int
}

const (
	mortalWorkers = 40
	mortalQueue   = 128
	mortalMedian  = 40 * time.Millisecond
	mortalP99     = 200 * time.Millisecond
	mortalSlow    = 2 * time.Second
)

func newMortal(seed uint64) *mortal {
	return &mortal{begin: time.Now(), workers: make(chan struct{}, mortalWorkers), dice: rand.New(newSource(seed, 2))}
}

var (
	errRefused = errors.New("connection refused")
	errBusy    = errors.New("too busy")
	errFault   = errors.New("internal error")
)

// second returns in which second of the run it is.
func (s *mortal) second() int { return int(time.Since(s.begin) / time.Second) }

// ask is one attempt. Who has left is not known: the work is done.
func (s *mortal) ask(ctx context.Context) error {
	if phaseOf(time.Since(s.begin).Seconds()) == dead {
		time.Sleep(time.Millisecond)
		return errRefused
	}
	s.mu.Lock()
	if s.waiting >= mortalQueue {
		s.mu.Unlock()
		return errBusy
	}
	s.waiting++
	size, luck := s.dice.NormFloat64(), s.dice.Float64()
	s.mu.Unlock()
	answer := make(chan error, 1)
	s.all.Go(func() { answer <- s.work(size, luck) })
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// work is what a worker does: of a size that is normal, and with luck from 0 to 1.
func (s *mortal) work(size, luck float64) error {
	s.workers <- struct{}{}
	defer func() { <-s.workers }()
	s.mu.Lock()
	s.waiting--
	s.mu.Unlock()
	now := time.Since(s.begin).Seconds()
	spread := math.Log(float64(mortalP99)/float64(mortalMedian)) / 2.3263 // of a normal distribution's 99th percentile
	takes := time.Duration(float64(mortalMedian) * math.Exp(spread*size))
	var err error
	switch phaseOf(now) {
	case failing:
		if luck < 0.15 {
			err = errFault
		}
	case tailing:
		if luck < 0.1 {
			takes += mortalSlow
		}
	case dead: // it was asked before
		return errRefused
	case back:
		takes = time.Duration(float64(takes) * max(1, 5-4*(now-back*outagePhase)/20))
	default:
	}
	time.Sleep(takes)
	return err
}

// ductileAsking asks by a standard.Client.
func ductileAsking(seed uint64, ask asking, options ...standard.Option) asking {
	p := standard.Client("dependency", options...)
	for i, policy := range p.Policies() {
		if d, ok := policy.(interface{ DrawFrom(rand.Source) }); ok {
			d.DrawFrom(newSource(seed, 10+uint64(i)))
		}
	}
	return func(ctx context.Context) error { return ductile.Run(ctx, p, ask) }
}

var (
	_ interface{ DrawFrom(rand.Source) } = (*retry.Policy)(nil)
	_ interface{ DrawFrom(rand.Source) } = (*breaker.Breaker)(nil)
)

// failsafeAsking asks by failsafe-go's form of a standard.Client, whose retry gives up at some errors.
func failsafeAsking(final ...error) func(uint64, asking) asking {
	return func(_ uint64, ask asking) asking {
		e := failsafe.With[any](
			failsafetimeout.New[any](30*time.Second),
			retrypolicy.NewBuilder[any]().WithMaxAttempts(3).WithBackoff(50*time.Millisecond, 2500*time.Millisecond).WithJitterFactor(1).
				WithBudget(failsafebudget.New()).AbortOnErrors(final...).Build(),
			circuitbreaker.NewBuilder[any]().WithFailureRateThreshold(0.5, 20, 10*time.Second).WithSuccessThresholdRatio(3, 5).
				WithDelay(5*time.Second).Build(),
			failsafebulkhead.New[any](256),
			failsafetimeout.New[any](9*time.Second),
		)
		return func(ctx context.Context) error {
			return e.WithContext(ctx).RunWithExecution(func(x failsafe.Execution[any]) error { return ask(x.Context()) })
		}
	}
}

// retryableAsking asks by go-retryablehttp, as it comes.
func retryableAsking(_ uint64, ask asking) asking {
	c := retryablehttp.NewClient()
	c.HTTPClient = &http.Client{Transport: transport(ask)}
	c.Logger = nil // or it would write two lines for each request
	return func(ctx context.Context) error {
		request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, "http://dependency/", http.NoBody)
		if err != nil {
			return err
		}
		answer, err := c.Do(request)
		if err != nil {
			return err
		}
		return answer.Body.Close()
	}
}

// A transport is an asking as an http.RoundTripper.
type transport asking

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	err := t(r.Context())
	status := http.StatusOK
	switch {
	case errors.Is(err, errFault):
		status = http.StatusInternalServerError
	case errors.Is(err, errBusy):
		status = http.StatusServiceUnavailable
	case err != nil:
		return nil, err
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: http.NoBody, Request: r}, nil
}
