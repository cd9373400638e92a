package benchmarks

// pipelinePaths is what calls take through whole pipelines.
var pipelinePaths = []Path{
	{
		Name: "stack", What: "fallback, retry, breaker, bulkhead", Feature: "stack", Crowded: true,
		Ours: Side{"ductile", stacked, stackSet}, Peer: Side{"failsafe-go", failsafeStacked, failsafeStackSet},
		Allocs: 0, Gate: 0.17, Goal: 0.11,
		Note: "The peer's executor is reused, with policies bound to the type of the result, which is its fastest form. It takes no context " +
			"from the caller and hands none to the function, where ours does both, and neither its breaker nor its bulkhead hears of " +
			"panics. It keeps start times and counts of attempts, which ours leaves to observers.",
	},
	{
		Name: "stack-timeout", What: "the stack and an attempt timeout, whose Done nobody asks for", Crowded: true,
		Ours: Side{"ductile", stackedTimeout, all(stackSet, timeoutSet)}, Peer: Side{"failsafe-go", failsafeTimeout, all(failsafeStackSet, timeoutSet)},
		Allocs: 1, Gate: 0.19, Goal: 0.13,
		Note: "The peer makes its timer and context for every call, ours when somebody asks for Done. The peer's context does not say " +
			"its deadline; ours does.",
	},
	{
		Name: "stack-done", What: "the stack and an attempt timeout, and the function asks for Done, as clients do", Crowded: true,
		Ours: Side{"ductile", stackedDone, all(stackSet, timeoutSet)}, Peer: Side{"failsafe-go", failsafeDone, all(failsafeStackSet, timeoutSet)},
		Allocs: standardDeadline + 1, Gate: 0.55, Goal: 0.40,
		Note: "Now both make a timer, a context and its channel.",
	},
	{
		Name: "stack-contended", What: "the stack, on all cores", Parallel: true,
		Ours: Side{"ductile", stacked, stackSet}, Peer: Side{"failsafe-go", failsafeStacked, failsafeStackSet},
		Allocs: 0, Gate: 0.30, Goal: 0.18,
		Note: "One pipeline, one executor, shared by all goroutines; the peer's breaker has a mutex, its bulkhead a channel.",
	},
	{
		Name: "observer", What: "the stack, with an uninterested observer", Crowded: true,
		Ours: Side{"observed", observed, stackSet}, Peer: Side{"no observer", stacked, stackSet},
		Allocs: 0, Gate: 1.10, Goal: 1.05,
		Note: "Ours against ours: the observer's Begin returns a nil Watch.",
	},
}
