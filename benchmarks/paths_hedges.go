package benchmarks

// hedgePaths is what calls take through a hedge alone.
var hedgePaths = []Path{
	{
		Name: "hedge", What: "a hedge whose copy is never needed", Feature: "hedge", Crowded: true,
		Ours: Side{"ductile", hedged}, Peer: Side{"failsafe-go", failsafeHedged},
		Allocs: 5, Gate: 0.50, Goal: 0.30,
		Note: "A copy after a second. Ours runs the first copy on the caller's goroutine, the peer on one of its own; so where a copy has " +
			"to come to the rescue, a first one that ignores its cancellation delays ours and not the peer (see hedge-async). Ours " +
			"remembers how long answers take and has a budget; the peer does neither here.",
	},
	{
		Name: "hedge-done", What: "the same, and the function asks for Done, as clients do",
		Ours: Side{"ductile", hedgedDone}, Peer: Side{"failsafe-go", failsafeHedgedDone},
		Allocs: 5 + standardCancel, Gate: 0.50, Goal: 0.30,
		Note: "Now ours makes a context of the standard library, too, as the peer always does.",
	},
	{
		Name: "hedge-async", What: "the same as hedge, with ductile.Async",
		Ours: Side{"ductile", hedgedAsync}, Peer: Side{"failsafe-go", failsafeHedged},
		Allocs: 9, Gate: 1.00, Goal: 0.80,
		Note: "Now ours makes a goroutine for the first copy, too, and the winner waits for nobody.",
	},
	{
		Name: "hedge-transport", What: "a hedge alone around a RoundTripper that has the answer at hand; the copy is never needed", Feature: "hedge",
		Ours: Side{"ductile", hedgingTransported}, Peer: Side{"hedgedhttp", hedgedHTTPTransported},
		Others: []Other{
			{Side{"bhope/hedge", bhopeTransported}, "Remembers how long answers take for each host, and works out a percentile of them for each call, though it is to wait " +
				"for a second at least, which is what ours is given. Has a budget. Both copies run on goroutines of their own."},
			{Side{"failsafe-go", failsafeHedgingTransported}, "No budget, and nothing remembered."},
		},
		Allocs: standardCancel + 11,
		Note: "A GET, whose body is read and closed; a copy after a second. Ours runs the first copy on the caller's goroutine, remembers how long answers " +
			"take, has a budget, and copies only what may be repeated. The peer copies every request, a POST too; it has no budget, and remembers " +
			"nothing.",
	},
}
