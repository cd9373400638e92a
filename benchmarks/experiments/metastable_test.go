package main

import (
	"io"
	"strings"
	"testing"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
	"github.com/stretchr/testify/assert"
)

// thinLab is a laboratory for tests, with one of so many seeds, and without peers.
func thinLab(t *testing.T, thin int) *Lab {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	return &Lab{t: t, first: 1, progress: io.Discard, thin: thin, alone: true}
}

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
