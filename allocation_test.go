package ductile_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// answer is a result of 48 bytes.
type answer [6]int

// indifferent is an observer that is not interested in any call.
type indifferent struct{}

func (indifferent) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	return ctx, nil
}

// What a call allocates is a promise of the design, and the proof that Do stays serial: with a go statement anywhere below it fn, and
// what it captures, would escape to the heap.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	isolated := breaker.New()
	isolated.Isolate("test")
	stack := func(inner ...ductile.Policy) *ductile.Pipeline {
		return ductile.New("test", append([]ductile.Policy{fallback.Value(answer{}), retry.New(), breaker.New()}, inner...)...)
	}
	quick := func(context.Context) {}
	waits := func(ctx context.Context) { _ = ctx.Done() }

	// What the standard library's own timeout costs, here and now, where somebody asks for Done.
	standard := testing.AllocsPerRun(1000, func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_ = ctx.Done()
		cancel()
	})
	for _, test := range []struct {
		name string
		p    *ductile.Pipeline
		fn   func(context.Context)
		want float64
	}{
		{"no policies", ductile.New("test"), quick, 0},
		{"fallback, retry, breaker", stack(), quick, 0},
		{"with an attempt timeout", stack(timeout.New(time.Minute)), quick, 1},
		{"with an attempt timeout, Done asked", stack(timeout.New(time.Minute)), waits, standard + 1},
		{"with a sooner deadline outside", stack(timeout.New(time.Second), timeout.New(time.Minute)), quick, 1},
		{"breaker", ductile.New("test", breaker.New()), quick, 0},
		{"breaker, all options", ductile.New("test", breaker.New(breaker.SlowCalls(time.Second, 0.5), breaker.MinPatience(time.Millisecond),
			breaker.CountWindow(100), breaker.OnTransition(func(breaker.Transition) {}))), quick, 0},
		{"breaker refuses", ductile.New("test", isolated), quick, 0},
		{"uninterested observer", stack().With(indifferent{}), quick, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			captured := 0
			got := testing.AllocsPerRun(1000, func() {
				a, _ := ductile.Do(context.Background(), test.p, func(ctx context.Context) (answer, error) {
					captured++
					test.fn(ctx)
					return answer{captured}, nil
				})
				captured += a[1]
			})
			assert.Equal(t, test.want, got)
		})
	}
	t.Run("Run and Wrap", func(t *testing.T) {
		p, calls := ductile.New("test", retry.New(), breaker.New()), 0
		double := ductile.Wrap(p, func(_ context.Context, n int) (int, error) { return 2 * n, nil })
		assert.Zero(t, testing.AllocsPerRun(1000, func() {
			_ = ductile.Run(context.Background(), p, func(context.Context) error { calls++; return nil })
			_, _ = double(context.Background(), calls)
		}))
	})
}
