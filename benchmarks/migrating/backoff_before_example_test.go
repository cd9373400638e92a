package migrating_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// The code of docs/migrating/backoff.md that stands there as what a program had, with version 4.

// schedule has the settings that programs make.
func schedule() *backoff.ExponentialBackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(20*time.Millisecond),
		backoff.WithMultiplier(2),
		backoff.WithRandomizationFactor(0.5),
		backoff.WithMaxInterval(time.Second),
		backoff.WithMaxElapsedTime(time.Minute),
	)
}

func backoffGet(ctx context.Context, inventory *warehouse) (Stock, error) {
	return backoff.RetryNotifyWithData(func() (Stock, error) {
		stock, err := inventory.Get(ctx, sku)
		if errors.Is(err, errNotFound) {
			return stock, backoff.Permanent(err)
		}
		return stock, err
	}, backoff.WithContext(backoff.WithMaxRetries(schedule(), 3), ctx), func(err error, _ time.Duration) {
		fmt.Println("again, after:", err)
	})
}

// An inventory that recovers, one that has no such item, and one that is down.
func Example_backoffRetry() {
	for _, inventory := range []*warehouse{recovering(), {ends: []error{errNotFound}}, down()} {
		stock, err := backoffGet(ctx, inventory)
		fmt.Println(stock.Count, err)
	}
	// Output:
	// again, after: connection refused
	// again, after: connection refused
	// 3 <nil>
	// 0 no such item
	// again, after: connection refused
	// again, after: connection refused
	// again, after: connection refused
	// 0 connection refused
}

// A loop over a ticker.
func backoffTicker(inventory *warehouse) (stock Stock, err error) {
	ticker := backoff.NewTicker(backoff.WithMaxRetries(backoff.NewConstantBackOff(short), 3))
	defer ticker.Stop()
	for range ticker.C {
		if stock, err = inventory.Get(ctx, sku); err == nil {
			break
		}
	}
	return stock, err
}
