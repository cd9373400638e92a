package main

import (
	"errors"
	"sync"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// Knobs are the policies of a pipeline that can be turned. The pipeline itself stays: nothing that uses it notices.
type Knobs struct {
	total, attempt *timeout.Policy
	retry          *retry.Policy
	breaker        *breaker.Breaker
	bulkhead       *bulkhead.Bulkhead
	pipeline       *ductile.Pipeline

	mu  sync.Mutex // held to turn
	now Settings
}

func newKnobs(s Settings) *Knobs {
	k := &Knobs{
		total:    timeout.New(time.Duration(s.Total), timeout.Name("total")),
		retry:    retry.New(s.retry()...),
		breaker:  breaker.New(s.breaker()...),
		bulkhead: bulkhead.New(s.AtOnce),
		attempt:  timeout.New(time.Duration(s.Attempt), timeout.Name("attempt")),
		now:      s,
	}
	k.pipeline = ductile.New("inventory", k.total, k.retry, k.breaker, k.bulkhead, k.attempt)
	return k
}

// Turn changes all numbers, or none: what makes no sense is found before anything is touched.
func (k *Knobs) Turn(s Settings) error {
	if err := s.Validate(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = s
	return errors.Join(
		k.total.Update(timeout.After(time.Duration(s.Total))), k.attempt.Update(timeout.After(time.Duration(s.Attempt))),
		k.retry.Update(s.retry()...), k.breaker.Update(s.breaker()...), k.bulkhead.Update(s.bulkhead()...),
	)
}

// Now returns the numbers that hold.
func (k *Knobs) Now() Settings {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}
