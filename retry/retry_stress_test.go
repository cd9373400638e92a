package retry_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
)

// A thousand callers share a policy in an outage. Some go while they wait, some panic, some are answered. Whatever they do, the extra
// load is what the budget allows, and in the end the budget has been charged for exactly the repeats that reached the dependency.
func TestStressAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers, each = 1000, 5
		b := budget.New(budget.Share(0.2), budget.Floor(1), budget.Window(10*time.Minute)) // long enough to see everything
		p := ductile.New("p", retry.New(retry.Budget(b), retry.Attempts(4), retry.Decorrelated(ms, 100*ms)))

		var attempts, reached atomic.Int64
		call := func() {
			defer func() { _ = recover() }() // from the panics below
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if rand.IntN(3) == 0 {
				stop := time.AfterFunc(rand.N(50*ms), cancel)
				defer stop.Stop()
			}
			first := true
			_ = ductile.Run(ctx, p, func(context.Context) error {
				attempts.Add(1)
				if first {
					reached.Add(1)
				}
				first = false
				switch rand.IntN(20) {
				case 0:
					panic("fn's")
				case 1:
					return nil
				default:
					return errDown
				}
			})
		}
		var done sync.WaitGroup
		for range callers {
			done.Go(func() {
				for range each {
					call()
				}
			})
		}
		done.Wait()

		s := b.Snapshot()
		assert.Equal(t, reached.Load(), int64(s.Earned), "each call that reached the dependency was deposited once")
		assert.Equal(t, attempts.Load()-reached.Load(), int64(s.Spent), "each repeat was paid for, and nothing else was")
		assert.LessOrEqual(t, int64(s.Spent), reached.Load()/5+600)
		assert.Positive(t, s.Spent)
		assert.Positive(t, s.Refused, "or this was no outage")
	})
}
