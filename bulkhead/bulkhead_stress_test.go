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

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
)

// swarm runs f in many goroutines, all at once, each with its own dice, and waits for them.
func swarm(goroutines int, f func(*rand.Rand)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for g := range goroutines {
		ready.Add(1)
		done.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(g), 7))
			ready.Done()
			<-start
			f(dice)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// A gauge knows how many are inside, and the most that ever were.
type gauge struct{ now, most atomic.Int64 }

func (g *gauge) enter() {
	now := g.now.Add(1)
	for seen := g.most.Load(); now > seen && !g.most.CompareAndSwap(seen, now); seen = g.most.Load() {
		continue
	}
}

func (g *gauge) leave() { g.now.Add(-1) }

// Ten thousand goroutines, who wait, give up, are canceled in every moment of a wait and sometimes before: never more than the limit are in
// flight, every call is either admitted or refused, and in the end no permit is lost and none too many. Several limits, because with
// one permit each comes back into a queue, and with many the lock-free ways meet the others.
func TestStressNoPermitIsLost(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, b := range map[string]*bulkhead.Bulkhead{
		"one permit":              bulkhead.New(1, bulkhead.Queue(1000, time.Minute)),
		"one permit, short waits": bulkhead.New(1, bulkhead.Queue(1000, 20*time.Microsecond)),
		"a queue of one":          bulkhead.New(3, bulkhead.Queue(1, time.Minute)),
		"many permits":            bulkhead.New(100, bulkhead.Queue(5000, time.Minute)),
		"more than enough":        bulkhead.New(20_000, bulkhead.Queue(1, time.Minute)),
		"no queue":                bulkhead.New(5),
	} {
		t.Run(name, func(t *testing.T) {
			var inside gauge
			var admitted, refusals atomic.Int64
			goroutines, times := 10_000, 10
			if raceEnabled {
				times = 2
			}
			swarm(goroutines, func(dice *rand.Rand) {
				for range times {
					ctx, cancel := context.WithCancel(always)
					switch dice.IntN(6) {
					case 0:
						cancel()
					case 1, 2:
						go func() { runtime.Gosched(); cancel() }()
					case 3:
						cancel()
						ctx, cancel = context.WithTimeout(always, time.Duration(dice.IntN(50))*time.Microsecond)
					}
					token, err := b.Acquire(ctx)
					if err == nil {
						inside.enter()
						admitted.Add(1)
						if dice.IntN(2) == 0 {
							runtime.Gosched()
						}
						inside.leave()
					} else if refusals.Add(1); !errors.Is(err, bulkhead.ErrFull) {
						t.Error(err)
					}
					b.Release(token, nil) // of a refused call, too: that is nothing
					cancel()
				}
			})
			s := b.Snapshot()
			assert.LessOrEqual(t, inside.most.Load(), int64(s.Limit))
			assert.Equal(t, int64(goroutines*times), admitted.Load()+refusals.Load())
			assert.Equal(t, uint64(refusals.Load()), s.Rejected)
			assert.LessOrEqual(t, s.GaveUp, s.Waits)
			assert.LessOrEqual(t, s.GaveUp, s.Rejected)
			t.Logf("%d admitted, %d refused; %d waited, %d of them in vain; the longest %v",
				admitted.Load(), s.Rejected, s.Waits, s.GaveUp, s.LongestWait)
			isWhole(t, b)
		})
	}
}

// Through a pipeline, with panics, Goexits and cancellations, all permits come back.
func TestStressPipeline(t *testing.T) {
	defer goleak.VerifyNone(t)
	b := bulkhead.New(4, bulkhead.Queue(500, time.Second))
	p := ductile.New("stress", b)
	var inside gauge
	var reached, refusals atomic.Int64
	times := 5
	if raceEnabled {
		times = 2
	}
	swarm(10_000, func(dice *rand.Rand) {
		for range times {
			how := dice.IntN(20)
			var done sync.WaitGroup
			done.Go(func() { // a Goexit is not the swarm's
				defer func() { _ = recover() }()
				ctx, cancel := context.WithCancel(always)
				defer cancel()
				if how < 5 {
					go cancel()
				}
				err := ductile.Run(ctx, p, func(context.Context) error {
					reached.Add(1)
					inside.enter()
					defer inside.leave()
					switch how {
					case 0, 10:
						panic("boom")
					case 1, 11:
						runtime.Goexit()
					case 2, 12:
						return errDown
					}
					runtime.Gosched()
					return nil
				})
				if errors.Is(err, bulkhead.ErrFull) {
					refusals.Add(1)
				}
			})
			done.Wait()
		}
	})
	assert.LessOrEqual(t, inside.most.Load(), int64(4))
	assert.Positive(t, reached.Load())
	assert.Equal(t, uint64(refusals.Load()), b.Snapshot().Rejected)
	isWhole(t, b)
}

// A bulkhead of one is a lock: what one call writes without any other, the next one reads, whether it found the permit free or waited for
// it. The race detector would see it if it were otherwise.
func TestStressOneAfterTheOther(t *testing.T) {
	defer goleak.VerifyNone(t)
	b := bulkhead.New(1, bulkhead.Queue(100, time.Minute))
	calls := 0
	const goroutines, times = 100, 200
	swarm(goroutines, func(dice *rand.Rand) {
		for range times {
			token, err := b.Acquire(always)
			if err != nil {
				t.Error(err)
				return
			}
			calls++
			if dice.IntN(10) == 0 {
				runtime.Gosched()
			}
			b.Release(token, nil)
		}
	})
	assert.Equal(t, goroutines*times, calls)
	assert.Zero(t, b.Snapshot().Rejected)
	isWhole(t, b)
}

// Snapshots are true at every moment: never more in flight than the limit, nobody in the queue while a permit is free, no part above its
// whole.
func TestStressSnapshots(t *testing.T) {
	defer goleak.VerifyNone(t)
	b := bulkhead.New(2, bulkhead.Queue(3, time.Millisecond))
	var over atomic.Bool
	var reader sync.WaitGroup
	reader.Go(func() {
		for n := 1; !over.Load(); n++ {
			s := b.Snapshot()
			if s.InFlight > 2 || s.Queued > 3 || s.Queued > 0 && s.InFlight < 2 || s.GaveUp > s.Waits || s.GaveUp > s.Rejected ||
				s.WaitTime < s.LongestWait {
				t.Errorf("%+v", s)
			}
			runtime.Gosched()
		}
	})
	swarm(20, func(dice *rand.Rand) {
		for range 5000 {
			token, err := b.Acquire(always)
			if err != nil || dice.IntN(3) == 0 {
				runtime.Gosched()
			}
			b.Release(token, nil)
		}
	})
	over.Store(true)
	reader.Wait()
	isWhole(t, b)
}
