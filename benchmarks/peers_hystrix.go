package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/afex/hystrix-go/hystrix"
)

// hystrixPlaces is how many calls a command lets through at once. One call is over before its place is free, so that even calls one after the other
// need many.
const hystrixPlaces = 1 << 16

// configureHystrix makes a command hystrix-go's form of newBreaker, whose window is ten seconds in any case. It has a timeout and a bulkhead, which
// no command is without. Commands are of the whole process, and cannot be taken away with what they run
// in the background; so the measurements share two of them.
func configureHystrix(command string) {
	if _, known := hystrix.GetCircuitSettings()[command]; known {
		return
	}
	hystrix.ConfigureCommand(command, hystrix.CommandConfig{
		Timeout:                int(attemptTime.Milliseconds()),
		MaxConcurrentRequests:  hystrixPlaces,
		RequestVolumeThreshold: breakerCalls,
		SleepWindow:            int(breakerOpen.Milliseconds()),
		ErrorPercentThreshold:  100 * breakerRate,
	})
}

func hystrixClosed() Caller {
	const command = "stock"
	configureHystrix(command)
	return Caller{Check: nothing, Calls: func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			var stock Stock
			err := hystrix.DoC(ctx, command, func(context.Context) error {
				stock = Stock{SKU: "4711", Left: i}
				return nil
			}, nil)
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}}
}

func hystrixOpened() Caller {
	const command = "stock that is down"
	configureHystrix(command)
	for failHystrix(command) != nil {
		time.Sleep(time.Millisecond) // it counts in the background
	}
	return Caller{Check: nothing, Calls: func(n int) (err error) {
		ctx := context.Background()
		for i := range n {
			var stock Stock
			err = hystrix.DoC(ctx, command, func(context.Context) error {
				stock = Stock{SKU: "4711", Left: i}
				return nil
			}, nil)
			if err == nil {
				return fmt.Errorf("%w: %v", errLetThrough, stock)
			}
		}
		return refusedWith(err, hystrix.ErrCircuitOpen)
	}}
}

// failHystrix fails a call, and returns what came of it, or nil where it was refused.
func failHystrix(command string) error {
	err := hystrix.DoC(context.Background(), command, func(context.Context) error { return errDown }, nil)
	if errors.Is(err, hystrix.ErrCircuitOpen) {
		return nil
	}
	return err
}
