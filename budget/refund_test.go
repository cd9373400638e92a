package budget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
)

func TestARefundCanBeWithdrawnAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(1), budget.Floor(0))
		deposit(b, 3)
		assert.Equal(t, 3, drain(b))
		b.Refund(0)
		b.Refund(0)
		assert.Equal(t, budget.Snapshot{Earned: 3, Spent: 1, Balance: 2, Refused: 1}, b.Snapshot())
		assert.Equal(t, 2, drain(b))
	})
}

// A refund takes back what would leave the window first, so that nobody can keep a budget young by withdrawing and giving back.
func TestARefundTakesTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		b := budget.New(budget.Share(0), budget.Floor(0.2)) // two in 10 s
		assert.True(t, b.Withdraw())
		at(start, 5*time.Second)
		assert.True(t, b.Withdraw())
		b.Refund(0) // of this second one, but the first is taken
		assert.Equal(t, uint64(1), b.Snapshot().Spent)
		at(start, 10*time.Second)
		assert.Equal(t, uint64(1), b.Snapshot().Spent, "what is left is the second, and stays for 5 s more")
		at(start, 15*time.Second)
		assert.Equal(t, uint64(0), b.Snapshot().Spent)
	})
}

// A refund without a withdrawal, or after it has left the window, gives nothing: a budget never holds more than it allows.
func TestARefundOfNothingIsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(0))
		b.Refund(0)
		assert.Equal(t, budget.Snapshot{Balance: 10}, b.Snapshot())
		assert.True(t, b.Withdraw())
		time.Sleep(10 * time.Second)
		b.Refund(0)
		assert.Equal(t, budget.Snapshot{Balance: 10}, b.Snapshot())
		assert.Equal(t, 10, drain(b))
	})
}
