package migrating_test

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/fallback"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/failsafe-go/failsafe-go/timeout"
)

// The code of docs/migrating/failsafe-go.md that stands there as what a program had.

// failsafeBreaker is a breaker with the options that most programs set.
func failsafeBreaker() circuitbreaker.CircuitBreaker[Stock] {
	cb := circuitbreaker.NewBuilder[Stock]().
		HandleIf(func(_ Stock, err error) bool { return err != nil && !errors.Is(err, errNotFound) }).
		WithFailureRateThreshold(0.5, 20, 10*time.Second).
		WithDelay(5 * time.Second).
		WithSuccessThreshold(5).
		Build()
	return cb
}

func failsafeExecutor() failsafe.Executor[Stock] {
	retries := retrypolicy.NewBuilder[Stock]().
		AbortOnErrors(errNotFound, circuitbreaker.ErrOpen).
		WithMaxRetries(2).
		WithBackoff(20*time.Millisecond, time.Second).
		WithJitterFactor(0.25).
		Build()
	answer := fallback.NewBuilderWithResult(Stock{Unknown: true}).
		HandleIf(func(_ Stock, err error) bool { return err != nil && !errors.Is(err, errNotFound) }).
		Build()
	executor := failsafe.With[Stock](
		answer,
		timeout.New[Stock](2*time.Second),
		retries,
		failsafeBreaker(),
		bulkhead.New[Stock](64),
		timeout.New[Stock](300*time.Millisecond),
	)
	return executor
}

// What the executor does with an inventory that is down, and one that has no such item.
func Example_failsafeExecutor() {
	for _, inventory := range []*warehouse{recovering(), down(), {ends: []error{errNotFound}}} {
		executor := failsafeExecutor()
		stock, err := executor.WithContext(ctx).GetWithExecution(func(exec failsafe.Execution[Stock]) (Stock, error) {
			return inventory.Get(exec.Context(), sku)
		})
		fmt.Println(stock, err, inventory.calls, "calls")
	}
	// Output:
	// {3 false} <nil> 3 calls
	// {0 true} <nil> 3 calls
	// {0 false} no such item 1 calls
}

// Listeners of the policies and of the executor.
func Example_failsafeListeners() {
	inventory := down()
	retries := retrypolicy.NewBuilder[Stock]().
		WithDelay(short).
		OnRetryScheduled(func(e failsafe.ExecutionScheduledEvent[Stock]) {
			fmt.Println("attempt", e.Attempts(), "failed:", e.LastError())
		}).
		OnRetriesExceeded(func(e failsafe.ExecutionEvent[Stock]) { fmt.Println("gave up:", e.LastError()) }).
		Build()
	cb := circuitbreaker.NewBuilder[Stock]().
		WithFailureThreshold(3).
		OnStateChanged(func(e circuitbreaker.StateChangedEvent) { fmt.Println(e.NewState, "was", e.OldState) }).
		Build()
	executor := failsafe.With[Stock](retries, cb).
		OnDone(func(e failsafe.ExecutionDoneEvent[Stock]) {
			fmt.Println("done, error:", e.Error != nil)
		})
	_, _ = executor.Get(func() (Stock, error) { return inventory.Get(ctx, sku) })
	// Output:
	// attempt 1 failed: connection refused
	// attempt 2 failed: connection refused
	// open was closed
	// gave up: connection refused
	// done, error: true
}

// failsafeStale judges by the value.
func failsafeStale() retrypolicy.RetryPolicy[Stock] {
	retries := retrypolicy.NewBuilder[Stock]().
		HandleResult(Stock{Unknown: true}).
		Build()
	return retries
}

// A client whose transport repeats.
//
//nolint:bodyclose // it takes a policy that has *http.Response for its type for an answer
func Example_failsafeRoundTripper() {
	server := open(503, 503, 200)
	defer server.Close()
	retries := failsafehttp.NewRetryPolicyBuilder().
		WithBackoff(time.Millisecond, time.Second).
		Build()
	client := &http.Client{
		Transport: failsafehttp.NewRoundTripper(nil, retries, timeout.New[*http.Response](2*time.Second)),
	}
	fmt.Println(ask(ctx, client, http.MethodGet, server.URL))
	// Output:
	// 200 answer 3 <nil>
}
