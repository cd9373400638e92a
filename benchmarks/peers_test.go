package benchmarks

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/retry"
)

// A caller takes one call through a library's breaker. Each opens at the fifth failure in a row, for a minute, and probes with one call.
type protected func(ctx context.Context, fn func() error) error

func ductileBreaker() protected {
	p := ductile.New("peers", breaker.New(breaker.Probes(1), breaker.OpenTime(time.Minute), breaker.OpenTimeJitter(0)))
	return func(ctx context.Context, fn func() error) error {
		return ductile.Run(ctx, p, func(context.Context) error { return fn() })
	}
}

func failsafeBreaker() protected {
	b := circuitbreaker.NewBuilder[any]().WithFailureThreshold(5).WithSuccessThreshold(1).WithDelay(time.Minute).Build()
	return func(ctx context.Context, fn func() error) error {
		return failsafe.With(b).WithContext(ctx).Run(fn)
	}
}

func gobreakerBreaker() protected {
	b := gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
		Timeout: time.Minute, ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 5 },
	})
	return func(_ context.Context, fn func() error) error {
		_, err := b.Execute(func() (any, error) { return nil, fn() })
		return err
	}
}

// works reports whether a call goes through.
func (call protected) works() bool {
	return call(context.Background(), func() error { return nil }) == nil
}

// opened fails calls until the breaker refuses, and waits until it is ready to probe.
func (call protected) opened() protected {
	for range 5 {
		_ = call(context.Background(), func() error { return errDown })
	}
	time.Sleep(61 * time.Second)
	return call
}

// apart runs f on a goroutine of its own, that it may end as it likes.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		f()
	}()
	<-done
}

// What the README says of the libraries it names, row by row: ductile, failsafe-go, gobreaker.
func TestComparison(t *testing.T) {
	for _, row := range []struct {
		claim string
		holds func(call protected) bool
		want  [3]bool
	}{
		{"a probe that panics gives its place back", func(call protected) bool {
			call = call.opened()
			apart(func() { _ = call(context.Background(), func() error { panic("boom") }) })
			time.Sleep(time.Hour)
			return call.works()
		}, [3]bool{true, false, true}},
		{"a probe that exits its goroutine gives its place back", func(call protected) bool {
			call = call.opened()
			apart(func() { _ = call(context.Background(), func() error { runtime.Goexit(); return nil }) })
			time.Sleep(time.Hour)
			return call.works()
		}, [3]bool{true, false, false}},
		{"a probe that never reports does not keep others out for ever", func(call protected) bool {
			call = call.opened()
			hung, end := make(chan struct{}), make(chan struct{})
			go func() {
				_ = call(context.Background(), func() error { close(hung); <-end; return nil })
			}()
			<-hung
			time.Sleep(time.Hour)
			defer close(end)
			return call.works()
		}, [3]bool{true, false, false}},
		{"a result of before the opening does not close it", func(call protected) bool {
			end, ended := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(ended)
				_ = call(context.Background(), func() error { <-end; return nil })
			}()
			synctest.Wait()
			call = call.opened()
			probing, reported := make(chan struct{}), make(chan struct{})
			go func() { // half-open, with its one probe out
				_ = call(context.Background(), func() error { close(probing); <-reported; return nil })
			}()
			<-probing
			close(end)
			<-ended
			refused := !call.works()
			close(reported)
			return refused
		}, [3]bool{true, false, true}},
		{"callers who cancel do not open it", func(call protected) bool {
			for range 5 {
				ctx, cancel := context.WithCancel(context.Background())
				_ = call(ctx, func() error { cancel(); return ctx.Err() })
			}
			return call.works()
		}, [3]bool{true, false, false}},
	} {
		t.Run(row.claim, func(t *testing.T) {
			for i, library := range []func() protected{ductileBreaker, failsafeBreaker, gobreakerBreaker} {
				synctest.Test(t, func(t *testing.T) {
					assert.Equal(t, row.want[i], row.holds(library()), "ductile, failsafe-go, gobreaker: number %d", i+1)
				})
			}
		})
	}
}

// What the README says of retries: ductile, failsafe-go.
func TestComparisonOfRetries(t *testing.T) {
	ours := func(ctx context.Context, fn func() error) error {
		return ductile.Run(ctx, ductile.New("peers", retry.New(retry.Constant(time.Minute), retry.NoJitter())), func(context.Context) error { return fn() })
	}
	theirs := func(ctx context.Context, fn func() error) error {
		return failsafe.With(retrypolicy.NewBuilder[any]().WithDelay(time.Minute).Build()).WithContext(ctx).Run(fn)
	}
	for _, row := range []struct {
		claim string
		holds func(call protected) bool
		want  [2]bool
	}{
		{"a wait that the deadline would cut short is not begun", func(call protected) bool {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			began := time.Now()
			_ = call(ctx, func() error { return errDown })
			return time.Since(began) == 0
		}, [2]bool{true, false}},
		{"the last error is found when the caller cancels in the wait", func(call protected) bool {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(time.Second, cancel)
			return errors.Is(call(ctx, func() error { return errDown }), errDown)
		}, [2]bool{true, false}},
		{"nothing is called for a caller who has gone", func(call protected) bool {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			called := false
			_ = call(ctx, func() error { called = true; return nil })
			return !called
		}, [2]bool{true, false}},
	} {
		t.Run(row.claim, func(t *testing.T) {
			for i, library := range []protected{ours, theirs} {
				synctest.Test(t, func(t *testing.T) {
					assert.Equal(t, row.want[i], row.holds(library), "ductile, failsafe-go: number %d", i+1)
				})
			}
		})
	}
	t.Run("a policy's refusal is not repeated", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := breaker.New()
			b.Isolate("test")
			began := time.Now()
			p := ductile.New("peers", retry.New(retry.Constant(time.Minute), retry.NoJitter()), b)
			assert.Error(t, ductile.Run(t.Context(), p, func(context.Context) error { return nil }))
			assert.Zero(t, time.Since(began))

			theirs := circuitbreaker.NewWithDefaults[any]()
			theirs.Open()
			again := retrypolicy.NewBuilder[any]().WithDelay(time.Second).Build()
			assert.Error(t, failsafe.With[any](again, theirs).Run(func() error { return nil }))
			assert.Equal(t, 2*time.Second, time.Since(began), "failsafe-go waits twice for a breaker that is open for a minute")
		})
	})
}
