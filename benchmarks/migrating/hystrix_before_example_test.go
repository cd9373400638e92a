package migrating_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/afex/hystrix-go/hystrix"
)

// The code of docs/migrating/hystrix-go.md that stands there as what a program had.

// A CommandConfig that a program has, whose breaker opens soon enough for an example.
func configure() {
	hystrix.ConfigureCommand("inventory", hystrix.CommandConfig{
		Timeout:                300,
		MaxConcurrentRequests:  64,
		RequestVolumeThreshold: 20,
		SleepWindow:            5000,
		ErrorPercentThreshold:  50,
	})
}

// hystrixGet asks with a fallback.
func hystrixGet(ctx context.Context, inventory *warehouse) (Stock, error) {
	var stock Stock
	err := hystrix.DoC(ctx, "inventory", func(ctx context.Context) error {
		var err error
		stock, err = inventory.Get(ctx, sku)
		return err
	}, func(context.Context, error) error {
		stock = Stock{Unknown: true}
		return nil
	})
	return stock, err
}

// An inventory that works, and one that is down.
func Example_hystrixDo() {
	configure()
	for _, inventory := range []*warehouse{{ends: []error{nil}}, down()} {
		fmt.Println(hystrixGet(ctx, inventory))
	}
	// Output:
	// {3 false} <nil>
	// {0 true} <nil>
}

// hystrixGo does not wait for the command.
func hystrixGo(inventory *warehouse) (Stock, error) {
	output := make(chan Stock, 1)
	errs := hystrix.Go("inventory", func() error {
		stock, err := inventory.Get(ctx, sku)
		if err == nil {
			output <- stock
		}
		return err
	}, nil)
	select {
	case stock := <-output:
		return stock, nil
	case err := <-errs:
		return Stock{}, err
	}
}

// What a program asks of an error.
func hystrixWhy(err error) string {
	switch {
	case errors.Is(err, hystrix.ErrCircuitOpen):
		return "open"
	case errors.Is(err, hystrix.ErrMaxConcurrency):
		return "full"
	case errors.Is(err, hystrix.ErrTimeout):
		return "late"
	}
	return "failed"
}

// stream is what a dashboard reads.
func stream(mux *http.ServeMux) *hystrix.StreamHandler {
	handler := hystrix.NewStreamHandler()
	handler.Start()
	mux.Handle("/hystrix.stream", handler)
	return handler
}
