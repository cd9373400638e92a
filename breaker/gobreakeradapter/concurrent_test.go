package gobreakeradapter_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
)

// run makes a call without a value through a concurrent pipeline.
func run(ctx context.Context, p *ductile.ConcurrentPipeline, fn func(context.Context) error) error {
	_, err := ductile.DoConcurrent(ctx, p, func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) })
	return err
}

// Through a pipeline a middleware hears what it hears by hand, and values of any type pass by it.
func TestMiddlewareInAPipeline(t *testing.T) {
	for _, e := range returns {
		in(t, e.name, func(t *testing.T) {
			settings, heard := hearing(t)
			cb := gobreaker.NewCircuitBreaker[int](settings)
			p := ductile.NewConcurrent("p", gobreakeradapter.NewMiddleware(cb))
			err := e.reach(func(ctx context.Context, fn func(context.Context) error) error {
				text, err := ductile.DoConcurrent(ctx, p, func(ctx context.Context) (string, error) { return "text", fn(ctx) })
				assert.Equal(t, "text", text)
				return err
			})
			assert.Equal(t, fault.Original(err), err, "nobody else sees the mark")
			e.check(t, heard())
			assert.Equal(t, e.counts, cb.Counts())
		})
	}
}

// A refusal ends a retry, and is found below what the retry says.
func TestMiddlewareBelowARetry(t *testing.T) {
	cb := gobreaker.NewCircuitBreaker[any](gobreaker.Settings{ReadyToTrip: atOnce})
	p := ductile.NewConcurrent("p", retry.New(retry.Constant(1)), gobreakeradapter.NewMiddleware(cb))
	var calls atomic.Int64
	err := run(always, p, func(context.Context) error {
		calls.Add(1)
		return errDown
	})
	assert.Equal(t, int64(1), calls.Load())
	require.ErrorIs(t, err, errDown)
	require.ErrorIs(t, err, gobreaker.ErrOpenState)

	err = run(always, p, func(context.Context) error { t.Error("called"); return nil })
	var refusal *gobreakeradapter.RefusedError
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, fault.ClassRejected, fault.Of(err))
}

// Panics and Goexits pass through the driver and gobreaker, and callers who had gone are not counted.
func TestMiddlewareInAPipelineThatUnwinds(t *testing.T) {
	cb := gobreaker.NewCircuitBreaker[any](counting)
	p := ductile.NewConcurrent("p", gobreakeradapter.NewMiddleware(cb))
	assert.PanicsWithValue(t, "fn's", func() { _ = run(always, p, func(context.Context) error { panic("fn's") }) })
	assert.Equal(t, uint32(1), cb.Counts().TotalFailures)

	exiting(func() {
		defer func() { assert.Nil(t, recover()) }()
		_ = run(always, p, func(context.Context) error { runtime.Goexit(); return nil })
		t.Error("went on")
	})
	assert.Equal(t, uint32(2), cb.Counts().TotalFailures)

	gone, leave := context.WithCancel(always)
	leave()
	require.ErrorIs(t, run(gone, p, func(context.Context) error { t.Error("called"); return nil }), context.Canceled)
	assert.Equal(t, uint32(2), cb.Counts().Requests)
}

// A gate outside of a middleware: both adapters, one call, each breaker counts it once.
func TestBothInAPipeline(t *testing.T) {
	two, one := gobreaker.NewTwoStepCircuitBreaker[any](counting), gobreaker.NewCircuitBreaker[int](counting)
	p := ductile.NewConcurrent("p", gobreakeradapter.NewGate(two), gobreakeradapter.NewMiddleware(one))
	require.NoError(t, run(always, p, func(context.Context) error { return nil }))
	exiting(func() { _ = run(always, p, func(context.Context) error { runtime.Goexit(); return nil }) })
	assert.Equal(t, gobreaker.Counts{Requests: 2, TotalSuccesses: 1, TotalExclusions: 1, ConsecutiveSuccesses: 1}, two.Counts())
	assert.Equal(t, gobreaker.Counts{Requests: 2, TotalSuccesses: 1, TotalFailures: 1, ConsecutiveFailures: 1}, one.Counts())
}

// A copy that lost against a faster one is not counted, by either adapter, though it returns an error of its own.
func TestBothBelowAHedge(t *testing.T) {
	in(t, "overtaken", func(t *testing.T) {
		two, one := gobreaker.NewTwoStepCircuitBreaker[any](counting), gobreaker.NewCircuitBreaker[int](counting)
		p := ductile.NewConcurrent("p",
			hedge.New(hedge.After(time.Second), hedge.Budget(budget.Unlimited())), gobreakeradapter.NewGate(two), gobreakeradapter.NewMiddleware(one))
		require.NoError(t, run(always, p, func(ctx context.Context) error {
			if _, copy := p.Attempt(ctx); copy > 1 {
				return nil
			}
			<-ctx.Done()
			return errDown
		}))
		synctest.Wait()
		want := gobreaker.Counts{Requests: 2, TotalSuccesses: 1, TotalExclusions: 1, ConsecutiveSuccesses: 1}
		assert.Equal(t, want, two.Counts())
		assert.Equal(t, want, one.Counts())
	})
}
