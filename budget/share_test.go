package budget_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
)

// drain withdraws until the budget refuses, and returns how often it granted.
func drain(b *budget.Budget) (granted int) {
	for b.Withdraw() {
		granted++
	}
	return granted
}

func deposit(b *budget.Budget, n int) {
	for range n {
		b.Deposit()
	}
}

// A share is exact: 0.3 of 10 is 3 and not 2.9999999999999996, as a sum of ten 0.3 is in binary.
func TestTheShareIsExact(t *testing.T) {
	for _, row := range []struct {
		share    float64
		deposits int
		want     int
	}{
		{0.2, 4, 0},
		{0.2, 5, 1},
		{0.2, 9, 1},
		{0.2, 10, 2},
		{0.3, 10, 3},
		{0.3, 9, 2},
		{0.1, 10, 1},
		{0.1, 9, 0},
		{0.7, 10, 7},
		{0.29, 100, 29},
		{0.57, 100, 57},
		{1.0 / 3, 3, 0}, // a third is 0.333333 in millionths
		{1.0 / 3, 4, 1},
		{1.0 / 3, 3_000, 999},
		{2.0 / 3, 3, 2}, // and two thirds are 0.666667
		{1, 7, 7},
		{2.5, 2, 5},
		{10, 3, 30},
		{1e-6, 999_999, 0},
		{1e-6, 1_000_000, 1},
		{0, 1_000, 0},
	} {
		t.Run(fmt.Sprintf("%v of %d", row.share, row.deposits), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // where no time passes
				b := budget.New(budget.Share(row.share), budget.Floor(0))
				deposit(b, row.deposits)
				assert.Equal(t, row.want, drain(b))
			})
		})
	}
}

// What was withdrawn is gone: the share is of all first attempts in the window, not of those since the last withdrawal.
func TestTheShareIsOfTheWholeWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(0.3), budget.Floor(0))
		granted := 0
		for range 100 {
			b.Deposit()
			granted += drain(b)
		}
		assert.Equal(t, 30, granted)
	})
}
