package fallback_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
)

func recommendations(context.Context) ([]string, error) { return nil, errors.New("connection refused") }

// A constant takes the place of an answer. Whoever wants to know asks for a report.
func ExampleValue() {
	p := ductile.New("recommendations", fallback.Value([]string{"bestsellers"}, fallback.Name("default")))

	ctx, report := ductile.WithReport(context.Background())
	list, err := ductile.Do(ctx, p, recommendations)
	fmt.Println(list, err)
	fmt.Println(report.Degraded(), report.AnsweredBy())
	// Output:
	// [bestsellers] <nil>
	// true default
}

// A function answers by what went wrong, or fails as well.
func ExampleFunc() {
	p := ductile.New("recommendations", fallback.Func(func(_ context.Context, cause error) ([]string, error) {
		return nil, errors.New("the cache is empty")
	}, fallback.Name("cache")))

	_, err := ductile.Do(context.Background(), p, recommendations)
	fmt.Println(err)
	// Output: connection refused; and cache failed: the cache is empty
}

// The links of a chain are asked in order.
func ExampleChain() {
	p := ductile.New("recommendations", fallback.Chain([]*fallback.Policy{
		fallback.Func(func(context.Context, error) ([]string, error) {
			return nil, errors.New("the cache is empty")
		}, fallback.Name("cache")),
		fallback.Value([]string{"bestsellers"}, fallback.Name("default")),
	}))

	ctx, report := ductile.WithReport(context.Background())
	list, err := ductile.Do(ctx, p, recommendations)
	fmt.Println(list, err, "from", report.AnsweredBy())
	// Output: [bestsellers] <nil> from default
}

// A call without a value has something done instead.
func ExampleRun() {
	p := ductile.New("mail", fallback.Run(func(_ context.Context, cause error) error {
		fmt.Println("queued for later:", cause)
		return nil
	}))

	err := ductile.Run(context.Background(), p, func(context.Context) error { return errors.New("connection refused") })
	fmt.Println(err)
	// Output:
	// queued for later: connection refused
	// <nil>
}
