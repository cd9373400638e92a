package standard_test

import (
	"context"
	"fmt"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/standard"
)

func ExampleClient() {
	p := standard.Client("inventory", standard.Total(10*time.Second), standard.Attempt(3*time.Second))
	stock, err := ductile.Do(context.Background(), p, func(context.Context) (int, error) { return 42, nil })
	fmt.Println(stock, err)
	// Output: 42 <nil>
}
