package ductile

import (
	"math"
	"slices"

	"github.com/ductile-go/ductile/budget"
)

// load returns what budgets leave of the attempts: how many for each call, and how many a second besides. Every attempt but the first of a
// call is paid for by each policy with a budget that repeated something for it. A budget that several policies share does most harm
// spent by the outermost, whose attempts the others then multiply.
func load(steps []step) (calls, floor float64) {
	calls = 1
	type purse struct{ share, floor float64 }
	left := map[*budget.Budget]purse{}
	for _, s := range steps {
		runs := float64(s.runs)
		if s.runs == math.MaxInt {
			runs = math.Inf(1)
		}
		if runs <= 1 {
			continue
		}
		if s.budget == nil {
			calls, floor = runs*calls, scaled(floor, runs)
			continue
		}
		purse, ok := left[s.budget]
		if !ok {
			purse.share, purse.floor = s.budget.Terms()
		}
		share, besides := purse.share, purse.floor
		if s.shape == hedgers && !slices.ContainsFunc(steps, func(r step) bool { return r.budget == s.budget && r.shape == retriers }) {
			besides = 0 // hedges do not draw on the floor; where a retry does, it may leave them the share
		}
		if extra := (runs - 1) * calls; extra <= share {
			purse.share -= extra
			purse.floor = max(0, purse.floor-scaled(floor, runs-1))
			calls, floor = calls+extra, scaled(floor, runs)
		} else {
			purse.share, purse.floor = 0, 0
			calls, floor = calls+share, floor+besides
		}
		left[s.budget] = purse
	}
	return calls, floor
}

// scaled multiplies, and leaves zero at zero.
func scaled(x, by float64) float64 {
	if x == 0 {
		return 0
	}
	return x * by
}
