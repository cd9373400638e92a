package safemode_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/safemode"
)

// A shop lets go of recommendations first, then of prices, and never of the checkout.
func Example() {
	shop := safemode.New(safemode.Name("shop"))
	recommend := ductile.New("recommend", fallback.Value("nothing"), shop)
	price := ductile.New("price", fallback.Value("the list price"), shop.For(safemode.Degraded))
	checkout := ductile.New("checkout", shop.For(safemode.Safe))

	visit := func() {
		ctx := context.Background()
		a, _ := ductile.Do(ctx, recommend, func(context.Context) (string, error) { return "a hat", nil })
		b, _ := ductile.Do(ctx, price, func(context.Context) (string, error) { return "today's price", nil })
		c, err := ductile.Do(ctx, checkout, func(context.Context) (string, error) { return "sold", nil })
		fmt.Printf("%-8v  %s for %s: %s %v\n", shop.Level(), a, b, c, err)
	}
	visit()
	shop.Hold(safemode.Degraded, "search is slow")
	visit()
	shop.Engage("disk is full")
	visit()
	shop.Disengage()
	visit()
	// Output:
	// normal    a hat for today's price: sold <nil>
	// degraded  nothing for today's price: sold <nil>
	// safe      nothing for the list price: sold <nil>
	// normal    a hat for today's price: sold <nil>
}

// Work that is not a call asks.
func ExampleMode_Allows() {
	shop := safemode.New()
	shop.Engage("disk is full")
	if shop.Allows(safemode.Degraded) {
		fmt.Println("rebuild the index")
	}
	if shop.Allows(safemode.Safe) {
		fmt.Println("send receipts")
	}
	// Output: send receipts
}

// Without a fallback, callers get an error that says why.
func ExampleEngagedError() {
	inventory := safemode.New(safemode.Name("inventory"))
	p := ductile.New("stock", inventory)
	inventory.Engage("disk is full")
	err := ductile.Run(context.Background(), p, func(context.Context) error { return nil })
	fmt.Println(errors.Is(err, safemode.ErrSafeMode))
	if engaged, ok := errors.AsType[*safemode.EngagedError](err); ok {
		fmt.Println(engaged.Name, engaged.Level, engaged.Reason)
	}
	// Output:
	// true
	// inventory safe disk is full
}

// A mode that engages by itself tells of each change, and when it will try to release.
func ExampleAutomatic() {
	inventory := safemode.New(
		safemode.Automatic(safemode.MinCalls(10), safemode.Sustain(0), safemode.EngagedFor(time.Minute), safemode.EngagedJitter(0)),
		safemode.OnChange(func(c safemode.Change) {
			fmt.Printf("%v to %v, for %v: %s (%v)\n", c.From, c.To, c.NextTry, c.Reason, c.Cause)
		}),
	)
	p := ductile.New("stock", fallback.Value(0), inventory)
	for range 20 {
		_, _ = ductile.Do(context.Background(), p, func(context.Context) (int, error) { return 0, errors.New("down") })
	}
	fmt.Println(inventory.Snapshot().Refused, "of 20 calls were spared")
	// Output:
	// normal to degraded, for 1m0s: 100 % of 10 calls in 10s failed (too large a share of calls failed)
	// 10 of 20 calls were spared
}

// It engages too readily for what the dependency does tonight. A person on call turns that down, and then takes the automatic away.
func ExampleMode_Update() {
	inventory := safemode.New(safemode.Automatic(safemode.EngagedFor(time.Minute)))

	_ = inventory.Update(safemode.Automatic(safemode.FailureRate(0.8), safemode.MinCalls(100)))
	fmt.Println(inventory)
	err := inventory.Update(safemode.Automatic(safemode.FailureRate(80))) // a slip: nothing changes
	fmt.Println(err)
	_ = inventory.Update(safemode.NoAutomatic())
	fmt.Println(inventory)
	// Output:
	// refuses unless normal; by hand, or at 80 % failures of >= 100 calls in 10s, for 10s; for 1m0s, then 5 probes, then one call in 10, 4, 2
	// safemode: FailureRate(80): must be a share of the whole, from 1e-06 to 1 (0.5 is half)
	// refuses unless normal; by hand
}
