package benchmarks

// retryPaths is what calls take through a retry alone.
var retryPaths = []Path{
	{
		Name: "retry", What: "a retry alone, whose first attempt succeeds", Feature: "retry", Crowded: true,
		Ours: Side{"ductile", retried, retrySet}, Peer: Side{"failsafe-go", failsafeRetried, failsafeRetrySet},
		Others: []Other{
			{Side{"backoff v4", backoff4Retried, backoff4Set}, "Makes a schedule for each call, as it must where several goroutines call. No budget; knows what is " +
				"permanent only where fn says so; begins a wait that the deadline cuts short."},
			{Side{"backoff v6", backoff6Retried, backoff6Set}, "Makes a schedule for each call, too. No budget; knows what is permanent, and a RetryAfter, only " +
				"where fn says so."},
			{Side{"avast", avastRetried, fullJitter}, "One retrier for all calls, as its documentation asks for where calls are many; so it takes no context " +
				"from the caller, and fn gets none. No budget unless asked for."},
			{Side{"sethvargo", sethvargoRetried, fullJitter}, "Makes a schedule for each call, since it has a state. Repeats only what fn " +
				"says is to be repeated; no budget."},
			{Side{"eapache", retrierRetried, halvedJitter}, "The retrier of go-resiliency: a slice of waits. fn returns an error alone, so results leave " +
				"by a variable. No budget, no hints."},
		},
		Allocs: 0,
		Note:   "Do through a pipeline of one. The peer takes no context from the caller here. Ours notes for its budget that there was an attempt.",
	},
}
