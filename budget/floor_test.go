package budget_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
)

// The floor is a rate, and is counted over the window: what it grants in a whole window it grants at once.
func TestTheFloorIsCountedOverTheWindow(t *testing.T) {
	for _, row := range []struct {
		floor  float64
		window time.Duration
		want   int
	}{
		{1, 10 * time.Second, 10},
		{0, 10 * time.Second, 0},
		{0.3, 10 * time.Second, 3},
		{0.1, 10 * time.Second, 1},
		{0.09, 10 * time.Second, 0},
		{0.09, 12 * time.Second, 1},
		{2.5, time.Second, 2},
		{0.5, 1500 * time.Millisecond, 0},
		{0.5, 2 * time.Second, 1},
		{1.0 / 60, 10 * time.Minute, 10},
		{1000, 10 * time.Second, 10_000},
	} {
		t.Run(fmt.Sprintf("%v a second in %v", row.floor, row.window), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := budget.New(budget.Share(0), budget.Floor(row.floor), budget.Window(row.window))
				assert.Equal(t, row.want, drain(b))
			})
		})
	}
}

func TestTheHighestFloorDoesNotOverflow(t *testing.T) {
	b := budget.New(budget.Share(10), budget.Floor(1e6), budget.Window(10*time.Minute))
	assert.Equal(t, int64(600_000_000), b.Snapshot().Balance)
}

// Share and floor add up: the floor is besides the share, not below it.
func TestTheFloorIsBesidesTheShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New() // a fifth of the first attempts, and 10 in 10 s
		deposit(b, 100)
		assert.Equal(t, 30, drain(b))
	})
}

// Parts of a withdrawal add up, too: half a one from the share and half a one from the floor are one.
func TestShareAndFloorAddUpBeforeRounding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(0.5), budget.Floor(0.05))
		b.Deposit()
		assert.Equal(t, 1, drain(b))
	})
}

// Hedges draw on what was earned. They see what retries have spent, of the share or of the floor, since it is one load.
func TestWithdrawEarnedIgnoresTheFloor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New()
		assert.False(t, b.WithdrawEarned(), "nothing is earned")
		deposit(b, 10)
		assert.True(t, b.WithdrawEarned())
		assert.True(t, b.Withdraw())
		assert.False(t, b.WithdrawEarned(), "two of ten are spent, by whomever")
		assert.Equal(t, 10, drain(b), "and the floor is left")
	})
}
