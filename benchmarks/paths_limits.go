package benchmarks

// limitPaths is what calls take through what limits them.
var limitPaths = []Path{
	{
		Name: "bulkhead", What: "a bulkhead with a free permit", Feature: "bulkhead", Crowded: true,
		Ours: Side{"ductile", guarded, permitSet}, Peer: Side{"semaphore", semaphored, waitingSet},
		Others: []Other{
			{Side{"failsafe-go", failsafeGuarded, permitSet}, "Takes no context from the caller. A permit of a call that panics does not come back."},
			{Side{"eapache", eapacheGuarded, eapacheWaitingSet}, "The semaphore of go-resiliency, around the same work. It makes a timer for each call, and does " +
				"not heed the caller's context."},
		},
		Allocs: 0, Gate: 2.0, Goal: 1.3,
		Note: "Do through a pipeline of one, and Acquire and Release of x/sync/semaphore around the same work: the price of a call that " +
			"a pipeline makes. The peer's Release is not deferred, as it must be for its permit to survive a panic.",
	},
	{
		Name: "bulkhead-contended", What: "permits taken and given back by hand, on all cores", Parallel: true, Crowded: true,
		Ours: Side{"ductile", guardedByHand, permitSet}, Peer: Side{"semaphore", semaphoredByHand, waitingSet},
		Others: []Other{
			{Side{"failsafe-go", failsafeGuardedByHand, permitSet}, "A channel. Keeps no count of what it refused."},
			{Side{"eapache", eapacheGuardedByHand, eapacheWaitingSet}, "A channel, and a timer for each call."},
		},
		Allocs: 0, Gate: 2.5, Goal: 1.2,
		Note: "Acquire and Release of both, with a permit for everybody: what the goroutines do to each other. Ours " +
			"is an atomic word, the peer has a mutex. Two cores prove no scaling.",
	},
	{
		Name: "ratelimit", What: "a rate limit with tokens left", Feature: "limit", Crowded: true,
		Ours: Side{"ductile", limited, rateSet}, Peer: Side{"rate.Limiter", allowed, rateSet},
		Others: []Other{
			{Side{"failsafe-go", failsafeLimited, failsafeRateSet}, "So many calls in a period, not a bucket that fills. Takes no context from the caller."},
		},
		Allocs: 0, Gate: 2.0, Goal: 1.5,
		Note: "Do through a pipeline of one, which asks a limiter of x/time/rate, and Allow alone. Ours has a mutex of its own around it, " +
			"so that time does not run backwards under contention (golang/go#65508).",
	},
}
