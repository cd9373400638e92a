package benchmarks

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go"
	failsafebulkhead "github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
)

// Bulkheads of one permit. Callers may wait for it for an hour, where they may wait at all: eight of them, if the library has a bound.

func ductileBulkhead(waiting bool, outside ...ductile.Policy) protected {
	var options []bulkhead.Option
	if waiting {
		options = append(options, bulkhead.Queue(8, time.Hour))
	}
	p := ductile.New("peers", append(outside, bulkhead.New(1, options...))...)
	return func(ctx context.Context, fn func() error) error {
		return ductile.Run(ctx, p, func(context.Context) error { return fn() })
	}
}

func failsafeBulkhead(waiting bool, outside ...failsafe.Policy[any]) protected {
	b := failsafebulkhead.NewBuilder[any](1)
	if waiting {
		b = b.WithMaxWaitTime(time.Hour)
	}
	e := failsafe.With(append(outside, b.Build())...)
	return func(ctx context.Context, fn func() error) error { return e.WithContext(ctx).Run(fn) }
}

// held makes a call that runs until it is told to return.
func (call protected) held() (end func()) {
	begun, over, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		_ = call(context.Background(), func() error { close(begun); <-over; return nil })
	}()
	<-begun
	return func() { close(over); <-ended }
}

// What the README says of bulkheads: ductile, failsafe-go.
func TestComparisonOfBulkheads(t *testing.T) {
	for _, row := range []struct {
		claim   string
		waiting bool
		holds   func(t *testing.T, call protected) bool
		want    [2]bool
	}{
		{"a call that panics gives its permit back", false, func(_ *testing.T, call protected) bool {
			apart(func() { _ = call(context.Background(), func() error { panic("boom") }) })
			return call.works()
		}, [2]bool{true, false}},
		{"a call that exits its goroutine gives its permit back", false, func(_ *testing.T, call protected) bool {
			apart(func() { _ = call(context.Background(), func() error { runtime.Goexit(); return nil }) })
			return call.works()
		}, [2]bool{true, false}},
		{"who waits is served in order, and before who comes later", true, func(_ *testing.T, call protected) bool {
			var served []int
			var all sync.WaitGroup
			visit := func(n int) { _ = call(context.Background(), func() error { served = append(served, n); return nil }) }
			all.Go(func() {
				_ = call(context.Background(), func() error { time.Sleep(time.Second); return nil })
				visit(4) // on the heels of the permit
			})
			for n := range 4 {
				synctest.Wait()
				all.Go(func() { visit(n) })
			}
			all.Wait()
			return slices.Equal(served, []int{0, 1, 2, 3, 4})
		}, [2]bool{true, true}},
		{"only so many may wait", true, func(t *testing.T, call protected) bool {
			end, refused := call.held(), 0
			var all sync.WaitGroup
			var mu sync.Mutex
			for range 100 {
				all.Go(func() {
					began := time.Now()
					if err := call(context.Background(), func() error { return nil }); err != nil && time.Since(began) == 0 {
						mu.Lock()
						defer mu.Unlock()
						refused++
					}
				})
			}
			synctest.Wait()
			end()
			all.Wait()
			assert.Contains(t, []int{0, 92}, refused, "of a hundred, for whom there are eight places")
			return refused > 0
		}, [2]bool{true, false}},
		{"who is out of time in the queue hears that it was the queue", true, func(t *testing.T, call protected) bool {
			defer call.held()()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			err := call(ctx, func() error { return nil })
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			return errors.Is(err, bulkhead.ErrFull) || errors.Is(err, failsafebulkhead.ErrFull)
		}, [2]bool{true, false}},
	} {
		t.Run(row.claim, func(t *testing.T) {
			for i, library := range []func() protected{
				func() protected { return ductileBulkhead(row.waiting) },
				func() protected { return failsafeBulkhead(row.waiting) },
			} {
				synctest.Test(t, func(t *testing.T) {
					assert.Equal(t, row.want[i], row.holds(t, library()), "ductile, failsafe-go: number %d", i+1)
				})
			}
		})
	}

	t.Run("a full bulkhead does not open the breaker around it", func(t *testing.T) {
		opens := func(call protected) bool {
			end := call.held()
			for range 5 {
				assert.Error(t, call(context.Background(), func() error { return nil }))
			}
			end()
			return !call.works()
		}
		synctest.Test(t, func(t *testing.T) {
			assert.False(t, opens(ductileBulkhead(false, breaker.New())))
			theirs := circuitbreaker.NewBuilder[any]().WithFailureThreshold(5).WithDelay(time.Minute).Build()
			assert.True(t, opens(failsafeBulkhead(false, theirs)), "failsafe-go's breaker counts refusals by the bulkhead as failures")
		})
	})
}
