package benchmarks

// retryPaths is what calls take through a retry alone.
var retryPaths = []Path{
	{
		Name: "retry", What: "a retry alone, whose first attempt succeeds", Feature: "retry", Crowded: true,
		Ours: Side{"ductile", retried}, Peer: Side{"failsafe-go", failsafeRetried},
		Others: []Other{
			{Side{"backoff v4", backoff4Retried}, "Makes a schedule for each call, as it must where several goroutines call, and gives up after 15 minutes in all. No budget; knows what is permanent " +
				"only where fn says so; begins a wait that the deadline cuts short."},
			{Side{"backoff v6", backoff6Retried}, "The same, and knows a RetryAfter of fn's."},
			{Side{"avast", avastRetried}, "One retrier for all calls, as its documentation asks for where calls are many; so it takes no context " +
				"from the caller, and fn gets none. No budget unless asked for."},
			{Side{"sethvargo", sethvargoRetried}, "Makes a schedule for each call, since it has a state. Repeats only what fn says is to be repeated; no budget."},
			{Side{"eapache", retrierRetried}, "The retrier of go-resiliency: a slice of waits. fn returns an error alone, so results leave by a variable. No " +
				"budget, no hints."},
		},
		Allocs: 0,
		Note: "Do through a pipeline of one. Three attempts, 100 ms doubling to 5 s, with a budget on both sides. The peer takes no context from " +
			"the caller here. Ours notes for its budget that there was an attempt.",
	},
}
