package bulkhead_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile/bulkhead"
)

// A thousand Updates, every third nonsense, while many goroutines come, wait, give up and are canceled: never more are in flight than the
// greatest limit, nobody waits while a permit is free, limit and queue are always of one Update, every call is admitted or refused,
// and in the end no permit is lost and none too many.
func TestStressUpdates(t *testing.T) {
	defer goleak.VerifyNone(t)
	const most, updates, goroutines = 8, 1000, 100
	b := bulkhead.New(1, bulkhead.Queue(2, time.Minute))
	var (
		inside               gauge
		over                 atomic.Bool
		calls, went, refused atomic.Int64
		all                  sync.WaitGroup
	)
	all.Go(func() {
		defer over.Store(true)
		dice := rand.New(rand.NewPCG(1, 2))
		for n := range updates {
			limit := 1 + dice.IntN(most)
			options := []bulkhead.Option{bulkhead.Limit(limit), bulkhead.NoQueue()}
			if limit%2 == 1 {
				options[1] = bulkhead.Queue(2*limit, time.Duration(1+dice.IntN(1000))*time.Microsecond)
			}
			before := b.String()
			if n%3 == 0 {
				assert.Error(t, b.Update(append(options, bulkhead.Limit(-dice.IntN(2)))...))
				assert.Equal(t, before, b.String())
			} else {
				assert.NoError(t, b.Update(options...))
			}
			for calls.Load() < int64(5*n) { // of calls there are enough between two
				runtime.Gosched()
			}
		}
	})
	right := func(limit, queue int) bool { // the queue that goes with a limit
		return limit%2 == 1 && queue == 2*limit || limit%2 == 0 && queue == 0
	}
	all.Go(func() {
		for !over.Load() {
			s := b.Snapshot()
			if s.InFlight > most || s.Queued > 2*most || s.Queued > 0 && s.InFlight < s.Limit || !right(s.Limit, s.Queue) {
				t.Errorf("%+v", s)
			}
			runtime.Gosched()
		}
	})
	swarm(goroutines, func(dice *rand.Rand) {
		for !over.Load() {
			ctx, cancel := context.WithCancel(always)
			if dice.IntN(4) == 0 {
				go func() { runtime.Gosched(); cancel() }()
			}
			calls.Add(1)
			token, err := b.Acquire(ctx)
			if err == nil {
				inside.enter()
				went.Add(1)
				pause(dice.IntN(3))
				inside.leave()
			} else {
				refused.Add(1)
				if full, ok := errors.AsType[*bulkhead.FullError](err); !ok || !right(full.Limit, full.Queue) {
					t.Errorf("%+v", full)
				}
				runtime.Gosched()
			}
			b.Release(token, nil)
			cancel()
		}
	})
	all.Wait()
	assert.LessOrEqual(t, inside.most.Load(), int64(most))
	assert.Equal(t, calls.Load(), went.Load()+refused.Load())
	assert.Equal(t, uint64(refused.Load()), b.Snapshot().Rejected)
	assert.NotZero(t, went.Load())
	assert.NotZero(t, b.Snapshot().Waits)
	isWhole(t, b)
}

// Updates at the same time do not undo each other: each option is what it was last set to.
func TestStressNoUpdateIsLost(t *testing.T) {
	b := bulkhead.New(1)
	var all sync.WaitGroup
	for _, option := range []func(n int) bulkhead.Option{
		bulkhead.Limit, func(n int) bulkhead.Option { return bulkhead.Queue(n, time.Second) },
	} {
		all.Go(func() {
			for n := range 5000 {
				assert.NoError(t, b.Update(option(n+1)))
			}
		})
	}
	all.Wait()
	assert.Equal(t, "at most 5000 at once; 5000 more wait up to 1s", b.String())
}
