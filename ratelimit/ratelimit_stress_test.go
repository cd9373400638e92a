package ratelimit_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/ratelimit"
)

// swarm runs f in many goroutines, all at once, each with its own dice, and waits for them.
func swarm(goroutines int, f func(*rand.Rand)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for g := range goroutines {
		ready.Add(1)
		done.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(g), 7))
			ready.Done()
			<-start
			f(rnd)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// Ten thousand callers at once, half of whom wait, and leave at any time, also at the very moment when their turn comes. Each is let
// through or refused, once; in no stretch of time do too many go; nobody is left in the queue, and in the end the bucket is full.
func TestStressEveryCallIsAccountedFor(t *testing.T) {
	defer goleak.VerifyNone(t)
	synctest.Test(t, func(t *testing.T) {
		const (
			limit   = 1 << 16
			burst   = 100
			callers = 10_000
			calls   = 3
			grain   = time.Second / limit
		)
		l := ratelimit.New(limit, burst, ratelimit.Wait(time.Second/16))
		start := time.Now()
		var mu sync.Mutex
		var times []time.Duration
		var refused [ratelimit.ReasonNever + 1]atomic.Uint64
		swarm(callers, func(rnd *rand.Rand) {
			for range calls {
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				patience := grain * time.Duration(rnd.IntN(2*limit/16))
				switch rnd.IntN(4) {
				case 0:
					ctx, cancel = context.WithTimeout(ctx, patience)
				case 1:
					ctx, cancel = context.WithCancel(ctx)
					time.AfterFunc(patience, cancel)
				default:
				}
				_, err := l.Acquire(ctx)
				went := time.Since(start)
				cancel()
				if err == nil {
					mu.Lock()
					times = append(times, went)
					mu.Unlock()
				}
				refused[reason(err)].Add(1)
				if rnd.IntN(3) == 0 {
					time.Sleep(grain * time.Duration(rnd.IntN(1000)))
				}
			}
		})
		total := uint64(0)
		for why := range refused {
			total += refused[why].Load()
			if why := ratelimit.Reason(why); why != ratelimit.ReasonNoToken && why != ratelimit.ReasonNever {
				assert.NotZero(t, refused[why].Load(), "%v", why)
			}
		}
		assert.Equal(t, uint64(callers*calls), total)
		assert.Equal(t, refused[0].Load(), uint64(len(times)))
		within(t, times, limit, burst, 2)
		s := l.Snapshot()
		assert.Equal(t, total-refused[0].Load(), s.Refused)
		assert.Zero(t, s.Waiting)
		time.Sleep(time.Second)
		assert.InDelta(t, burst, l.Snapshot().Tokens, 0)
	})
}

// On the real clock, and as fast as two cores go, no more calls are let through than a burst and what is earned.
func TestStressTheRateIsKept(t *testing.T) {
	defer goleak.VerifyNone(t)
	const limit, burst = 100_000, 1000
	l := ratelimit.New(limit, burst)
	start := time.Now()
	var admitted, refused atomic.Uint64
	swarm(10_000, func(*rand.Rand) {
		for range 20 {
			if _, err := l.Acquire(t.Context()); err == nil {
				admitted.Add(1)
			} else {
				refused.Add(1)
			}
		}
	})
	assert.LessOrEqual(t, float64(admitted.Load()), burst+limit*time.Since(start).Seconds())
	assert.GreaterOrEqual(t, admitted.Load(), uint64(burst))
	assert.Equal(t, uint64(10_000*20), admitted.Load()+refused.Load())
	assert.Equal(t, refused.Load(), l.Snapshot().Refused)
}

// Others reserve tokens of the same rate.Limiter, and tune it, at the same moment. A call still waits no longer than it may, not even
// where the bucket has promised others more since the limiter looked.
func TestStressSharing(t *testing.T) {
	defer goleak.VerifyNone(t)
	const wait, deadline = time.Second, time.Second / 2
	var admitted atomic.Uint64
	for range 10 {
		synctest.Test(t, func(t *testing.T) {
			bucket := rate.NewLimiter(1000, 1)
			l := ratelimit.From(bucket, ratelimit.Wait(wait))
			swarm(3000, func(rnd *rand.Rand) {
				switch dice := rnd.IntN(20); {
				case dice == 0:
					bucket.SetLimit(rate.Limit(1000 * rnd.IntN(2)))
				case dice == 1:
					bucket.SetBurst(rnd.IntN(2))
				case dice < 10:
					bucket.Reserve()
				default:
					ctx, cancel := context.WithTimeout(t.Context(), deadline)
					defer cancel()
					came, most := time.Now(), deadline
					if dice < 15 {
						ctx, most = t.Context(), wait
					}
					if _, err := l.Acquire(ctx); err == nil {
						admitted.Add(1)
						if since := time.Since(came); since > most {
							t.Error("waited", since)
						}
					} else if why := reason(err); why == ratelimit.ReasonCanceled {
						t.Error("was let in, and had no time:", err)
					}
				}
			})
			require.Zero(t, l.Snapshot().Waiting)
		})
	}
	assert.NotZero(t, admitted.Load())
}
