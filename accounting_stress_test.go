package ductile_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// ledger is a gate that counts permits.
type ledger struct{ inside, admitted, released atomic.Int64 }

func (*ledger) Name() string { return "ledger" }

func (l *ledger) Acquire(context.Context) (uint64, error) {
	l.inside.Add(1)
	return uint64(l.admitted.Add(1)), nil
}

func (l *ledger) Release(uint64, error) {
	l.inside.Add(-1)
	l.released.Add(1)
}

// A thousand goroutines through one pipeline, with every kind of end: at the end the permits, attempts, withdrawals and the breaker's
// counts are exact.
func TestStressAccounting(t *testing.T) {
	defer goleak.VerifyNone(t)
	const goroutines, each = 1000, 50
	var started, repeats, panics, exits, failures, counted, fellBack atomic.Int64
	extra := budget.New(budget.Share(0.2), budget.Floor(0), budget.Window(10*time.Minute))
	gate := new(ledger)
	b := breaker.New(breaker.NoFailureRate(), breaker.ConsecutiveFailures(math.MaxInt32), breaker.Window(time.Hour)) // counts, and never opens
	p := ductile.New("test",
		fallback.Func(func(context.Context, error) (int, error) { fellBack.Add(1); return -1, nil }),
		gate,
		retry.New(retry.Attempts(4), retry.Constant(0), retry.Budget(extra)),
		b,
		timeout.New(time.Hour))

	call := func(rnd *rand.Rand) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		_, _ = ductile.Do(ctx, p, func(ctx context.Context) (int, error) {
			started.Add(1)
			if attempt, _ := p.Attempt(ctx); attempt > 1 {
				repeats.Add(1)
			}
			switch dice := rnd.IntN(100); {
			case dice < 2:
				panics.Add(1)
				failures.Add(1)
				counted.Add(1)
				panic("boom")
			case dice < 4:
				exits.Add(1)
				runtime.Goexit()
			case dice < 8:
				cancel()
				return 0, errDown
			case dice < 12:
				return 0, fault.Ignore(errDown)
			case dice < 16:
				counted.Add(1)
				return 0, fault.Permanent(errDown)
			case dice < 40:
				failures.Add(1)
				counted.Add(1)
				return 0, errDown
			}
			counted.Add(1)
			return rnd.IntN(6), nil
		})
	}
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(g)))
			for range each {
				contained(func() { call(rnd) })
			}
		})
	}
	wg.Wait()

	assert.Zero(t, gate.inside.Load(), "permits")
	assert.Equal(t, int64(goroutines*each), gate.admitted.Load())
	assert.Equal(t, gate.admitted.Load(), gate.released.Load())
	s := b.Snapshot()
	assert.Equal(t, uint64(counted.Load()), s.Counts.Calls, "the breaker's calls")
	assert.Equal(t, uint64(failures.Load()), s.Counts.Failures, "the breaker's failures")
	e := extra.Snapshot()
	assert.Equal(t, uint64(started.Load()-repeats.Load()), e.Earned, "first attempts")
	assert.Equal(t, uint64(repeats.Load()), e.Spent, "withdrawals are repeats")
	assert.LessOrEqual(t, 5*e.Spent, e.Earned, "a fifth")
	for name, n := range map[string]int64{"panics": panics.Load(), "exits": exits.Load(), "fallbacks": fellBack.Load(), "repeats": repeats.Load()} {
		assert.Positive(t, n, name)
	}
}

// Through a dependency that goes up and down, under 10,000 goroutines: whatever the breaker does, permits come back, nothing is called
// more often than it was admitted, and at the end it is closed again.
func TestStressOutage(t *testing.T) {
	defer goleak.VerifyNone(t)
	var down atomic.Bool
	var called, rejected atomic.Int64
	gate := new(ledger)
	b := breaker.New(breaker.OpenTime(time.Millisecond), breaker.OpenTimeGrowth(1, time.Millisecond), breaker.ProbeLease(time.Hour))
	p := ductile.New("test", retry.New(retry.Constant(0)), b, gate)
	var wg sync.WaitGroup
	for range 10_000 {
		wg.Go(func() {
			for n := range 20 {
				down.Store(n%10 < 5)
				err := ductile.Run(context.Background(), p, func(context.Context) error {
					called.Add(1)
					if down.Load() {
						return errDown
					}
					return nil
				})
				if errors.Is(err, breaker.ErrOpen) {
					rejected.Add(1)
				}
			}
		})
	}
	wg.Wait()
	assert.Zero(t, gate.inside.Load())
	assert.Equal(t, called.Load(), gate.admitted.Load())
	assert.Zero(t, b.Snapshot().Probing)
	down.Store(false)
	assert.Eventually(t, func() bool {
		_ = ductile.Run(context.Background(), p, func(context.Context) error { return nil })
		return b.State() == breaker.Closed
	}, time.Minute, time.Millisecond, "recovers by itself")
}
