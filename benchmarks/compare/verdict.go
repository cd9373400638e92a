package main

// missed is the verdict of what is above its gate.
const missed = "MISSED"

// judge says what a figure means, the lower the better.
func judge(figure, gate, goal float64) string {
	switch {
	case figure <= goal:
		return "goal"
	case figure <= gate:
		return "gate"
	default:
		return missed
	}
}

// verdict says what a result means. Where the design has no gate for its time, there is one for its allocations.
func verdict(r Result) string {
	switch {
	case r.Ours.Allocs > r.MayAllocate:
		return missed
	case r.Gate == 0:
		return ""
	default:
		return judge(r.Peers[0].Ratio.Median, r.Gate, r.Goal)
	}
}
