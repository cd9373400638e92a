package ductile_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// Stock is what the examples ask for.
type Stock struct{ Count int }

// ErrNotFound is an answer, not a fault.
var ErrNotFound = errors.New("no such article")

func Example() {
	p := ductile.New("inventory",
		fallback.Value(Stock{}),           // what instead, when the dependency is at fault
		timeout.New(2*time.Second),        // the whole call
		retry.New(),                       // again, with backoff, jitter and a budget
		breaker.New(),                     // may it go at all
		timeout.New(300*time.Millisecond), // each attempt
	)
	get := ductile.Wrap(p, func(_ context.Context, sku string) (Stock, error) {
		switch sku {
		case "4711":
			return Stock{Count: 42}, nil
		case "unknown":
			return Stock{}, fault.Permanent(ErrNotFound) // no retry, no trip, no fallback
		default:
			return Stock{}, errors.New("connection reset by peer")
		}
	})
	for _, sku := range []string{"4711", "unknown", "4712"} {
		ctx, report := ductile.WithReport(context.Background())
		stock, err := get(ctx, sku)
		fmt.Println(stock.Count, err, len(report.Attempts()), report.Degraded())
	}
	// Output:
	// 42 <nil> 1 false
	// 0 no such article 1 false
	// 0 <nil> 3 true
}

// The examples below are about the order of policies: the same two, in both orders, and the number that differs.
var errReset = errors.New("connection reset by peer")

func reset(context.Context) error { return errReset }

// A retry around a breaker: the breaker hears of each attempt, and stops the retry when it opens. This is the usual order.
func Example_retryAroundBreaker() {
	b := breaker.New(breaker.ConsecutiveFailures(4))
	p := ductile.New("inventory", retry.New(retry.Constant(0)), b)
	calls := 0
	for range 2 {
		_ = ductile.Run(context.Background(), p, func(ctx context.Context) error { calls++; return reset(ctx) })
	}
	fmt.Println("requests:", calls, "failures counted:", b.Snapshot().Opened*4, "state:", b.State())
	// Output: requests: 4 failures counted: 4 state: open
}

// A breaker around a retry: the breaker hears of each call, after its last attempt. It opens later, and a call that one repeat mends is no
// failure to it.
func Example_breakerAroundRetry() {
	b := breaker.New(breaker.ConsecutiveFailures(4))
	p := ductile.New("inventory", b, retry.New(retry.Constant(0)))
	calls := 0
	for range 2 {
		_ = ductile.Run(context.Background(), p, func(ctx context.Context) error { calls++; return reset(ctx) })
	}
	fmt.Println("requests:", calls, "failures counted:", b.Snapshot().Counts.Failures, "state:", b.State())
	// Output: requests: 6 failures counted: 2 state: closed
}

// slow does not answer in 20 ms.
func slow(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Minute):
		return nil
	}
}

// A timeout outside of a retry limits the whole call: the first attempt may use it up.
func Example_timeoutOutsideRetry() {
	p := ductile.New("inventory", timeout.New(20*time.Millisecond), retry.New(retry.Constant(0)))
	calls := 0
	err := ductile.Run(context.Background(), p, func(ctx context.Context) error { calls++; return slow(ctx) })
	fmt.Println("attempts:", calls)
	fmt.Println(errors.Is(err, timeout.ErrExceeded))
	// Output:
	// attempts: 1
	// true
}

// A timeout inside of a retry limits each attempt: one that hangs leaves the others their time.
func Example_timeoutInsideRetry() {
	p := ductile.New("inventory", retry.New(retry.Constant(0)), timeout.New(20*time.Millisecond))
	calls := 0
	err := ductile.Run(context.Background(), p, func(ctx context.Context) error { calls++; return slow(ctx) })
	fmt.Println("attempts:", calls)
	fmt.Println(err)
	// Output:
	// attempts: 3
	// inventory: retry gave up after 3 attempts (no attempts left): timeout: no answer within 20ms
}

// A fallback outermost answers for a call that the policies within could not save.
func Example_fallbackOutermost() {
	p := ductile.New("inventory", fallback.Value(Stock{Count: -1}), retry.New(retry.Constant(0)))
	calls := 0
	stock, err := ductile.Do(context.Background(), p, func(ctx context.Context) (Stock, error) { calls++; return Stock{}, reset(ctx) })
	fmt.Println("attempts:", calls, "answer:", stock.Count, err)
	// Output: attempts: 3 answer: -1 <nil>
}

// A fallback inside of a retry answers for the first failure, and the retry has nothing left to do.
func Example_fallbackInsideRetry() {
	p := ductile.New("inventory", retry.New(retry.Constant(0)), fallback.Value(Stock{Count: -1}))
	calls := 0
	stock, err := ductile.Do(context.Background(), p, func(ctx context.Context) (Stock, error) { calls++; return Stock{}, reset(ctx) })
	fmt.Println("attempts:", calls, "answer:", stock.Count, err)
	// Output: attempts: 1 answer: -1 <nil>
}

// Two pipelines that load the same dependency share one budget, so that together they stay within it.
func ExampleNew_sharedBudget() {
	extra := budget.New(budget.Floor(0)) // a fifth, and nothing besides
	read := ductile.New("read", retry.New(retry.Budget(extra), retry.Constant(0)))
	write := ductile.New("write", retry.New(retry.Budget(extra), retry.Constant(0)))
	calls := 0
	for range 50 {
		_ = ductile.Run(context.Background(), read, func(ctx context.Context) error { calls++; return reset(ctx) })
		_ = ductile.Run(context.Background(), write, func(ctx context.Context) error { calls++; return reset(ctx) })
	}
	fmt.Println("calls: 100, requests:", calls)
	// Output: calls: 100, requests: 120
}

// A payment is not repeated, and still counts for the breaker.
func ExampleOnce() {
	b := breaker.New()
	p := ductile.New("payments", retry.New(), b)
	calls := 0
	err := ductile.Run(ductile.Once(context.Background()), p, func(ctx context.Context) error { calls++; return reset(ctx) })
	fmt.Println(calls, err, b.Snapshot().Counts.Failures)
	// Output: 1 connection reset by peer 1
}

// Policies say what they do.
func ExamplePipeline_String() {
	fmt.Println(ductile.New("inventory", retry.New(), breaker.New(), timeout.New(time.Second)))
	// Output:
	// pipeline "inventory"
	//   retry    3 attempts, full jitter under 100ms growing 2-fold to 5s, on transient, timeout, overload
	//   breaker  opens at 50 % failures of >= 20 calls in 10s, or with fewer at 5 in a row; for 5s, then 5 probes
	//   timeout  1s
}

// printer is an observer.
type printer struct{ ductile.NopWatch }

func (printer) Begin(ctx context.Context, pipeline string) (context.Context, ductile.Watch) {
	fmt.Println(pipeline, "begins")
	return ctx, printer{}
}

func (printer) AttemptEnded(_ context.Context, e ductile.AttemptEnded) {
	fmt.Println("attempt", e.Attempt, "ended:", e.Class)
}

func (printer) Ended(_ context.Context, e ductile.Ended) { fmt.Println("call ended:", e.Class) }

// An observer embeds NopWatch and writes the methods it wants.
func ExamplePipeline_With() {
	p := ductile.New("inventory", retry.New(retry.Constant(0))).With(printer{})
	_ = ductile.Run(context.Background(), p, func(ctx context.Context) error {
		if attempt, _ := p.Attempt(ctx); attempt == 1 {
			return errReset
		}
		return nil
	})
	// Output:
	// inventory begins
	// attempt 1 ended: transient
	// attempt 2 ended: success
	// call ended: success
}
