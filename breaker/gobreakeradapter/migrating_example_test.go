package gobreakeradapter_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// The code of docs/migrating/gobreaker.md: what stands there stands here.

// Stock is what the program of the examples asks its inventory for.
type Stock struct{ Count int }

// warehouse is an inventory in trouble.
type warehouse struct{ err error }

func (w *warehouse) Get(ctx context.Context, sku string) (Stock, error) { return Stock{}, w.err }

var (
	inventory = &warehouse{errors.New("connection refused")}
	ctx       = context.Background()
	sku       = "ductile tape"
)

// twoSteps is how a program uses a two-step breaker by itself.
func twoSteps(ctx context.Context, cb *gobreaker.TwoStepCircuitBreaker[any], inventory *warehouse) (Stock, error) {
	done, err := cb.Allow()
	if err != nil {
		return Stock{}, err
	}
	stock, err := inventory.Get(ctx, sku)
	done(err)
	return stock, err
}

// A two-step breaker joins a pipeline, and is told what the other policies know.
func ExampleNewGate() {
	cb := gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Name:         "inventory",
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 3 },
		IsSuccessful: gobreakeradapter.Successful,
		IsExcluded:   gobreakeradapter.Excluded,
	})
	p := ductile.New("stock",
		timeout.New(2*time.Second),
		gobreakeradapter.NewGate(cb),
	)
	for range 4 {
		_, err := ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
			return inventory.Get(ctx, sku)
		})
		fmt.Println(err)
		fmt.Println(errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, breaker.ErrOpen), cb.State())
	}
	// Output:
	// connection refused
	// false false closed
	// connection refused
	// false false closed
	// connection refused
	// false false open
	// inventory: circuit breaker is open: calls have failed, and the Timeout of its Settings is not over
	// true true open
}

// execute is how a program uses a breaker that has only Execute by itself.
func execute(ctx context.Context, cb *gobreaker.CircuitBreaker[Stock]) (Stock, error) {
	return cb.Execute(func() (Stock, error) {
		return inventory.Get(ctx, sku)
	})
}

// A breaker that has only Execute joins a concurrent pipeline.
func ExampleNewMiddleware() {
	cb := gobreaker.NewCircuitBreaker[Stock](gobreaker.Settings{
		Name:         "inventory",
		IsSuccessful: gobreakeradapter.Successful,
		IsExcluded:   gobreakeradapter.Excluded,
	})
	p := ductile.NewConcurrent("stock",
		retry.New(retry.Attempts(2), retry.Constant(time.Millisecond)),
		gobreakeradapter.NewMiddleware(cb),
	)
	_, err := ductile.DoConcurrent(ctx, p, func(ctx context.Context) (Stock, error) {
		return inventory.Get(ctx, sku)
	})
	fmt.Println(err)
	fmt.Println(cb.Counts().TotalFailures, "failures")
	// Output:
	// stock: retry gave up after 2 attempts (no attempts left): connection refused
	// 2 failures
}

// A caller who leaves says nothing of the dependency, and an answer is no failure. gobreaker has to be told, and then knows.
func ExampleExcluded() {
	errMaintenance := errors.New("closed for maintenance")
	cb := gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		IsSuccessful: func(err error) bool {
			return gobreakeradapter.Successful(err) || errors.Is(err, sql.ErrNoRows)
		},
		IsExcluded: func(err error) bool {
			return gobreakeradapter.Excluded(err) || errors.Is(err, errMaintenance)
		},
	})
	p := ductile.New("stock", gobreakeradapter.NewGate(cb))
	for _, end := range []error{nil, sql.ErrNoRows, fault.Permanent(errors.New("no such item")), errMaintenance, errors.New("connection refused")} {
		_ = ductile.Run(ctx, p, func(context.Context) error { return end })
	}
	hurried, leave := context.WithCancel(ctx)
	_ = ductile.Run(hurried, p, func(context.Context) error {
		leave()
		return errors.New("connection closed")
	})
	c := cb.Counts()
	fmt.Println(c.TotalSuccesses, "successes,", c.TotalFailures, "failure,", c.TotalExclusions, "not counted")
	// Output:
	// 3 successes, 1 failure, 2 not counted
}

// before is a breaker of gobreaker with all that its Settings have.
func before() *gobreaker.CircuitBreaker[Stock] {
	return gobreaker.NewCircuitBreaker[Stock](gobreaker.Settings{
		Name:         "inventory",
		MaxRequests:  3,
		Interval:     30 * time.Second,
		BucketPeriod: 3 * time.Second,
		Timeout:      15 * time.Second,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			return c.Requests >= 10 && float64(c.TotalFailures)/float64(c.Requests) >= 0.6
		},
		OnStateChange: func(name string, from, to gobreaker.State) {
			fmt.Printf("%s: %s, was %s\n", name, to, from)
		},
		IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, sql.ErrNoRows) },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
	})
}

// The same breaker of package breaker.
func Example_replaced() {
	b := breaker.New(
		breaker.Name("inventory"),
		breaker.Probes(3),                                                              // MaxRequests
		breaker.Window(30*time.Second),                                                 // Interval; it moves in tenths
		breaker.OpenTime(15*time.Second),                                               // Timeout
		breaker.MinCalls(10), breaker.FailureRate(0.6), breaker.ConsecutiveFailures(0), // ReadyToTrip
		breaker.OnTransition(func(t breaker.Transition) {
			fmt.Printf("%s: %s, was %s: %s\n", t.Name, t.To, t.From, t.Cause)
		}),
	)
	p := ductile.New("stock", b)

	get := ductile.Wrap(p, func(ctx context.Context, sku string) (Stock, error) {
		stock, err := inventory.Get(ctx, sku)
		if errors.Is(err, sql.ErrNoRows) {
			return stock, fault.Permanent(err) // IsSuccessful: an answer, for the breaker and for all other policies
		}
		return stock, err // a caller who cancels is not counted
	})
	for range 10 {
		_, _ = get(ctx, sku)
	}
	_, err := get(ctx, sku)
	fmt.Println(errors.Is(err, breaker.ErrOpen))
	if open, ok := errors.AsType[*breaker.OpenError](err); ok {
		after, _ := open.RetryAfter()
		fmt.Println(open.State, "for", after > 13*time.Second, open.Last)
	}
	// Output:
	// inventory: open, was closed: too large a share of calls failed
	// true
	// open for true connection refused
}

// likeZeroSettings is gobreaker.Settings{} in our options.
func likeZeroSettings() *breaker.Breaker {
	return breaker.New(
		breaker.NoFailureRate(), breaker.ConsecutiveFailures(6), // more than 5 failures in a row, whatever the window
		breaker.OpenTime(60*time.Second), breaker.OpenTimeGrowth(1, time.Minute), breaker.OpenTimeJitter(0), // always 60 s
		breaker.Probes(1),
		breaker.ProbeFailureRate(0.000001), // any probe that fails opens it again
		breaker.ProbeLease(0),              // a probe that hangs keeps its place for ever
	)
}

// classified is a breaker that judges errors by the functions that gobreaker had.
func classified(isSuccessful, isExcluded func(error) bool) *breaker.Breaker {
	return breaker.New(breaker.Classify(func(err error) fault.Class {
		switch {
		case isExcluded(err):
			return fault.ClassIgnored
		case isSuccessful(err):
			return fault.ClassPermanent
		default:
			return fault.Of(err)
		}
	}))
}

// A legacy is a two-step breaker of gobreaker v1, or of v2 before v2.4.0.
type legacy interface {
	Name() string
	Allow() (done func(success bool), err error)
}

// told is a legacy that is told errors, as one of v2.4.0 is.
type told struct{ legacy }

func (b told) Allow() (done func(err error), err error) {
	success, err := b.legacy.Allow()
	if err != nil {
		return nil, err
	}
	return func(err error) {
		success(gobreakeradapter.Successful(err) || gobreakeradapter.Excluded(err))
	}, nil
}

// A two-step breaker of version 1 needs a type of a few lines.
func Example_version1() {
	var cb legacy = newLegacy() // a *gobreaker.TwoStepCircuitBreaker
	p := ductile.New("stock", gobreakeradapter.NewGate(told{cb}))
	for range 2 {
		err := ductile.Run(ctx, p, func(ctx context.Context) error {
			_, err := inventory.Get(ctx, sku)
			return err
		})
		fmt.Println(err, errors.Is(err, breaker.ErrOpen))
	}
	// Output:
	// connection refused false
	// inventory: circuit breaker is open true
}

// A breaker of version 1 that has only Execute joins as it is.
func Example_version1Execute() {
	var cb interface { // a *gobreaker.CircuitBreaker
		Name() string
		Execute(req func() (any, error)) (any, error)
	} = newLegacy()
	p := ductile.NewConcurrent("stock", gobreakeradapter.NewMiddleware(cb))
	_, err := ductile.DoConcurrent(ctx, p, func(ctx context.Context) (Stock, error) {
		return inventory.Get(ctx, sku)
	})
	fmt.Println(err)
	// Output:
	// connection refused
}

// legacyBreaker has the methods of version 1, and opens at one failure.
type legacyBreaker struct{ open error }

func newLegacy() *legacyBreaker { return new(legacyBreaker) }

func (*legacyBreaker) Name() string { return "inventory" }

func (b *legacyBreaker) Allow() (func(success bool), error) {
	return func(success bool) {
		if !success {
			b.open = errors.New("circuit breaker is open") // version 1 has an ErrOpenState of its own
		}
	}, b.open
}

func (b *legacyBreaker) Execute(req func() (any, error)) (any, error) {
	done, err := b.Allow()
	if err != nil {
		return nil, err
	}
	result, err := req()
	done(err == nil)
	return result, err
}
