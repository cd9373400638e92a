package migrating_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v6"
)

// The code of docs/migrating/backoff.md that stands there as what a program had, with version 6.

func backoffGetV6(ctx context.Context, inventory *warehouse) (Stock, error) {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.MaxInterval = 20*time.Millisecond, 2, time.Second
	return backoff.Retry(ctx, func() (Stock, error) {
		stock, err := inventory.Get(ctx, sku)
		if errors.Is(err, errNotFound) {
			return stock, backoff.Permanent(err)
		}
		return stock, err
	}, backoff.WithBackOff(b), backoff.WithMaxTries(4), backoff.WithMaxElapsedTime(time.Minute))
}

// What version 6 says of an inventory that is down.
func Example_backoffVersion6() {
	_, err := backoffGetV6(ctx, down())
	fmt.Println(err)
	if gaveUp := backoff.AsRetryError(err); gaveUp != nil {
		fmt.Println(errors.Is(gaveUp.Cause, backoff.ErrExhausted), gaveUp.LastErr)
	}
	// Output:
	// backoff: retries exhausted (last error: connection refused)
	// true connection refused
}
