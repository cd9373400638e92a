package migrating_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/timeout"
)

// The code of docs/migrating/hystrix-go.md that stands there as what a program has afterwards.

// likeHystrixBreaker is the breaker of configure.
func likeHystrixBreaker() *breaker.Breaker {
	return breaker.New(
		breaker.Name("inventory"),
		breaker.Window(10*time.Second), breaker.MinCalls(20), // RequestVolumeThreshold
		breaker.FailureRate(0.5), breaker.ConsecutiveFailures(0), // ErrorPercentThreshold
		breaker.OpenTime(5*time.Second), breaker.OpenTimeGrowth(1, time.Minute), breaker.OpenTimeJitter(0), // SleepWindow
		breaker.Probes(1), breaker.ProbeFailureRate(0.000001), // one test, and any success closes
	)
}

func likeHystrixCommand() *ductile.Pipeline {
	p := ductile.New("inventory",
		fallback.Value(Stock{Unknown: true}),
		likeHystrixBreaker(),
		bulkhead.New(64),                  // MaxConcurrentRequests
		timeout.New(300*time.Millisecond), // Timeout
	)
	return p
}

// likeHystrixGet is hystrixGet.
func likeHystrixGet(ctx context.Context, p *ductile.Pipeline, inventory *warehouse) (Stock, error) {
	return ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
		return inventory.Get(ctx, sku)
	})
}

// The same as Example_hystrixDo.
func Example_hystrixReplaced() {
	p := likeHystrixCommand()
	for _, inventory := range []*warehouse{{ends: []error{nil}}, down()} {
		fmt.Println(likeHystrixGet(ctx, p, inventory))
	}
	// Output:
	// {3 false} <nil>
	// {0 true} <nil>
}

// likeHystrixGo is hystrixGo: the goroutine is the program's own.
func likeHystrixGo(p *ductile.Pipeline, inventory *warehouse) (Stock, error) {
	type result struct {
		stock Stock
		err   error
	}
	output := make(chan result, 1)
	go func() {
		stock, err := ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
			return inventory.Get(ctx, sku)
		})
		output <- result{stock, err}
	}()
	answer := <-output
	return answer.stock, answer.err
}

// why is hystrixWhy.
func why(err error) string {
	switch {
	case errors.Is(err, breaker.ErrOpen):
		return "open"
	case errors.Is(err, bulkhead.ErrFull):
		return "full"
	case errors.Is(err, timeout.ErrExceeded):
		return "late"
	}
	return "failed"
}

// A function that heeds no context is left behind when its time is up, as Hystrix does.
func Example_hystrixDetached() {
	finish := make(chan struct{})
	defer close(finish)
	p := ductile.NewConcurrent("inventory",
		bulkhead.New(64),
		timeout.New(10*time.Millisecond, timeout.Detached()),
	)
	_, err := ductile.DoConcurrent(ctx, p, func(context.Context) (Stock, error) {
		<-finish // a library that takes no context
		return Stock{}, nil
	})
	fmt.Println(err)
	// Output:
	// timeout: no answer within 10ms
}

// status shows the breaker and the bulkhead to whoever asks.
func status(mux *http.ServeMux, b *breaker.Breaker, calls *bulkhead.Bulkhead) {
	mux.HandleFunc("/status", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"state": b.State().String(), "counts": b.Snapshot().Counts, "calls": calls.Snapshot(),
		})
	})
}

// collector counts what a MetricCollector did, of one kind of event.
type collector struct{ update func(event string) }

func (c collector) Begin(ctx context.Context, pipeline string) (context.Context, ductile.Watch) {
	return ctx, counted{update: c.update}
}

type counted struct {
	ductile.NopWatch
	update func(event string)
}

func (c counted) Rejected(_ context.Context, e ductile.Rejected) { c.update("rejected by " + e.Policy) }

func (c counted) FellBack(_ context.Context, e ductile.FellBack) {
	c.update("fallback for " + e.Class.String())
}

func (c counted) Ended(_ context.Context, e ductile.Ended) { c.update(e.Class.String()) }

// The events of calls to an inventory that is down, behind a breaker that opens at the second.
func Example_hystrixCollector() {
	p := ductile.New("inventory",
		fallback.Value(Stock{Unknown: true}),
		breaker.New(breaker.Name("inventory"), breaker.ConsecutiveFailures(2)),
	).With(collector{func(event string) { fmt.Println(event) }})
	inventory := down()
	for range 3 {
		_, _ = likeHystrixGet(ctx, p, inventory)
	}
	// Output:
	// fallback for transient
	// success
	// fallback for transient
	// success
	// rejected by inventory
	// fallback for rejected
	// success
}
