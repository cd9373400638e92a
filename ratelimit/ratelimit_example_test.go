package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
)

// A server refuses what is above its rate, and says when to come back: in HTTP, a 429 with a Retry-After.
func ExampleNew() {
	p := ductile.New("search", ratelimit.New(rate.Every(time.Hour), 2))

	for range 3 {
		answer, err := ductile.Do(context.Background(), p, func(context.Context) (string, error) { return "found", nil })
		if after, ok := fault.RetryAfter(err); ok {
			fmt.Println("429 Too Many Requests, Retry-After:", after.Round(time.Minute))
			continue
		}
		fmt.Println("200 OK", answer)
	}
	// Output:
	// 200 OK found
	// 200 OK found
	// 429 Too Many Requests, Retry-After: 1h0m0s
}

// A client that has the time keeps to its quota by waiting.
func ExampleWait() {
	p := ductile.New("mail", ratelimit.New(rate.Every(time.Millisecond), 1, ratelimit.Wait(time.Second)))

	start := time.Now()
	for range 4 {
		_ = ductile.Run(context.Background(), p, func(context.Context) error { return nil })
	}
	fmt.Println("four calls took at least 3 ms:", time.Since(start) >= 3*time.Millisecond)
	// Output: four calls took at least 3 ms: true
}

// A wait that cannot end in time is refused at once, and leaves the token for others.
func ExampleWait_deadline() {
	limiter := ratelimit.New(rate.Every(time.Hour), 1, ratelimit.Name("quota"), ratelimit.Wait(24*time.Hour))
	p := ductile.New("mail", limiter)
	send := func(ctx context.Context) error {
		return ductile.Run(ctx, p, func(context.Context) error { return nil })
	}
	fmt.Println(send(context.Background()))

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := send(ctx)
	fmt.Println(err)
	fmt.Println(errors.Is(err, ratelimit.ErrLimited), errors.Is(err, fault.ErrRejected), limiter.Snapshot().Waiting)
	// Output:
	// <nil>
	// quota: no token left of 1 in 1h0m0s in bursts of 1; the next comes in 1h0m0s, not before the caller's deadline
	// true true 0
}

// A program's own rate.Limiter joins a pipeline, and may be tuned while calls go through it.
func ExampleFrom() {
	quota := rate.NewLimiter(0, 1) // one call, and no more until somebody says so
	p := ductile.New("mail", ratelimit.From(quota))
	send := func() error {
		return ductile.Run(context.Background(), p, func(context.Context) error { return nil })
	}
	fmt.Println(send())
	fmt.Println(send())
	quota.SetLimit(rate.Inf)
	fmt.Println(send())
	// Output:
	// <nil>
	// ratelimit: no token will come at 0/s in bursts of 1
	// <nil>
}

// What can be read of a limiter while calls wait.
func ExampleLimiter_Snapshot() {
	limiter := ratelimit.New(rate.Every(time.Hour), 1, ratelimit.Wait(90*time.Minute))
	ctx, leave := context.WithCancel(context.Background())
	var calls sync.WaitGroup
	for range 3 { // one goes, one waits, and for the third the wait would be too long
		calls.Go(func() { _, _ = limiter.Acquire(ctx) })
	}
	for limiter.Snapshot().Waiting+int(limiter.Snapshot().Refused) < 2 {
		runtime.Gosched()
	}
	s := limiter.Snapshot()
	fmt.Printf("%.0f tokens, %d waiting, %d refused\n", s.Tokens, s.Waiting, s.Refused)

	leave()
	calls.Wait()
	s = limiter.Snapshot()
	fmt.Printf("%.0f tokens, %d waiting, %d refused\n", s.Tokens, s.Waiting, s.Refused)
	// Output:
	// -1 tokens, 1 waiting, 1 refused
	// 0 tokens, 0 waiting, 2 refused
}

// The quota was raised while the program runs. What makes no sense changes nothing.
func ExampleLimiter_Update() {
	l := ratelimit.New(100, 10, ratelimit.Wait(time.Second))
	fmt.Println(l)
	fmt.Println(l.Update(ratelimit.Limit(250), ratelimit.Burst(25)))
	fmt.Println(l)
	fmt.Println(l.Update(ratelimit.Limit(500), ratelimit.Burst(0)))
	fmt.Println(l)
	// Output:
	// 100/s in bursts of 10, waits up to 1s
	// <nil>
	// 250/s in bursts of 25, waits up to 1s
	// ratelimit: Burst(0): must be given a burst of at least 1: a bucket that holds no token lets nothing through
	// 250/s in bursts of 25, waits up to 1s
}
