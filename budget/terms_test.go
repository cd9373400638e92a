package budget_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
)

func TestTerms(t *testing.T) {
	for name, row := range map[string]struct {
		b            *budget.Budget
		share, floor float64
	}{
		"defaults":  {budget.New(), 0.2, 1},
		"chosen":    {budget.New(budget.Share(0.3), budget.Floor(0.5)), 0.3, 0.5},
		"nothing":   {budget.New(budget.Share(0), budget.Floor(0)), 0, 0},
		"none":      {budget.None(), 0, 0},
		"zero":      {new(budget.Budget), 0, 0},
		"unlimited": {budget.Unlimited(), math.Inf(1), math.Inf(1)},
	} {
		t.Run(name, func(t *testing.T) {
			share, floor := row.b.Terms()
			assert.Equal(t, []float64{row.share, row.floor}, []float64{share, floor}, "exactly")
		})
	}
}
