package hedge_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// Many goroutines observe, decide and look at once, through two copies of a policy, while time passes. What the window holds is counted
// exactly, and the delay is always one that the answers can have.
func TestHedgeStress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const goroutines, rounds = 16, 2000
		p := hedge.New(hedge.Window(time.Hour), hedge.MinDelay(0))
		bounded := p.WithBudget(budget.Unlimited()).(*hedge.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
		var all sync.WaitGroup
		for g := range goroutines {
			all.Go(func() {
				p := []*hedge.Policy{p, bounded}[g%2]
				for i := range rounds {
					p.Observe(time.Duration(1+i%20)*time.Millisecond, nil)
					if delay, more := p.Delay(1); more {
						assert.GreaterOrEqual(t, delay, time.Millisecond)
						assert.Less(t, delay, 22*time.Millisecond)
						p.Launch(1, noDeadline)
						p.Launch(1, 0)
					}
					p.Observe(time.Microsecond, context.DeadlineExceeded) // too soon to count
					p.Observe(time.Microsecond, fault.Superseded(false))
					if i%100 == 0 {
						p.Snapshot()
						time.Sleep(time.Second)
					}
				}
			})
		}
		all.Wait()
		look(p)
		knows(t, p, 19*time.Millisecond)
		s := p.Snapshot()
		assert.EqualValues(t, goroutines*rounds, s.Samples)
		assert.Equal(t, s.Launched, s.Late, "each that was granted was asked again, too late")
		assert.Positive(t, s.Launched)
		assert.Zero(t, s.Refused)
	})
}

// While the window turns all the time, under real concurrency, nothing races and nothing is made up.
func TestHedgeTurningStress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const goroutines, rounds = 8, 3000
		p := hedge.New(hedge.Window(time.Second), hedge.MinSamples(1))
		var all sync.WaitGroup
		for range goroutines {
			all.Go(func() {
				for i := range rounds {
					p.Observe(10*time.Millisecond, nil)
					p.Observe(time.Second, errDown)
					if i%10 == 0 {
						time.Sleep(100 * time.Millisecond)
					}
				}
			})
		}
		all.Wait()
		assert.LessOrEqual(t, p.Snapshot().Samples, uint64(2*goroutines*rounds))
		time.Sleep(time.Second)
		p.Observe(0, errDown)
		assert.Zero(t, p.Snapshot().Samples)
		knowsNothing(t, p)
	})
}
