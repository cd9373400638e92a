package migrating_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// The code of docs/migrating/failsafe-go.md that stands there as what a program has afterwards.

// likeFailsafeBreaker is the breaker of failsafeBreaker.
func likeFailsafeBreaker() *breaker.Breaker {
	b := breaker.New(
		breaker.Name("inventory"),
		breaker.FailureRate(0.5), breaker.MinCalls(20), breaker.Window(10*time.Second), // WithFailureRateThreshold
		breaker.ConsecutiveFailures(0),
		breaker.OpenTime(5*time.Second), breaker.OpenTimeGrowth(1, time.Minute), breaker.OpenTimeJitter(0), // WithDelay
		breaker.Probes(5), breaker.ProbeFailureRate(0.000001), // WithSuccessThreshold
	)
	return b
}

func likeFailsafeExecutor() *ductile.Pipeline {
	p := ductile.New("stock",
		fallback.Value(Stock{Unknown: true}),
		timeout.New(2*time.Second),
		retry.New(
			retry.Attempts(3), // WithMaxRetries has 2: the first comes on top
			retry.Exponential(20*time.Millisecond, 2, time.Second),
			retry.ProportionalJitter(0.25),
		),
		likeFailsafeBreaker(),
		bulkhead.New(64),
		timeout.New(300*time.Millisecond),
	)
	return p
}

// The same as Example_failsafeExecutor: the answer that is no fault is marked once, where it is made.
func Example_failsafeReplaced() {
	for _, inventory := range []*warehouse{recovering(), down(), {ends: []error{errNotFound}}} {
		p := likeFailsafeExecutor()
		stock, err := ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
			stock, err := inventory.Get(ctx, sku)
			if errors.Is(err, errNotFound) {
				return stock, fault.Permanent(err) // an answer, for all policies
			}
			return stock, err
		})
		fmt.Println(stock, err, inventory.calls, "calls")
	}
	// Output:
	// {3 false} <nil> 3 calls
	// {0 true} <nil> 3 calls
	// {0 false} no such item 1 calls
}

// kept is a breaker of failsafe-go as a gate.
type kept struct {
	cb circuitbreaker.CircuitBreaker[any]
}

func (kept) Name() string { return "inventory" }

func (k kept) Acquire(context.Context) (token uint64, err error) {
	if !k.cb.TryAcquirePermit() {
		return 0, circuitbreaker.ErrOpen
	}
	return 0, nil
}

func (k kept) Release(_ uint64, err error) {
	if fault.Of(err).Failure() {
		k.cb.RecordFailure()
	} else {
		k.cb.RecordSuccess() // also where the caller has gone: it must be told one or the other
	}
}

// A breaker that other parts of the program still use.
func Example_failsafeKept() {
	inventory := down()
	cb := circuitbreaker.NewBuilder[any]().WithFailureThreshold(2).Build()
	p := ductile.New("stock", retry.New(retry.Constant(short)), kept{cb})
	_, err := ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
		return inventory.Get(ctx, sku)
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, circuitbreaker.ErrOpen), errors.Is(err, errDown), inventory.calls, "calls")
	// Output:
	// stock: retry gave up after 2 attempts (stock: rejected by inventory: circuit breaker open): connection refused
	// true true 2 calls
}

// A diary is an observer that prints how calls end, in place of OnDone.
type diary struct{}

func (diary) Begin(ctx context.Context, pipeline string) (context.Context, ductile.Watch) {
	return ctx, entry{}
}

type entry struct{ ductile.NopWatch }

func (entry) RetryStopped(_ context.Context, e ductile.RetryStopped) {
	fmt.Println("gave up:", e.Reason)
}

func (entry) Ended(_ context.Context, e ductile.Ended) { fmt.Println("done, error:", e.Err != nil) }

// Listeners of policies, and an observer of the pipeline.
func Example_failsafeObserved() {
	inventory := down()
	p := ductile.New("stock",
		retry.New(retry.Constant(short), retry.OnRetry(func(e retry.Event) {
			fmt.Println("attempt", e.Attempt-1, "failed:", e.Err)
		})),
		breaker.New(
			breaker.NoFailureRate(), breaker.ConsecutiveFailures(3),
			breaker.OnTransition(func(t breaker.Transition) { fmt.Println(t.To, "was", t.From) }),
		),
	).With(diary{})
	_, _ = ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) { return inventory.Get(ctx, sku) })
	// Output:
	// attempt 1 failed: connection refused
	// attempt 2 failed: connection refused
	// open was closed
	// gave up: no attempts left
	// done, error: true
}

// What is judged is the error, so a value that is none becomes one.
func Example_failsafeResults() {
	calls := 0
	load := func(context.Context) (Stock, error) { calls++; return Stock{Unknown: true}, nil }
	p := ductile.New("stock", retry.New(retry.Constant(short)))

	errUnknown := errors.New("the count is not known")
	stock, err := ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
		stock, err := load(ctx)
		if err == nil && stock.Unknown {
			err = errUnknown
		}
		return stock, err
	})
	fmt.Println(stock, err, calls, "calls")
	// Output:
	// {0 true} stock: retry gave up after 3 attempts (no attempts left): the count is not known 3 calls
}

// likeRetryDefaults is retrypolicy.NewWithDefaults in our options.
func likeRetryDefaults() *retry.Policy {
	return retry.New(
		retry.Constant(0), retry.OverloadBase(0), // three attempts, at once
		retry.Budget(budget.Unlimited()),
	)
}

// likeBreakerDefaults is circuitbreaker.NewWithDefaults in our options.
func likeBreakerDefaults() *breaker.Breaker {
	return breaker.New(
		breaker.NoFailureRate(), breaker.ConsecutiveFailures(1), // one failure opens it
		breaker.OpenTime(time.Minute), breaker.OpenTimeGrowth(1, time.Minute), breaker.OpenTimeJitter(0),
		breaker.Probes(1), breaker.ProbeFailureRate(0.000001), // one success closes it
		breaker.ProbeLease(0), // a probe that hangs keeps its place for ever
	)
}

// The same transport.
func Example_failsafeTransport() {
	server := open(503, 503, 200)
	defer server.Close()
	p := ductile.New("inventory",
		retry.New(retry.Exponential(time.Millisecond, 2, time.Second), retry.OverloadBase(0)),
		timeout.New(2*time.Second),
	)
	client := &http.Client{Transport: ductilehttp.NewTransport(nil, p)}
	fmt.Println(ask(ctx, client, http.MethodGet, server.URL))
	// Output:
	// 200 answer 3 <nil>
}
