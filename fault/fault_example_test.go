package fault_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// A missing item is an answer and not a fault: it is not asked for again, and no default takes its place.
func ExamplePermanent() {
	errNotFound := errors.New("no such item")
	p := ductile.New("inventory", fallback.Value("a default"), retry.New())

	item, err := ductile.Do(context.Background(), p, func(context.Context) (string, error) {
		fmt.Println("asked once")
		return "", fault.Permanent(errNotFound)
	})
	fmt.Printf("%q, %v\n", item, err)
	fmt.Println(errors.Is(err, errNotFound))
	// Output:
	// asked once
	// "", no such item
	// true
}

// Whoever reads a dependency's answer knows what it means, and tells the policies by a mark.
func ExampleOverload() {
	err := fmt.Errorf("inventory: %w", fault.Overload(errors.New("503 Service Unavailable"), 2*time.Second))

	after, _ := fault.RetryAfter(err)
	fmt.Println(err)
	fmt.Println(fault.Of(err), after)
	// Output:
	// inventory: 503 Service Unavailable
	// overload 2s
}

// A failure after which nobody knows what the dependency has done is a failure all the same, but another attempt must not follow it.
func ExampleFinal() {
	p := ductile.New("orders", retry.New())

	err := ductile.Run(context.Background(), p, func(context.Context) error {
		fmt.Println("ordered once")
		return fault.Final(errors.New("connection lost after the order was sent"))
	})
	fmt.Println(err)
	fmt.Println(fault.Of(err))
	// Output:
	// ordered once
	// connection lost after the order was sent
	// transient
}

// An error type of your own can say what it is.
func ExampleOf() {
	fmt.Println(fault.Of(nil))
	fmt.Println(fault.Of(errors.New("connection reset")))
	fmt.Println(fault.Of(context.DeadlineExceeded))
	fmt.Println(fault.Of(fmt.Errorf("order 7: %w", soldOut{})))
	// Output:
	// success
	// transient
	// timeout
	// permanent
}

// soldOut is an answer, whoever wraps it.
type soldOut struct{}

func (soldOut) Error() string      { return "sold out" }
func (soldOut) Fault() fault.Class { return fault.ClassPermanent }
