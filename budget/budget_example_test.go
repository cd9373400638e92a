package budget_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
)

// Two pipelines load the same dependency, so they share what may be added to its load: once it is used up, the calls of either fail
// after their first attempt.
func ExampleNew() {
	shared := budget.New(budget.Share(0.2), budget.Floor(0)) // one repeat for five first attempts
	again := []retry.Option{retry.Budget(shared), retry.Constant(0)}
	reads, writes := ductile.New("reads", retry.New(again...)), ductile.New("writes", retry.New(again...))

	attempts := 0
	down := func(context.Context) error { attempts++; return errors.New("down") }
	for range 50 {
		_ = ductile.Run(context.Background(), reads, down)
		_ = ductile.Run(context.Background(), writes, down)
	}
	fmt.Println("calls: 100, attempts:", attempts)

	err := ductile.Run(context.Background(), reads, down)
	fmt.Println(errors.Is(err, retry.ErrBudget))
	// Output:
	// calls: 100, attempts: 120
	// true
}

// A snapshot is what a gauge shows.
func ExampleBudget_Snapshot() {
	b := budget.New(budget.Share(0.3), budget.Floor(0))
	for range 10 {
		b.Deposit()
	}
	b.Withdraw()
	fmt.Printf("%+v\n", b.Snapshot())
	// Output: {Earned:10 Spent:1 Balance:2 Refused:0}
}
