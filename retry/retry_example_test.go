package retry_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// A function that fails once is called again.
func ExampleNew() {
	p := ductile.New("inventory", retry.New(retry.Attempts(3), retry.Exponential(time.Millisecond, 2, time.Second)))

	attempts := 0
	stock, err := ductile.Do(context.Background(), p, func(context.Context) (int, error) {
		if attempts++; attempts == 1 {
			return 0, errors.New("connection reset")
		}
		return 7, nil
	})
	fmt.Println(stock, err, "after", attempts, "attempts")
	// Output: 7 <nil> after 2 attempts
}

// A call that is given up says how often it was made, why no more, and what the last attempt met.
func ExampleNew_givenUp() {
	errReset := errors.New("connection reset")
	p := ductile.New("inventory", retry.New(retry.Attempts(2), retry.Constant(0)))

	err := ductile.Run(context.Background(), p, func(context.Context) error { return errReset })
	fmt.Println(err)
	fmt.Println(errors.Is(err, retry.ErrAttempts), errors.Is(err, errReset))
	// Output:
	// inventory: retry gave up after 2 attempts (no attempts left): connection reset
	// true true
}

// An existing schedule of github.com/cenkalti/backoff joins a pipeline as it is.
func ExampleFromBackOff() {
	schedule := func() retry.BackOff {
		return backoff.NewExponentialBackOff(
			backoff.WithInitialInterval(time.Millisecond), backoff.WithMultiplier(2), backoff.WithRandomizationFactor(0))
	}
	p := ductile.New("inventory", retry.New(retry.Attempts(4), retry.FromBackOff(schedule), retry.OnRetry(func(e retry.Event) {
		fmt.Println("attempt", e.Attempt, "in", e.Wait)
	})))

	_ = ductile.Run(context.Background(), p, func(context.Context) error { return errors.New("connection reset") })
	// Output:
	// attempt 2 in 1ms
	// attempt 3 in 2ms
	// attempt 4 in 4ms
}

// A listener hears of each attempt to come: for a log, where OpenTelemetry is not at hand.
func ExampleOnRetry() {
	p := ductile.New("inventory", retry.New(retry.Constant(time.Millisecond), retry.NoJitter(), retry.OnRetry(func(e retry.Event) {
		fmt.Printf("attempt %d in %v, after %s: %v\n", e.Attempt, e.Wait, e.Class, e.Err)
	})))

	_ = ductile.Run(context.Background(), p, func(context.Context) error { return fault.Timeout(errors.New("no answer")) })
	// Output:
	// attempt 2 in 1ms, after timeout: no answer
	// attempt 3 in 1ms, after timeout: no answer
}

// In an outage somebody turns the repeats down, without a restart and in each pipeline that the retry stands in, and afterwards up again.
func ExamplePolicy_Update() {
	again := retry.New(retry.Constant(0))
	p := ductile.New("inventory", again)
	call := func() {
		err := ductile.Run(context.Background(), p, func(context.Context) error { return errors.New("connection reset") })
		fmt.Println(err)
	}

	call()
	fmt.Println(again.Update(retry.Attempts(1)))
	call()
	fmt.Println(again.Update(retry.Attempts(0)))
	fmt.Println(again.Update(retry.Attempts(2)))
	call()
	// Output:
	// inventory: retry gave up after 3 attempts (no attempts left): connection reset
	// <nil>
	// connection reset
	// retry: Attempts(0): must be at least 1
	// <nil>
	// inventory: retry gave up after 2 attempts (no attempts left): connection reset
}

// Options that come from a file are checked before they are used.
func ExampleValidate() {
	fmt.Println(retry.Validate(retry.Attempts(0), retry.Constant(-time.Second)))
	// Output:
	// retry: Attempts(0): must be at least 1
	// retry: Constant(-1s): must be zero or above
}
