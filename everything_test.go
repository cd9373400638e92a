package ductile_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// Ten thousand calls at once through hedges, a retry, a breaker, a bulkhead and timeouts, with copies that succeed, fail, panic, exit and hang,
// and callers who leave at any moment, on one, two and four cores: no permit is lost, no goroutine is left, and every value is returned
// or discarded exactly once. It takes its time, so it is not among the tests that make stress repeats.
func TestEverythingAtOnce(t *testing.T) {
	for _, procs := range []int{1, 2, 4} {
		for name, async := range map[string][]ductile.Option[int64]{"inline": nil, "async": {ductile.Async[int64]}} {
			t.Run(fmt.Sprintf("%d procs, %s", procs, name), func(t *testing.T) {
				defer goleak.VerifyNone(t)
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
				everything(t, async)
			})
		}
	}
}

func everything(t *testing.T, options []ductile.Option[int64]) {
	const goroutines = 10_000
	outside, inside, innermost := new(ledger), new(ledger), new(ledger)
	hold := bulkhead.New(goroutines/4, bulkhead.Queue(goroutines/4, time.Second))
	b := breaker.New(breaker.FailureRate(0.9), breaker.OpenTime(time.Millisecond), breaker.ProbeLease(time.Minute))
	unlimited := budget.Unlimited()
	p := ductile.NewConcurrent("test",
		outside,
		hedge.New(hedge.Name("outer"), hedge.After(200*time.Microsecond), hedge.Extra(2), hedge.Budget(unlimited)),
		inside,
		retry.New(retry.Attempts(2), retry.Constant(0), retry.Budget(unlimited)),
		timeout.New(time.Second, timeout.Detached()),
		b,
		hold,
		hedge.New(hedge.Name("inner"), hedge.After(400*time.Microsecond), hedge.Budget(unlimited)),
		timeout.New(time.Second),
		innermost,
	)
	var made, gone, came [1 << 18]atomic.Int32 // by value
	var next, panics, exits, returned, late atomic.Int64
	var running sync.WaitGroup
	options = append(slices.Clip(options), ductile.Discard(func(v int64) { gone[v].Add(1); late.Add(1) }))

	call := func(rnd *rand.Rand) {
		ctx, cancel := context.WithCancel(context.Background())
		if rnd.IntN(4) == 0 {
			stop := time.AfterFunc(time.Duration(rnd.IntN(2000))*time.Microsecond, cancel)
			defer stop.Stop()
		}
		defer cancel()
		seed := rnd.Uint64()
		v, err := ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int64, error) {
			running.Add(1)
			defer running.Done()
			id := next.Add(1)
			rnd := rand.New(rand.NewPCG(seed, uint64(id)))
			dice := rnd.IntN(100)
			switch {
			case dice < 3:
				panics.Add(1)
				panic("boom")
			case dice < 5:
				exits.Add(1)
				runtime.Goexit()
			case dice < 10:
				<-ctx.Done()
			case dice < 60:
				select {
				case <-time.After(time.Duration(rnd.IntN(1500)) * time.Microsecond):
				case <-ctx.Done():
				}
			}
			made[id].Add(1)
			if dice%5 == 0 {
				return id, []error{errDown, fault.Permanent(errDown), fault.Overload(errDown, 0), ctx.Err()}[rnd.IntN(4)]
			}
			return id, nil
		}, options...)
		returned.Add(1)
		if v != 0 {
			came[v].Add(1)
		} else {
			assert.Error(t, err, "a call without a value")
		}
	}
	var all sync.WaitGroup
	start := make(chan struct{})
	for g := range goroutines {
		all.Go(func() {
			<-start
			contained(func() { call(rand.New(rand.NewPCG(7, uint64(g)))) })
		})
	}
	close(start)
	all.Wait()
	running.Wait()
	values := func() (n int64) {
		for v := range made {
			n += int64(made[v].Load())
		}
		return n
	}()
	held := func() (n int64) {
		for v := range came {
			n += int64(came[v].Load())
		}
		return n
	}()
	settled := func() bool { // losers discard, and give back, after their function has returned
		return late.Load()+held == values && outside.inside.Load()+inside.inside.Load()+innermost.inside.Load() == 0 && hold.Snapshot().InFlight == 0
	}
	for deadline := time.Now().Add(time.Minute); !settled() && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	for v := range made {
		if made[v].Load() != gone[v].Load()+came[v].Load() {
			t.Errorf("value %d: made %d times, discarded %d, returned %d", v, made[v].Load(), gone[v].Load(), came[v].Load())
		}
	}
	for name, l := range map[string]*ledger{"outside": outside, "inside": inside, "innermost": innermost} {
		assert.Zero(t, l.inside.Load(), name)
		assert.Equal(t, l.admitted.Load(), l.released.Load(), name)
	}
	s := hold.Snapshot()
	assert.Zero(t, s.InFlight)
	assert.Zero(t, s.Queued)
	assert.Zero(t, b.Snapshot().Probing)
	for name, n := range map[string]int64{"panics": panics.Load(), "exits": exits.Load(), "returned": returned.Load(), "discarded": late.Load()} {
		assert.Positive(t, n, name)
	}
	t.Logf("%d values, %d returned, %d discarded; %d panics, %d exits", values, held, late.Load(), panics.Load(), exits.Load())
}
