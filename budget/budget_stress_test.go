package budget_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
)

const (
	goroutines = 1000
	rounds     = 50
)

// together runs a function on many goroutines that begin at one moment.
func together(do func(goroutine int)) {
	var ready, done sync.WaitGroup
	begin := make(chan struct{})
	for i := range goroutines {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-begin
			do(i)
		})
	}
	ready.Wait()
	close(begin)
	done.Wait()
}

// All withdraw at once, many more than there is: exactly what was earned is granted. No time passes in the bubble, so nothing leaves
// the window meanwhile.
func TestStressExactlyWhatWasEarnedIsGranted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(0.3), budget.Floor(0))
		together(func(int) { deposit(b, rounds) })
		assert.Equal(t, uint64(goroutines*rounds), b.Snapshot().Earned, "no deposit is lost")

		var granted atomic.Int64
		together(func(int) { granted.Add(int64(drain(b))) })
		assert.Equal(t, int64(goroutines*rounds*3/10), granted.Load())
		assert.Equal(t, int64(0), b.Snapshot().Balance)
		assert.Equal(t, uint64(goroutines), b.Snapshot().Refused)
	})
}

// Deposits, withdrawals and refunds in any order: what is out never exceeds what the deposits until then allow, and in the end the books
// balance to the last withdrawal.
func TestStressTheBooksBalance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(0.2), budget.Floor(1)) // and 10 in the window
		var deposits, withdrawals, refunds atomic.Int64
		together(func(int) {
			for range rounds {
				switch rand.IntN(4) {
				case 0:
					if b.Withdraw() {
						withdrawals.Add(1)
					}
				case 1:
					if b.WithdrawEarned() {
						withdrawals.Add(1)
						b.Refund(0)
						refunds.Add(1)
					}
				default:
					deposits.Add(1) // before it counts, so that this number is never the lower
					b.Deposit()
				}
				s := b.Snapshot()
				if allowed := deposits.Load()/5 + 10; int64(s.Spent) > allowed {
					t.Errorf("%d withdrawals are out, and %d are allowed", s.Spent, allowed)
				}
			}
		})
		s := b.Snapshot()
		assert.Equal(t, deposits.Load(), int64(s.Earned))
		assert.Equal(t, withdrawals.Load()-refunds.Load(), int64(s.Spent))
		assert.Equal(t, deposits.Load()/5+10-int64(s.Spent), s.Balance)
	})
}

// While time goes on and tenths turn over under the writers, no window ever grants more than its floor.
func TestStressTheWindowTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(0), budget.Floor(10), budget.Window(time.Second)) // ten in any ten tenths
		var granted [40]atomic.Int64                                                   // by tenth
		for tenth := range granted {
			together(func(goroutine int) {
				b.Deposit()
				if (goroutine+tenth)%3 == 0 && b.Withdraw() {
					granted[tenth].Add(1)
				}
			})
			time.Sleep(100 * time.Millisecond)
		}
		for first := range len(granted) - 9 {
			sum := int64(0)
			for tenth := first; tenth < first+10; tenth++ {
				sum += granted[tenth].Load()
			}
			assert.Equal(t, int64(10), sum, "tenths %d to %d", first, first+9)
		}
	})
}
