package benchmarks

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/hedge"
)

// newHedge returns a pipeline of a hedge, and the hedge.
func newHedge() (*ductile.ConcurrentPipeline, *hedge.Policy) {
	h := fixedHedge()
	return ductile.NewConcurrent("stock", h), h
}

// newObservedHedge is newHedge, with a delay that is observed. It has had its first answers, and worked the delay out: it does so once a second, a
// measurement is shorter, and a call for which no delay is known yet would be cheaper.
func newObservedHedge() (*ductile.ConcurrentPipeline, *hedge.Policy) {
	h := observedHedge()
	for range observedFirst {
		h.Observe(time.Millisecond, nil)
	}
	if err := h.Update(); err != nil {
		panic(err)
	}
	return ductile.NewConcurrent("stock", h), h
}

func hedged() Caller {
	p, h := newHedge()
	return Caller{Calls: hedgedCalls(p), Check: unneeded(h)}
}

func hedgedAsync() Caller {
	p, h := newHedge()
	return Caller{Calls: hedgedCalls(p, ductile.Async[Stock]), Check: unneeded(h)}
}

func hedgedDone() Caller {
	p, h := newHedge()
	return Caller{Calls: hedgedWaitingCalls(p), Check: unneeded(h)}
}

// hedgedCalls is calls.
func hedgedCalls(p *ductile.ConcurrentPipeline, options ...ductile.Option[Stock]) func(int) error {
	return func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			stock, err := ductile.DoConcurrent(ctx, p, func(context.Context) (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			}, options...)
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}
}

// hedgedWaitingCalls is waitingCalls.
func hedgedWaitingCalls(p *ductile.ConcurrentPipeline) func(int) error {
	return func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			stock, err := ductile.DoConcurrent(ctx, p, func(ctx context.Context) (Stock, error) {
				select {
				case <-ctx.Done():
					return Stock{}, ctx.Err()
				default:
					return Stock{SKU: "4711", Left: i}, nil
				}
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}
}

// unneeded fails where a hedge has not timed the answer of each call, or has started a copy.
func unneeded(h *hedge.Policy) func(int) error {
	before := h.Snapshot().Samples
	return func(n int) error {
		s := h.Snapshot()
		return errors.Join(want("answers", n, s.Samples-before), want("copies", 0, s.Launched))
	}
}

// newFailsafeHedge returns failsafe-go's form of newHedge, and how many copies it has started. It counts no calls.
func newFailsafeHedge() (failsafe.Executor[Stock], *atomic.Uint64) {
	copies := new(atomic.Uint64)
	h := hedgepolicy.NewBuilderWithDelay[Stock](hedgeAfter).
		OnHedge(func(failsafe.ExecutionEvent[Stock]) { copies.Add(1) }). // which no call pays for that needs no copy
		Build()
	return failsafe.With[Stock](h), copies
}

func failsafeHedged() Caller {
	e, copies := newFailsafeHedge()
	return Caller{Calls: failsafeCalls(e), Check: failsafeUnneeded(copies)}
}

func failsafeHedgedDone() Caller {
	e, copies := newFailsafeHedge()
	return Caller{Calls: failsafeWaitingCalls(e), Check: failsafeUnneeded(copies)}
}

func failsafeUnneeded(copies *atomic.Uint64) func(int) error {
	return func(int) error { return want("copies", 0, copies.Load()) }
}
