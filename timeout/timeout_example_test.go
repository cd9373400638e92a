package timeout_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// A function that heeds its context is ended by it.
func ExampleNew() {
	p := ductile.New("inventory", timeout.New(time.Millisecond))

	err := ductile.Run(context.Background(), p, func(ctx context.Context) error {
		<-ctx.Done() // as a client does that is given a context
		return ctx.Err()
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, timeout.ErrExceeded), errors.Is(err, context.DeadlineExceeded))
	// Output:
	// timeout: no answer within 1ms
	// true true
}

// Around a retry a timeout limits the whole call, and inside it each attempt. The names tell them apart.
func ExampleNew_eachAttempt() {
	p := ductile.New("inventory",
		timeout.New(time.Minute, timeout.Name("total")),
		retry.New(retry.Attempts(2), retry.Constant(0)),
		timeout.New(time.Millisecond, timeout.Name("attempt")),
	)
	err := ductile.Run(context.Background(), p, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	fmt.Println(err)
	// Output: inventory: retry gave up after 2 attempts (no attempts left): attempt: no answer within 1ms
}

// How long a call may take can depend on the call.
func ExampleFrom() {
	type tenant struct{}
	p := ductile.New("reports", timeout.From(func(ctx context.Context) time.Duration {
		if ctx.Value(tenant{}) == "gold" {
			return time.Minute
		}
		return time.Second
	}))
	for _, name := range []string{"gold", "silver"} {
		ctx := context.WithValue(context.Background(), tenant{}, name)
		_ = ductile.Run(ctx, p, func(ctx context.Context) error {
			at, _ := ctx.Deadline()
			fmt.Println(name, time.Until(at).Round(time.Second))
			return nil
		})
	}
	// Output:
	// gold 1m0s
	// silver 1s
}

// A person on call gives a slow dependency more time, without a restart. What makes no sense changes nothing.
func ExamplePolicy_Update() {
	total := timeout.New(time.Second, timeout.Name("total"))
	p := ductile.New("inventory", total)

	fmt.Println(total.Update(timeout.After(5 * time.Second)))
	fmt.Println(p.Plan().Latency)
	fmt.Println(total.Update(timeout.After(0)))
	fmt.Println(p.Plan().Latency)
	// Output:
	// <nil>
	// 5s
	// timeout: After(0s): must be above zero
	// 5s
}
