package breaker_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// A breaker in a pipeline: five failures in a row, and the dependency is left alone.
func ExampleNew() {
	p := ductile.New("inventory", breaker.New(breaker.Name("stock")))
	reached := 0
	stock := func(context.Context) (int, error) {
		reached++
		return 0, errors.New("connection refused")
	}
	for range 100 {
		_, err := ductile.Do(context.Background(), p, stock)
		if open, ok := errors.AsType[*breaker.OpenError](err); ok {
			_, known := open.RetryAfter()
			fmt.Printf("%s is %s: %s\n", open.Name, open.State, open.Cause)
			fmt.Println("the last failure:", open.Last)
			fmt.Println("knows when to come back:", known)
			break
		}
	}
	fmt.Println("reached the dependency:", reached)
	// Output:
	// stock is open: too many calls in a row failed
	// the last failure: connection refused
	// knows when to come back: true
	// reached the dependency: 5
}

// An answer is no failure, though it be an error: say so, and a thousand customers who ask for what there is not open nothing.
func ExampleNew_answers() {
	b := breaker.New()
	p := ductile.New("inventory", b)
	notFound := errors.New("no such thing")
	for range 1000 {
		_ = ductile.Run(context.Background(), p, func(context.Context) error { return fault.Permanent(notFound) })
	}
	fmt.Println(b.State())
	// Output:
	// closed
}

// Without a pipeline: ask before a call, and tell after it how it ended.
func ExampleBreaker_Acquire() {
	b := breaker.New()
	token, err := b.Acquire(context.Background())
	if err != nil {
		fmt.Println("not now:", err)
		return
	}
	err = errors.New("connection refused") // of the call
	b.Release(token, err)
	fmt.Println(b.Snapshot().Counts.Failures, "failure")
	// Output:
	// 1 failure
}

// A listener hears of each change of state, outside all locks: it may ask the breaker.
func ExampleOnTransition() {
	var b *breaker.Breaker
	b = breaker.New(breaker.Name("stock"), breaker.ConsecutiveFailures(2), breaker.OnTransition(func(t breaker.Transition) {
		fmt.Printf("%s: %s, was %s: %s (last: %v); now %s\n", t.Name, t.To, t.From, t.Cause, t.Err, b.State())
	}))
	p := ductile.New("inventory", b)
	for range 2 {
		_ = ductile.Run(context.Background(), p, func(context.Context) error { return errors.New("connection refused") })
	}
	b.Reset()
	// Output:
	// stock: open, was closed: too many calls in a row failed (last: connection refused); now open
	// stock: closed, was open: reset (last: <nil>); now closed
}

// A person who knows better than the statistics: nobody calls a dependency that is being moved.
func ExampleBreaker_Isolate() {
	b := breaker.New(breaker.Name("stock"))
	p := ductile.New("inventory", b)
	call := func() error {
		return ductile.Run(context.Background(), p, func(context.Context) error { return nil })
	}

	b.Isolate("moving to the new data center")
	err := call()
	fmt.Println(err, errors.Is(err, breaker.ErrOpen))

	b.Reset()
	fmt.Println(call())
	// Output:
	// stock is isolated: moving to the new data center true
	// <nil>
}

// What a status page shows. Reading changes nothing.
func ExampleBreaker_Snapshot() {
	b := breaker.New(breaker.Name("stock"), breaker.OpenTime(time.Minute), breaker.OpenTimeJitter(0))
	p := ductile.New("inventory", b)
	for n := range 20 {
		_ = ductile.Run(context.Background(), p, func(context.Context) error {
			if n%4 == 0 {
				return errors.New("connection refused")
			}
			return nil
		})
	}
	s := b.Snapshot()
	fmt.Printf("%s is %s: %.0f %% of %d calls failed, %d refused\n", s.Name, s.State, 100*s.Counts.FailureRate(), s.Counts.Calls, s.Refused)
	// Output:
	// stock is closed: 25 % of 20 calls failed, 0 refused
}

// A person on call turns a knob while calls go on. What the breaker has counted stays; what makes no sense changes nothing.
func ExampleBreaker_Update() {
	b := breaker.New(breaker.Name("stock"))
	p := ductile.New("inventory", b)
	for range 4 {
		_ = ductile.Run(context.Background(), p, func(context.Context) error { return errors.New("connection refused") })
	}
	fmt.Println(b.Update(breaker.ConsecutiveFailures(10), breaker.OpenTime(time.Second)))
	fmt.Println(b)
	fmt.Println(b.Update(breaker.ConsecutiveFailures(3), breaker.Probes(0)))
	fmt.Println(b.State(), "after", b.Snapshot().Counts.Consecutive, "failures in a row")
	// Output:
	// <nil>
	// opens at 50 % failures of >= 20 calls in 10s, or with fewer at 10 in a row; for 1s, then 5 probes
	// breaker: Probes(0): must be from 1 to 1024
	// closed after 4 failures in a row
}
