package main

import (
	"context"
	"time"

	backoff4 "github.com/cenkalti/backoff/v4"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
)

// A persister repeats what fails until it does not.
type persister func(attempt func() error)

// persistent makes ours, for all clients.
func persistent(seed uint64, options []retry.Option) persister {
	policy := retry.New(append(options, retry.UnlimitedAttempts(), retry.Budget(budget.Unlimited()))...)
	policy.DrawFrom(newSource(seed, 1))
	pipeline := ductile.New("row", policy)
	return func(attempt func() error) {
		_ = ductile.Run(context.Background(), pipeline, func(context.Context) error { return attempt() }) // it goes on until there is no error
	}
}

// A jitter is a wait that is drawn from around one that doubles: from that times 1 - around to that times 1 + around. So do peers say it.
type jitter struct {
	least, most time.Duration
	around      float64
}

// jitters are ours, as peers say them. They have no decorrelated one.
func jitters(base, limit time.Duration) map[string]jitter {
	return map[string]jitter{
		"full jitter":  {base / 2, limit / 2, 1},
		"equal jitter": {base * 3 / 4, limit * 3 / 4, 1. / 3},
		"no jitter":    {base, limit, 0},
		"no backoff":   {},
	}
}

const backoff4Version = "cenkalti/backoff 4.3.0"

// persistentPeers are the peers, by how they wait.
func persistentPeers() map[string]func(jitter) persister {
	return map[string]func(jitter) persister{
		failsafeGo: func(j jitter) persister {
			b := retrypolicy.NewBuilder[any]().WithMaxAttempts(-1)
			if j.least > 0 {
				b = b.WithBackoff(j.least, j.most).WithJitterFactor(j.around)
			}
			e := failsafe.With[any](b.Build())
			return func(attempt func() error) { _ = e.Run(attempt) }
		},
		backoff4Version: func(j jitter) persister {
			return func(attempt func() error) {
				var waits backoff4.BackOff = &backoff4.ZeroBackOff{}
				if j.least > 0 {
					waits = backoff4.NewExponentialBackOff(backoff4.WithInitialInterval(j.least), backoff4.WithMaxInterval(j.most),
						backoff4.WithMultiplier(2), backoff4.WithRandomizationFactor(j.around), backoff4.WithMaxElapsedTime(0))
				}
				_ = backoff4.Retry(attempt, waits)
			}
		},
	}
}
