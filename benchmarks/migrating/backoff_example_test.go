package migrating_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// The code of docs/migrating/backoff.md that stands there as what a program has afterwards.

// likeSchedule is schedule, with three repeats.
func likeSchedule() *ductile.Pipeline {
	return ductile.New("stock", retry.New(
		retry.Attempts(4), // WithMaxRetries has 3: the first comes on top
		retry.Exponential(20*time.Millisecond, 2, time.Second), // InitialInterval, Multiplier, MaxInterval
		retry.ProportionalJitter(0.5),                          // RandomizationFactor
		retry.Elapsed(time.Minute),                             // MaxElapsedTime
		retry.OnRetry(func(e retry.Event) { fmt.Println("again, after:", e.Err) }),
	))
}

func likeBackoffGet(ctx context.Context, p *ductile.Pipeline, inventory *warehouse) (Stock, error) {
	return ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
		stock, err := inventory.Get(ctx, sku)
		if errors.Is(err, errNotFound) {
			return stock, fault.Permanent(err)
		}
		return stock, err
	})
}

// The same as Example_backoffRetry.
func Example_backoffReplaced() {
	p := likeSchedule() // once, at startup
	for _, inventory := range []*warehouse{recovering(), {ends: []error{errNotFound}}, down()} {
		stock, err := likeBackoffGet(ctx, p, inventory)
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
	// 0 stock: retry gave up after 4 attempts (no attempts left): connection refused
}

// A schedule that is there already, and its Permanent.
func Example_backoffKept() {
	p := ductile.New("stock", retry.New(
		retry.Attempts(4),
		retry.FromBackOff(func() *backoff.ExponentialBackOff {
			return backoff.NewExponentialBackOff(backoff.WithInitialInterval(time.Millisecond))
		}),
	))
	calls := 0
	_, err := ductile.Do(ctx, p, func(context.Context) (Stock, error) {
		if calls++; calls < 3 {
			return Stock{}, errDown
		}
		return Stock{}, backoff.Permanent(errNotFound)
	})
	fmt.Println(err, errors.Is(err, errNotFound), calls, "calls")
	// Output:
	// no such item true 3 calls
}

// likeDefaults waits as backoff.NewExponentialBackOff() does.
func likeDefaults() *retry.Policy {
	return retry.New(
		retry.UnlimitedAttempts(), retry.Elapsed(15*time.Minute),
		retry.Exponential(500*time.Millisecond, 1.5, time.Minute), retry.ProportionalJitter(0.5),
		retry.OverloadBase(0),
		retry.Budget(budget.Unlimited()),
	)
}

// connect waits for a dependency that the program cannot start without.
func connect(ctx context.Context, ping func(context.Context) error) error {
	p := ductile.New("database", retry.New(
		retry.UnlimitedAttempts(),
		retry.Exponential(100*time.Millisecond, 2, 10*time.Second),
		retry.Budget(budget.Unlimited()), // nobody else is waiting
	))
	return ductile.Run(ctx, p, ping)
}

// busy is how a dependency says for how long it wants to be left alone, in place of RetryAfter of versions 5 and 6.
func busy(err error) error { return fault.Overload(err, 2*time.Second) }
