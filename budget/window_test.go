package budget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
)

// at goes on to a moment, counted from the beginning of the bubble.
func at(start time.Time, moment time.Duration) { time.Sleep(time.Until(start.Add(moment))) }

// What happened in a tenth of the window leaves with that tenth.
func TestTheWindowSlidesInTenths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		b := budget.New(budget.Share(1), budget.Floor(0), budget.Window(10*time.Second))
		deposit(b, 3) // in the first second
		at(start, 1500*time.Millisecond)
		deposit(b, 2) // in the second second
		at(start, 9999*time.Millisecond)
		assert.Equal(t, int64(5), b.Snapshot().Balance)
		at(start, 10*time.Second)
		assert.Equal(t, int64(2), b.Snapshot().Balance, "the first second has left")
		at(start, 10999*time.Millisecond)
		assert.Equal(t, int64(2), b.Snapshot().Balance)
		at(start, 11*time.Second)
		assert.Equal(t, budget.Snapshot{}, b.Snapshot(), "and the second has")
	})
}

// Withdrawals leave the window as well: the floor of ten in 10 s is there again after the tenth that used it has left.
func TestWhatWasSpentComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		b := budget.New()
		assert.Equal(t, 10, drain(b))
		at(start, 9999*time.Millisecond)
		assert.Equal(t, 0, drain(b))
		at(start, 10*time.Second)
		assert.Equal(t, 10, drain(b))
	})
}

// A budget that nobody touched for longer than any window holds nothing of what was before, whichever tenths are written next.
func TestALongSilenceForgetsEverything(t *testing.T) {
	for _, silence := range []time.Duration{10 * time.Second, 25 * time.Second, time.Hour, 24 * 365 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			b := budget.New(budget.Share(1))
			deposit(b, 50)
			drain(b)
			time.Sleep(silence)
			assert.Equal(t, budget.Snapshot{Balance: 10, Refused: 1}, b.Snapshot(), silence)
			deposit(b, 1)
			assert.Equal(t, budget.Snapshot{Earned: 1, Balance: 11, Refused: 1}, b.Snapshot(), silence)
		})
	}
}

// Deposits that leave while what they paid for stays put the budget into debt. It grants nothing then, and owes no less for it.
func TestADebtIsNotForgiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		b := budget.New(budget.Share(1), budget.Floor(0))
		deposit(b, 5)
		at(start, 5*time.Second)
		assert.Equal(t, 5, drain(b))
		at(start, 10*time.Second) // the deposits have left, the withdrawals have not
		assert.Equal(t, budget.Snapshot{Spent: 5, Refused: 1}, b.Snapshot())
		deposit(b, 5)
		assert.Equal(t, 0, drain(b), "five earned, five spent")
		b.Deposit()
		assert.Equal(t, 1, drain(b))
	})
}
