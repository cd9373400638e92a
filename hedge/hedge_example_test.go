package hedge_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// A copy that takes long gets company, and the first answer is the call's. The pipeline knows which copy a function is called for.
func ExampleAfter() {
	p := ductile.NewConcurrent("inventory", hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.Unlimited())))

	stock, err := ductile.DoConcurrent(context.Background(), p, func(ctx context.Context) (int, error) {
		if _, n := p.Attempt(ctx); n == 1 {
			<-ctx.Done() // hangs, until the other copy has won
			return 0, ctx.Err()
		}
		return 7, nil
	})
	fmt.Println(stock, err)
	// Output: 7 <nil>
}

// Where each copy goes to a replica of its own, and one refuses by an open breaker or a full bulkhead, the copy for the other goes at once.
func ExampleOn() {
	h := hedge.New(
		hedge.After(time.Hour), // not for being slow, here
		hedge.On(fault.ClassTransient, fault.ClassTimeout, fault.ClassRejected),
		hedge.Budget(budget.Unlimited()),
	)
	p := ductile.NewConcurrent("inventory", h)
	errOpen := fmt.Errorf("replica 1: %w", fault.ErrRejected)

	replica, err := ductile.DoConcurrent(context.Background(), p, func(ctx context.Context) (int, error) {
		_, n := p.Attempt(ctx)
		if n == 1 {
			return n, errOpen
		}
		return n, nil
	})
	fmt.Println("answered by replica", replica, err)
	// Output: answered by replica 2 <nil>
}

// An error that is an answer wins like any other: no copy would know better.
func ExamplePolicy_permanent() {
	errNotFound := errors.New("no such article")
	h := hedge.New(hedge.After(time.Hour), hedge.Budget(budget.Unlimited()))
	p := ductile.NewConcurrent("inventory", h)

	_, err := ductile.DoConcurrent(context.Background(), p, func(context.Context) (int, error) {
		return 0, fault.Permanent(errNotFound)
	})
	fmt.Println(err, "- extra copies:", h.Snapshot().Launched)
	// Output: no such article - extra copies: 0
}

// To see what a hedge would do before it does it, allow it no extra copies.
func ExampleExtra_observing() {
	h := hedge.New(hedge.Extra(0))
	p := ductile.NewConcurrent("inventory", h)
	for range 20 {
		_, _ = ductile.DoConcurrent(context.Background(), p, func(context.Context) (int, error) { return 7, nil })
	}
	s := h.Snapshot()
	fmt.Println(s.Samples, "answers, known:", s.Known, "launched:", s.Launched)
	fmt.Println(p)
	// Output:
	// 20 answers, known: false launched: 0
	// pipeline "inventory"
	//   hedge  no extra copies, observes only
}

// The dependency is in trouble, and a person on call takes the copies away, while calls go on; and later gives them back.
func ExamplePolicy_Update() {
	h := hedge.New(hedge.Extra(2), hedge.MaxDelay(time.Second))
	p := ductile.NewConcurrent("inventory", h)

	_ = h.Update(hedge.Extra(0))
	fmt.Println(p)
	err := h.Update(hedge.Extra(1), hedge.MaxDelay(-time.Second)) // a slip: nothing changes
	fmt.Println(err)
	_ = h.Update(hedge.Extra(1))
	fmt.Println(p)
	// Output:
	// pipeline "inventory"
	//   hedge  no extra copies, observes only
	// hedge: MaxDelay(-1s): must be above zero
	// pipeline "inventory"
	//   hedge  1 extra copy after the p95 of the last 30s, at least 1ms, at most 1s, at once on transient, timeout
}
