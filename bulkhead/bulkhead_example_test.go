package bulkhead_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// At most two calls at once: the third is told so, and does not wait.
func ExampleNew() {
	p := ductile.New("inventory", bulkhead.New(2, bulkhead.Name("stock")))

	// Two calls that hang.
	hang := make(chan struct{})
	var started, ended sync.WaitGroup
	for range 2 {
		started.Add(1)
		ended.Go(func() {
			_ = ductile.Run(context.Background(), p, func(context.Context) error {
				started.Done()
				<-hang
				return nil
			})
		})
	}
	started.Wait()

	call := func() error {
		return ductile.Run(context.Background(), p, func(context.Context) error { return nil })
	}
	err := call()
	fmt.Println(err)
	fmt.Println(errors.Is(err, bulkhead.ErrFull), fault.Of(err))

	close(hang)
	ended.Wait()
	fmt.Println(call())
	// Output:
	// stock is full: all 2 permits are taken, and there is no queue
	// true rejected
	// <nil>
}

// A short queue lets a burst pass that would otherwise be refused: here three calls at once, one after the other.
func ExampleQueue() {
	b := bulkhead.New(1, bulkhead.Queue(2, time.Second))
	p := ductile.New("inventory", b)
	var calls sync.WaitGroup
	for range 3 {
		calls.Go(func() {
			err := ductile.Run(context.Background(), p, func(context.Context) error {
				time.Sleep(time.Millisecond)
				return nil
			})
			fmt.Println(err)
		})
	}
	calls.Wait()
	fmt.Println(b.Snapshot().Rejected, "refused")
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// 0 refused
}

// What a status page shows. Reading changes nothing.
func ExampleBulkhead_Snapshot() {
	b := bulkhead.New(64, bulkhead.Name("stock"), bulkhead.Queue(16, 50*time.Millisecond))
	p := ductile.New("inventory", b)
	_ = ductile.Run(context.Background(), p, func(context.Context) error {
		s := b.Snapshot()
		fmt.Printf("%s: %d of %d in flight, %d of %d waiting, %d refused\n", s.Name, s.InFlight, s.Limit, s.Queued, s.Queue, s.Rejected)
		return nil
	})
	// Output:
	// stock: 1 of 64 in flight, 0 of 16 waiting, 0 refused
}

// Without a pipeline: a permit before a call, and back after it, whatever happens.
func ExampleBulkhead_Acquire() {
	b := bulkhead.New(10)
	call := func(ctx context.Context) (err error) {
		token, err := b.Acquire(ctx)
		if err != nil {
			return err
		}
		defer func() { b.Release(token, err) }()
		fmt.Println(b.Snapshot().InFlight, "in flight")
		return nil
	}
	fmt.Println(call(context.Background()))
	fmt.Println(b.Snapshot().InFlight, "in flight")
	// Output:
	// 1 in flight
	// <nil>
	// 0 in flight
}

// Inside a retry, so that each attempt takes a permit of its own and a call that waits for its next attempt holds none. A fallback outside
// answers those who are refused.
func ExampleNew_inAPipeline() {
	b := bulkhead.New(1)
	p := ductile.New("inventory", fallback.Value("sold out, perhaps"), retry.New(), b)
	answer, err := ductile.Do(context.Background(), p, func(context.Context) (string, error) {
		// While this call holds the only permit, another one comes.
		return ductile.Do(context.Background(), p, func(context.Context) (string, error) { return "in stock", nil })
	})
	fmt.Println(answer, err)
	// Output:
	// sold out, perhaps <nil>
}

// The reason for a refusal, for those who treat them differently.
func ExampleFullError() {
	b := bulkhead.New(1, bulkhead.Queue(1, time.Millisecond))
	token, _ := b.Acquire(context.Background())
	defer b.Release(token, nil)

	_, err := b.Acquire(context.Background())
	if full, ok := errors.AsType[*bulkhead.FullError](err); ok {
		fmt.Println(full.Name, full.Reason, full.Waited >= time.Millisecond)
	}
	// Output:
	// bulkhead waited true
}

// The dependency got more replicas while the program runs, and then fewer. What makes no sense changes nothing.
func ExampleBulkhead_Update() {
	b := bulkhead.New(64)
	fmt.Println(b.Update(bulkhead.Limit(128), bulkhead.Queue(16, 50*time.Millisecond)))
	fmt.Println(b)
	fmt.Println(b.Update(bulkhead.Limit(0), bulkhead.NoQueue()))
	fmt.Println(b)
	fmt.Println(b.Update(bulkhead.Limit(32), bulkhead.NoQueue()))
	fmt.Println(b)
	// Output:
	// <nil>
	// at most 128 at once; 16 more wait up to 50ms
	// bulkhead: Limit(0): must be from 1 to 1048576 (for no limit, leave the bulkhead out)
	// at most 128 at once; 16 more wait up to 50ms
	// <nil>
	// at most 32 at once
}
