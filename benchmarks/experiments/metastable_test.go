package main

import (
	"strings"
	"testing"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
	"github.com/stretchr/testify/assert"
)

func TestOurBudgetEndsTheCollapse(t *testing.T) {
	assert.Empty(t, missed(compareAfterSpike(thinLab(t, 5))))
}

func TestWithoutABudgetTheCollapseLasts(t *testing.T) {
	assert.Len(t, missed(compareAfterSpike(thinLab(t, 10), retry.Budget(budget.Unlimited()))), 5)
}

func TestATwiceAsLargeBudgetIsSeen(t *testing.T) {
	failed := strings.Join(missed(compareAfterSpike(thinLab(t, 10), retry.Budget(budget.New(budget.Share(0.4))))), "\n")
	assert.Contains(t, failed, "100/s, default: attempts per call, worst 10 s")
}
