package keyed_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/keyed"
)

// A tenant whose database is down does not keep the others from theirs.
func Example() {
	tenants := keyed.New(func(tenant string) *ductile.Pipeline {
		return ductile.New("tenant database", breaker.New(breaker.ConsecutiveFailures(3)))
	}, keyed.Max(10_000))

	query := func(tenant string) error {
		return ductile.Run(context.Background(), tenants.Get(tenant), func(context.Context) error {
			if tenant == "acme" {
				return errors.New("connection refused")
			}
			return nil
		})
	}
	for range 3 {
		_ = query("acme")
	}
	fmt.Println("acme refused:", errors.Is(query("acme"), breaker.ErrOpen))
	fmt.Println("zenith:", query("zenith"))
	// Output:
	// acme refused: true
	// zenith: <nil>
}

// A person's word to the breakers of all keys.
func ExamplePipelines_All() {
	hosts := keyed.New(func(host string) *ductile.Pipeline {
		return ductile.New("upstream", breaker.New())
	})
	hosts.Get("a.example.com")
	for host, p := range hosts.All() {
		for _, policy := range p.Policies() {
			if b, ok := policy.(*breaker.Breaker); ok {
				b.Isolate("maintenance")
				fmt.Println(host, b.State())
			}
		}
	}
	// Output:
	// a.example.com isolated
}
