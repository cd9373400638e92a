package ductile_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
)

// Two replicas, the first of which hangs today. The copy asks the other one; what the loser opened is closed.
func ExampleDoConcurrent() {
	replicas := []func(context.Context) (io.ReadCloser, error){
		func(ctx context.Context) (io.ReadCloser, error) { <-ctx.Done(); return nil, ctx.Err() },
		func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("42 left")), nil },
	}
	p := ductile.NewConcurrent("stock", hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.Unlimited())))
	answer, err := ductile.DoConcurrent(context.Background(), p, func(ctx context.Context) (io.ReadCloser, error) {
		_, copy := p.Attempt(ctx)
		return replicas[copy-1](ctx)
	}, ductile.Discard(func(r io.ReadCloser) { _ = r.Close() }))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := io.ReadAll(answer)
	fmt.Println(string(text))
	// Output: 42 left
}

// hanging is slow in its first copy, and not in its second.
func hanging(p *ductile.ConcurrentPipeline) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		if _, copy := p.Attempt(ctx); copy == 1 {
			<-ctx.Done()
			return 0, ctx.Err()
		}
		return 42, nil
	}
}

// A hedge around a breaker: the breaker hears of each copy. Give each replica one of its own there.
func Example_hedgeAroundBreaker() {
	b := breaker.New()
	p := ductile.NewConcurrent("stock", hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.Unlimited())), b)
	_, _ = ductile.DoConcurrent(context.Background(), p, hanging(p))
	counts := b.Snapshot().Counts
	fmt.Println("counted:", counts.Calls, "slow:", counts.Slow)
	// Output: counted: 2 slow: 1
}

// A breaker around a hedge: the breaker hears of the call, and a replica that hangs is none of its business.
func Example_breakerAroundHedge() {
	b := breaker.New()
	p := ductile.NewConcurrent("stock", b, hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.Unlimited())))
	_, _ = ductile.DoConcurrent(context.Background(), p, hanging(p))
	counts := b.Snapshot().Counts
	fmt.Println("counted:", counts.Calls, "slow:", counts.Slow)
	// Output: counted: 1 slow: 0
}

// A retry around a bulkhead: the wait before the next attempt holds no permit. This is the usual order.
func Example_retryAroundBulkhead() {
	hold := bulkhead.New(10)
	again := retry.New(retry.Attempts(2), retry.Constant(time.Millisecond), retry.OnRetry(func(retry.Event) {
		fmt.Println("in flight before the wait:", hold.Snapshot().InFlight)
	}))
	_ = ductile.Run(context.Background(), ductile.New("stock", again, hold), reset)
	// Output: in flight before the wait: 0
}

// A bulkhead around a retry: who waits for the next attempt keeps others out.
func Example_bulkheadAroundRetry() {
	hold := bulkhead.New(10)
	again := retry.New(retry.Attempts(2), retry.Constant(time.Millisecond), retry.OnRetry(func(retry.Event) {
		fmt.Println("in flight before the wait:", hold.Snapshot().InFlight)
	}))
	_ = ductile.Run(context.Background(), ductile.New("stock", hold, again), reset)
	// Output: in flight before the wait: 1
}

// What a middleware can be: here it takes the time of what is inside.
func ExampleMiddleware() {
	p := ductile.NewConcurrent("stock", timekeeper{}, retry.New(retry.Constant(0)))
	calls := 0
	_, err := ductile.DoConcurrent(context.Background(), p, func(context.Context) (int, error) {
		calls++
		return 42, nil
	})
	fmt.Println(calls, err)
	// Output:
	// took less than a minute: true
	// 1 <nil>
}

type timekeeper struct{}

func (timekeeper) Name() string { return "stopwatch" }

func (timekeeper) Around(ctx context.Context, next func(context.Context) error) error {
	begin := time.Now()
	err := next(ctx)
	fmt.Println("took less than a minute:", time.Since(begin) < time.Minute)
	return err
}
