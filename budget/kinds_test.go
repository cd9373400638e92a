package budget_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
)

func TestUnlimitedGrantsEverything(t *testing.T) {
	b := budget.Unlimited()
	for range 1000 {
		assert.True(t, b.Withdraw())
		assert.True(t, b.WithdrawEarned())
	}
	b.Deposit()
	b.Refund(0)
	assert.Equal(t, budget.Snapshot{Balance: math.MaxInt64}, b.Snapshot())
}

func TestNoneGrantsNothing(t *testing.T) {
	for name, b := range map[string]*budget.Budget{"None": budget.None(), "the zero Budget": new(budget.Budget)} {
		deposit(b, 1000)
		b.Refund(0)
		assert.False(t, b.Withdraw(), name)
		assert.False(t, b.WithdrawEarned(), name)
		assert.Equal(t, budget.Snapshot{Refused: 2}, b.Snapshot(), name)
	}
}

// A snapshot shows what the next withdrawals will find, and takes nothing.
func TestASnapshotIsWhatWithdrawalsFind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New() // a fifth, and 10 in 10 s
		assert.Equal(t, budget.Snapshot{Balance: 10}, b.Snapshot())
		deposit(b, 14)
		assert.Equal(t, budget.Snapshot{Earned: 14, Balance: 12}, b.Snapshot())
		assert.Equal(t, 12, drain(b))
		assert.Equal(t, budget.Snapshot{Earned: 14, Spent: 12, Refused: 1}, b.Snapshot())
		assert.False(t, b.WithdrawEarned())
		assert.Equal(t, budget.Snapshot{Earned: 14, Spent: 12, Refused: 2}, b.Snapshot())
		time.Sleep(10 * time.Second)
		assert.Equal(t, budget.Snapshot{Balance: 10, Refused: 2}, b.Snapshot(), "refusals are counted for good")
	})
}

// Budgets are counted apart, and from their own beginning: two made at different times have different tenths.
func TestBudgetsShareNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := budget.New(budget.Share(0), budget.Floor(0.1))
		time.Sleep(700 * time.Millisecond)
		other := budget.New(budget.Share(0), budget.Floor(0.1))
		assert.True(t, one.Withdraw())
		assert.True(t, other.Withdraw())
		time.Sleep(9300 * time.Millisecond)
		assert.True(t, one.Withdraw())
		assert.False(t, other.Withdraw())
		time.Sleep(700 * time.Millisecond)
		assert.True(t, other.Withdraw())
	})
}
