package retry_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
)

func goexit() { runtime.Goexit() }

// At its end a call gives back what it withdrew for attempts that did not reach the function: the first attempt is the caller's, each
// other that ran was paid for.
func TestSettle(t *testing.T) {
	for _, row := range []struct {
		name         string
		ran, granted int
		spent        uint64
	}{
		{"succeeded at once", 1, 0, 0},
		{"refused before the first attempt", 0, 0, 0},
		{"succeeded on the second", 2, 1, 1},
		{"used all three", 3, 2, 2},
		{"canceled in its first backoff", 1, 1, 0},
		{"canceled in its second backoff", 2, 2, 1},
		{"both repeats were refused inside", 1, 2, 0},
		{"refused, then ran: the one that ran is the caller's first", 1, 1, 0},
		{"never ran, though granted twice", 0, 2, 0},
		{"ran more than it was granted, as no driver of ours would", 3, 1, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := budget.New()
			p := retry.New(retry.Budget(b), retry.UnlimitedAttempts())
			for attempt := range row.granted {
				_, stop := next(p, attempt+1, errDown)
				require.NoError(t, stop)
			}
			p.Settle(nil, row.ran, row.granted, 0, errDown)
			assert.Equal(t, row.spent, b.Snapshot().Spent)
		})
	}
}

// Without a budget there is nothing to settle.
func TestSettleWithoutABudget(t *testing.T) {
	assert.NotPanics(t, func() { retry.New().Settle(nil, 0, 1_000, 0, errDown) })
}
