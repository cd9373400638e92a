package ductile_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/safemode"
	"github.com/ductile-go/ductile/timeout"
)

// knobs are policies of every kind that has numbers.
type knobs struct {
	mode           *safemode.Mode
	total, attempt *timeout.Policy
	retry          *retry.Policy
	breaker        *breaker.Breaker
	limiter        *ratelimit.Limiter
	bulkhead       *bulkhead.Bulkhead
	hedge          *hedge.Policy
}

const (
	mostAttempts = 4
	mostAtOnce   = 24
	mostCopies   = 3
	longest      = 5 * time.Second // of a call
)

// turn turns one of the knobs, at random, to what makes sense.
func (k *knobs) turn(r *rand.Rand) error {
	ms := func(least, most int) time.Duration { return time.Duration(least+r.IntN(most-least)) * time.Millisecond }
	share := func() float64 { return 0.5 + 0.5*r.Float64() }
	switch r.IntN(12) {
	case 0:
		return k.total.Update(timeout.After(ms(500, int(longest/time.Millisecond))))
	case 1:
		return k.attempt.Update(timeout.After(ms(5, 500)))
	case 2:
		return k.retry.Update(retry.Attempts(1+r.IntN(mostAttempts)), retry.Constant(ms(0, 30)))
	case 3:
		return k.retry.Update(retry.Decorrelated(ms(1, 5), ms(5, 50)), retry.Elapsed(ms(10, 2000)))
	case 4:
		return k.breaker.Update(breaker.Window(ms(1000, 20000)), breaker.FailureRate(share()), breaker.MinCalls(20+r.IntN(30)),
			breaker.ConsecutiveFailures(10))
	case 5:
		return k.breaker.Update(breaker.OpenTime(ms(1, 500)), breaker.Probes(1+r.IntN(8)), breaker.ProbeLease(ms(1, 1000)))
	case 6:
		return k.breaker.Update(breaker.CountWindow(50+r.IntN(100)), breaker.SlowCalls(ms(50, 200), share()))
	case 7:
		return k.bulkhead.Update(bulkhead.Limit(1+r.IntN(mostAtOnce)), bulkhead.Queue(1+r.IntN(20), ms(1, 300)))
	case 8:
		return k.bulkhead.Update(bulkhead.Limit(1+r.IntN(mostAtOnce)), bulkhead.NoQueue())
	case 9:
		return k.limiter.Update(ratelimit.Limit(rate.Limit(50+r.IntN(2000))), ratelimit.Burst(1+r.IntN(50)), ratelimit.Wait(ms(1, 100)))
	case 10:
		return k.hedge.Update(hedge.Extra(r.IntN(mostCopies)), hedge.After(ms(0, 50)), hedge.Window(ms(1000, 60000)))
	default:
		return k.mode.Update(safemode.Automatic(
			safemode.FailureRate(share()), safemode.MinCalls(20+r.IntN(50)), safemode.Sustain(ms(0, 500)), safemode.EngagedFor(ms(1, 500)),
			safemode.Window(ms(1000, 20000)), safemode.Probes(1+r.IntN(5)), safemode.StepAtLeast(ms(1, 200), 1+r.IntN(10)),
		))
	}
}

// mistake turns one of the knobs to what makes none.
func (k *knobs) mistake(r *rand.Rand) error {
	switch r.IntN(8) {
	case 0:
		return k.total.Update(timeout.After(-time.Second))
	case 1:
		return k.retry.Update(retry.Constant(time.Hour), retry.Attempts(0))
	case 2:
		return k.breaker.Update(breaker.OpenTime(time.Hour), breaker.FailureRate(50))
	case 3:
		return k.bulkhead.Update(bulkhead.NoQueue(), bulkhead.Limit(0))
	case 4:
		return k.limiter.Update(ratelimit.Limit(1), ratelimit.Burst(0))
	case 5:
		return k.hedge.Update(hedge.Extra(9), hedge.Percentile(95))
	case 6:
		return k.mode.Update(safemode.Automatic(safemode.Window(time.Hour), safemode.Probes(0)))
	default:
		return k.breaker.Update(breaker.Window(time.Minute), breaker.Name("another"))
	}
}

// A thousand Updates of all policies while calls go through them, half of them mistakes: no call is lost, each keeps to what any setting
// allows, mistakes change nothing, and in the end all permits are back and the budget has been kept.
func TestStressUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers, updates = 40, 1000
		extra := budget.New(budget.Share(0.5), budget.Floor(0), budget.Window(10*time.Minute))
		k := &knobs{
			mode: safemode.New(safemode.Automatic(safemode.CountAs(fault.ClassRejected, fault.ClassIgnored))), total: timeout.New(time.Second, timeout.Name("total")), attempt: timeout.New(100 * time.Millisecond),
			retry: retry.New(retry.Budget(extra)), breaker: breaker.New(), limiter: ratelimit.New(1000, 10), bulkhead: bulkhead.New(8),
			hedge: hedge.New(hedge.Budget(extra)),
		}
		outer, inner := new(ledger), new(ledger)
		var calls, started, answered, others, inside, most atomic.Int64
		p := ductile.NewConcurrent("test", fallback.Func(func(context.Context, error) (int, error) { others.Add(1); return -1, nil }),
			k.mode, outer, k.total, k.retry, k.breaker, k.limiter, k.hedge, k.bulkhead, inner, k.attempt)

		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				r := rand.New(rand.NewPCG(1, uint64(i)))
				for ctx.Err() == nil {
					time.Sleep(time.Duration(r.IntN(40)) * time.Millisecond)
					calls.Add(1)
					begin, attempts, seed := time.Now(), new(atomic.Int64), r.Uint64()
					v, err := ductile.DoConcurrent(context.WithoutCancel(ctx), p, func(ctx context.Context) (int, error) {
						started.Add(1)
						dice := rand.New(rand.NewPCG(seed, uint64(attempts.Add(1)))) // a copy may outlive its call
						for now := inside.Add(1); ; {
							if before := most.Load(); now <= before || most.CompareAndSwap(before, now) {
								break
							}
						}
						defer inside.Add(-1)
						takes, ends := time.Duration(dice.IntN(60))*time.Millisecond, dice.IntN(10)
						select {
						case <-time.After(takes):
						case <-ctx.Done():
							return 0, ctx.Err()
						}
						switch ends {
						case 0, 1:
							return 0, errDown
						case 3:
							return 0, fault.Ignore(errDown)
						default:
							return 1, nil
						}
					})
					assert.LessOrEqual(t, attempts.Load(), int64(mostAttempts*mostCopies))
					assert.LessOrEqual(t, time.Since(begin), longest)
					if v == 1 {
						assert.NoError(t, err)
						answered.Add(1)
					}
				}
			})
		}

		r := rand.New(rand.NewPCG(2, 2))
		for range updates / 2 {
			time.Sleep(time.Duration(r.IntN(60)) * time.Millisecond)
			turned, before := k.turn(r), p.String()
			if !assert.NoError(t, turned) || !assert.Error(t, k.mistake(r)) || !assert.Equal(t, before, p.String(), "a mistake changes nothing") {
				break
			}
		}
		stop()
		all.Wait()
		time.Sleep(longest) // for copies that have lost

		assert.Greater(t, answered.Load(), int64(1000))
		assert.Greater(t, others.Load(), int64(100))
		assert.LessOrEqual(t, most.Load(), int64(mostAtOnce))
		assert.Equal(t, outer.admitted.Load(), outer.released.Load())
		assert.Equal(t, inner.admitted.Load(), inner.released.Load())
		assert.LessOrEqual(t, started.Load(), inner.admitted.Load(), "nothing is called on a dead context, even if it was admitted")
		assert.Zero(t, k.bulkhead.Snapshot().InFlight)
		assert.Zero(t, k.bulkhead.Snapshot().Queued)
		assert.Zero(t, k.breaker.Snapshot().Probing)
		assert.LessOrEqual(t, float64(started.Load()), 1.5*float64(calls.Load()), "extra load stays in the budget")
		t.Logf("%d calls, %d answered, %d attempts, %d at once", calls.Load(), answered.Load(), started.Load(), most.Load())
	})
}
