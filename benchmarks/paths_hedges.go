package benchmarks

// hedgePaths is what calls take through a hedge alone.
var hedgePaths = []Path{
	{
		Name: "hedge", What: "a hedge whose copy is never needed", Feature: "hedge", Crowded: true,
		Ours: Side{"ductile", hedged, hedgeSet}, Peer: Side{"failsafe-go", failsafeHedged, failsafeHedgeSet},
		Allocs: 5, Gate: 0.50, Goal: 0.30,
		Note: "Ours runs the first copy on the caller's goroutine, the peer on one of its own; so where a copy has " +
			"to come to the rescue, a first one that ignores its cancellation delays ours and not the peer (see hedge-async). Ours " +
			"remembers how long answers take; the peer does not here.",
	},
	{
		Name: "hedge-done", What: "a hedge whose copy is never needed, and the function asks for Done, as clients do", Crowded: true,
		Ours: Side{"ductile", hedgedDone, hedgeSet}, Peer: Side{"failsafe-go", failsafeHedgedDone, failsafeHedgeSet},
		Allocs: 5 + standardCancel, Gate: 0.50, Goal: 0.30,
		Note: "Now ours makes a context of the standard library, too, as the peer always does.",
	},
	{
		Name: "hedge-async", What: "a hedge whose copy is never needed, with ductile.Async", Crowded: true,
		Ours: Side{"ductile", hedgedAsync, hedgeSet}, Peer: Side{"failsafe-go", failsafeHedged, failsafeHedgeSet},
		Allocs: 9, Gate: 1.00, Goal: 0.80,
		Note: "Now ours makes a goroutine for the first copy, too, and the winner waits for nobody.",
	},
	{
		Name: "hedge-transport", What: "a hedge alone around a RoundTripper that has the answer at hand; the copy is never needed", Feature: "hedge", Crowded: true,
		Ours: Side{"ductile", hedgingTransported, hedgeSet}, Peer: Side{"hedgedhttp", hedgedHTTPTransported, hedgedHTTPSet},
		Others: []Other{
			{Side{"failsafe-go", failsafeHedgingTransported, failsafeHedgeSet}, "Remembers nothing."},
		},
		Allocs: standardCancel + 9,
		Note: "A GET, whose body is read and closed. Ours runs the first copy on the caller's goroutine, remembers how long answers take, has a budget, and " +
			"copies only what may be repeated. The peer copies every request, a POST too; it has no budget, and remembers nothing.",
	},
	{
		Name: "hedge-transport-p90", What: "a hedge whose delay is a percentile of what was observed, around the same RoundTripper", Feature: "hedge", Crowded: true,
		Ours: Side{"ductile", observingTransported, observedSet}, Peer: Side{"bhope/hedge", bhopeTransported, bhopeSet},
		Allocs: standardCancel + 9,
		Note: "A GET, whose body is read and closed. Ours works the percentile out once a second, the peer anew for each call, and for each host; what " +
			"that costs grows with how far the times of answers spread. Both copies of the peer run on goroutines of their own; it copies a POST, too.",
	},
}
