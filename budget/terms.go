package budget

import "math"

// Terms returns what the budget grants at most, in the long run: a share of the first attempts of all pipelines that pay into it, and so
// many withdrawals a second besides (the floor). Both are infinite where it is unlimited, and zero where it grants nothing.
func (b *Budget) Terms() (share, perSecond float64) {
	switch b.kind {
	case unlimited:
		return math.Inf(1), math.Inf(1)
	case none:
		return 0, 0
	default:
		return float64(b.share) / float64(whole), float64(b.floor) / float64(whole)
	}
}
