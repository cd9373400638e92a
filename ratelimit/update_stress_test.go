package ratelimit_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/ratelimit"
)

// A thousand Updates, every third nonsense, while a thousand callers come, wait and leave: each call is let through or refused, once; in no
// stretch of time go more than the greatest limit and burst allow; nobody waits for longer than the longest Wait; limit and burst are
// always of one Update; and in the end nobody waits and the bucket is full.
func TestStressUpdates(t *testing.T) {
	defer goleak.VerifyNone(t)
	synctest.Test(t, func(t *testing.T) {
		const (
			each    = 1 << 10 // the limit, for each of the burst
			most    = 64      // of the burst
			grain   = time.Second / (each * most)
			longest = time.Second / 16
			callers = 1000
			calls   = 20
			updates = 1000
		)
		l := ratelimit.New(each, 1, ratelimit.Wait(longest))
		var (
			start             = time.Now()
			mu                sync.Mutex
			times             []time.Duration
			admitted, refused atomic.Uint64
			all               sync.WaitGroup
		)
		all.Go(func() {
			dice := rand.New(rand.NewPCG(1, 2))
			for n := range updates {
				burst := 1 + dice.IntN(most)
				options := []ratelimit.Option{ratelimit.Limit(rate.Limit(each * burst)), ratelimit.Burst(burst)}
				switch dice.IntN(3) {
				case 0:
					options = append(options, ratelimit.NoWait())
				default:
					options = append(options, ratelimit.Wait(time.Duration(1+dice.Int64N(int64(longest)))))
				}
				before := l.String()
				if n%3 == 0 {
					options = append(options, ratelimit.Burst(-dice.IntN(2)))
				}
				if err := l.Update(options...); n%3 == 0 {
					assert.Error(t, err)
					assert.Equal(t, before, l.String())
				} else {
					assert.NoError(t, err)
				}
				time.Sleep(grain * time.Duration(dice.IntN(200)))
			}
		})
		all.Go(func() {
			for range updates {
				s := l.Snapshot()
				assert.InDelta(t, each*s.Burst, float64(s.Limit), 0, "of one Update")
				time.Sleep(100 * grain)
			}
		})
		swarm(callers, func(dice *rand.Rand) {
			for range calls {
				ctx, cancel := context.WithCancel(t.Context())
				if dice.IntN(3) == 0 {
					time.AfterFunc(grain*time.Duration(dice.IntN(2000)), cancel)
				}
				came := time.Now()
				_, err := l.Acquire(ctx)
				cancel()
				went := time.Now()
				assert.LessOrEqual(t, went.Sub(came), longest)
				if err == nil {
					admitted.Add(1)
					mu.Lock()
					times = append(times, went.Sub(start))
					mu.Unlock()
				} else {
					refused.Add(1)
					e, _ := errors.AsType[*ratelimit.LimitedError](err)
					assert.InDelta(t, each*e.Burst, float64(e.Limit), 0, "of one Update")
				}
				time.Sleep(grain * time.Duration(dice.IntN(4000)))
			}
		})
		all.Wait()
		assert.Equal(t, uint64(callers*calls), admitted.Load()+refused.Load())
		assert.NotZero(t, admitted.Load())
		assert.NotZero(t, refused.Load())
		within(t, times, each*most, most, 2)
		s := l.Snapshot()
		assert.Zero(t, s.Waiting)
		assert.Equal(t, refused.Load(), s.Refused)
		time.Sleep(time.Second)
		assert.InDelta(t, l.Snapshot().Burst, l.Snapshot().Tokens, 0)
	})
}

// Updates at the same time do not undo each other: each option is what it was last set to.
func TestStressNoUpdateIsLost(t *testing.T) {
	l := ratelimit.New(1, 1)
	var all sync.WaitGroup
	for _, option := range []func(n int) ratelimit.Option{
		func(n int) ratelimit.Option { return ratelimit.Limit(rate.Limit(n)) },
		ratelimit.Burst,
		func(n int) ratelimit.Option { return ratelimit.Wait(time.Duration(n)) },
	} {
		all.Go(func() {
			for n := range 2000 {
				assert.NoError(t, l.Update(option(n+1)))
			}
		})
	}
	all.Wait()
	assert.Equal(t, "2000/s in bursts of 2000, waits up to 2µs", l.String())
}

// The option Wait may come in the middle of a call that was not asked for its deadline. It is asked then, and does not wait in vain.
func TestStressTheDeadlineIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 5000 {
			l := ratelimit.New(0.5, 1)
			take(t, l, 1)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			var tuned sync.WaitGroup
			tuned.Go(func() { assert.NoError(t, l.Update(ratelimit.Wait(time.Hour))) })
			_, err := l.Acquire(ctx)
			assert.Contains(t, []ratelimit.Reason{ratelimit.ReasonNoToken, ratelimit.ReasonDeadline}, reason(err))
			assert.NoError(t, ctx.Err(), "it was refused at once")
			tuned.Wait()
			cancel()
		}
	})
}
