package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

var errDown = errors.New("down")

// newBreaker returns a breaker that stays open for an hour. Otherwise it has the defaults.
func newBreaker() *breaker.Breaker { return breaker.New(breaker.OpenTime(breakerOpen)) }

// MostGoroutines is how many may share a path.
const MostGoroutines = 1024

// permits is how many calls a bulkhead lets through at once: more than the 64 of the design's stack, so that there is one for everybody in a crowd,
// of whom any may be stopped in the middle of a call.
func permits() int { return max(MostGoroutines, runtime.GOMAXPROCS(0)) }

// A stack is the pipeline of the first paths, and those of its policies that can be asked what they did.
type stack struct {
	pipeline *ductile.Pipeline
	breaker  *breaker.Breaker
	bulkhead *bulkhead.Bulkhead
}

// newStack returns a stack with more policies inside.
func newStack(inside ...ductile.Policy) stack {
	b, h := newBreaker(), bulkhead.New(permits())
	return stack{ductile.New("stock", append([]ductile.Policy{fallback.Value(Stock{}), retry.New(), b, h}, inside...)...), b, h}
}

// check fails where the breaker has not counted n successes, or a permit has not come back.
func (s stack) check(n int) error {
	h := s.bulkhead.Snapshot()
	return errors.Join(counted(s.breaker)(n), want("permits out", 0, h.InFlight), want("refusals", 0, h.Rejected))
}

func stacked() Caller {
	s := newStack()
	return Caller{Calls: calls(s.pipeline), Check: s.check}
}

func stackedTimeout() Caller {
	s := newStack(timeout.New(attemptTime))
	return Caller{Calls: calls(s.pipeline), Check: s.check}
}

func stackedDone() Caller {
	s := newStack(timeout.New(attemptTime))
	return Caller{Calls: waitingCalls(s.pipeline), Check: s.check}
}

func observed() Caller {
	s := newStack()
	return Caller{Calls: calls(s.pipeline.With(uninterested{})), Check: s.check}
}

func closed() Caller {
	b := newBreaker()
	return Caller{Calls: calls(ductile.New("stock", b)), Check: counted(b)}
}

func opened() Caller {
	b := newBreaker()
	p := ductile.New("stock", b)
	for b.State() != breaker.Open {
		_ = ductile.Run(context.Background(), p, func(context.Context) error { return errDown }) // that it fails is the point
	}
	return Caller{
		Calls: refusedCalls(p),
		Check: func(n int) error { return want("refusals", n, b.Snapshot().Refused) },
	}
}

// calls makes calls that succeed. The closure captures i, and the result is used, as in real ones.
func calls(p *ductile.Pipeline) func(int) error {
	return func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			stock, err := ductile.Do(ctx, p, func(context.Context) (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}
}

// waitingCalls is calls with a function that looks at its context's Done, as every real client does.
func waitingCalls(p *ductile.Pipeline) func(int) error {
	return func(n int) error {
		ctx, sum := context.Background(), 0
		for i := range n {
			stock, err := ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
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

// refusedCalls makes calls that the breaker refuses.
func refusedCalls(p *ductile.Pipeline) func(int) error {
	return func(n int) (err error) {
		ctx := context.Background()
		for i := range n {
			_, err = ductile.Do(ctx, p, func(context.Context) (Stock, error) {
				return Stock{SKU: "4711", Left: i}, nil
			})
			if err == nil {
				return errLetThrough
			}
		}
		return refusedWith(err, breaker.ErrOpen)
	}
}

// refusedWith fails where calls, if there were any, were refused with another error than the breaker's.
func refusedWith(err, refusal error) error {
	if err != nil && !errors.Is(err, refusal) {
		return fmt.Errorf("refused with %w", err)
	}
	return nil
}

var errLetThrough = errors.New("an open breaker let a call through")

// counted fails where a breaker has not counted each call as a success.
func counted(b *breaker.Breaker) func(int) error {
	return func(n int) error {
		counts := b.Snapshot().Counts
		return errors.Join(want("calls", n, counts.Calls), want("failures", 0, counts.Failures))
	}
}

// uninterested is an observer that watches nothing.
type uninterested struct{}

func (uninterested) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	return ctx, nil
}

// want fails where something was not counted n times.
func want[N int | uint | uint32 | uint64](what string, n int, got N) error {
	if uint64(got) != uint64(n) {
		return fmt.Errorf("counted %d %s, want %d", got, what, n)
	}
	return nil
}

// wantSum fails where the results of n calls, which are their numbers, do not add up.
func wantSum(n, sum int) error {
	if all := n * (n - 1) / 2; sum != all {
		return fmt.Errorf("the results of %d calls add up to %d, want %d", n, sum, all)
	}
	return nil
}
