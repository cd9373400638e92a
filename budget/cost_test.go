package budget_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
)

// Every call deposits: it must cost no allocation. Nor does the rest, which failures do.
func TestABudgetAllocatesNothing(t *testing.T) {
	for name, b := range map[string]*budget.Budget{"bounded": budget.New(), "unlimited": budget.Unlimited(), "none": budget.None()} {
		assert.Zero(t, testing.AllocsPerRun(1000, b.Deposit), name)
		assert.Zero(t, testing.AllocsPerRun(1000, func() { b.Withdraw() }), name)
		assert.Zero(t, testing.AllocsPerRun(1000, func() { b.WithdrawEarned() }), name)
		assert.Zero(t, testing.AllocsPerRun(1000, func() { b.Refund(0) }), name)
		assert.Zero(t, testing.AllocsPerRun(1000, func() { b.Snapshot() }), name)
	}
}
