package hedge_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// While a thousand updates are made, a third of them nonsense, of a hedge and of a copy of it: no decision sees a mixture of two settings,
// nor anything of nonsense; every answer is counted once; and the budget has paid for each copy that was granted.
func TestUpdateStress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const goroutines, updates = 8, 1000
		b := budget.New(budget.Share(1))
		p := hedge.New(hedge.Extra(1), hedge.After(time.Second), hedge.Window(time.Hour), hedge.MinSamples(1))
		bounded := p.WithBudget(b).(*hedge.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
		both := []*hedge.Policy{p, bounded}
		var done atomic.Bool
		var answered, granted, paid atomic.Uint64
		var calls, updating sync.WaitGroup
		for g := range goroutines {
			calls.Go(func() {
				p := both[g%2]
				for !done.Load() {
					b.Deposit()
					copies, shortest, longest := p.Worst()
					assert.Equal(t, time.Duration(copies-1)*time.Second, shortest, "as many seconds as extra copies")
					assert.Equal(t, shortest, longest)
					for started := range 12 {
						if wait, more := p.Delay(started); more {
							at := time.Duration(started) * time.Second
							assert.LessOrEqual(t, max(at, time.Second), wait)
							assert.LessOrEqual(t, wait, 4*time.Second)
						}
					}
					assert.False(t, p.Launch(5, noDeadline), "nonsense said 10")
					if p.Launch(1, noDeadline) {
						granted.Add(1)
						paid.Add(uint64(g % 2))
					}
					p.Observe(time.Second, nil)
					p.Observe(time.Microsecond, errDown) // too soon to count
					answered.Add(1)
					p.Snapshot()
					time.Sleep(time.Millisecond)
				}
			})
		}
		for u := range 4 {
			updating.Go(func() {
				p, random := both[u%2], rand.New(rand.NewPCG(uint64(u), 0))
				for range updates / 4 {
					time.Sleep(time.Duration(random.IntN(2_000_001)))
					n := 1 + random.IntN(4)
					after := hedge.After(time.Duration(n) * time.Second)
					switch random.IntN(6) {
					case 0:
						assert.Error(t, p.Update(hedge.Extra(10), after, hedge.MinSamples(0)))
					case 1:
						assert.Error(t, p.Update(hedge.Extra(10), after, nil, hedge.Budget(b)))
					case 2:
						assert.NoError(t, p.Update(hedge.Window(30*time.Minute+time.Duration(random.IntN(1800))*time.Second)))
					case 3:
						assert.NoError(t, p.Update(hedge.On(fault.ClassTimeout), hedge.MinSamples(1+random.IntN(9))))
					default:
						assert.NoError(t, p.Update(hedge.Extra(n), after))
					}
				}
			})
		}
		updating.Wait()
		done.Store(true)
		calls.Wait()
		s := p.Snapshot()
		assert.Equal(t, answered.Load(), s.Samples, "of seconds in a window of half an hour at least")
		assert.Equal(t, granted.Load(), s.Launched)
		assert.Equal(t, paid.Load(), b.Snapshot().Spent)
	})
}

// Of updates that meet, of different options, none is lost, whichever copy they are made of.
func TestUpdatesMeetStress(t *testing.T) {
	for range 200 {
		p := hedge.New()
		bounded := p.WithBudget(budget.None()).(*hedge.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
		var all sync.WaitGroup
		for i, option := range []hedge.Option{
			hedge.Extra(3), hedge.Percentile(0.9), hedge.Window(time.Minute), hedge.MinDelay(time.Second), hedge.MaxDelay(time.Minute),
			hedge.On(fault.ClassOverload),
		} {
			all.Go(func() { assert.NoError(t, []*hedge.Policy{p, bounded}[i%2].Update(option)) })
		}
		all.Wait()
		assert.Equal(t, "3 extra copies after the p90 of the last 1m0s, at least 1s, at most 1m0s, at once on overload", p.String())
	}
}
