package benchmarks

// limitPaths is what calls take through what limits them.
var limitPaths = []Path{
	{
		Name: "bulkhead", What: "a bulkhead with a free permit", Feature: "bulkhead", Crowded: true,
		Ours: Side{"ductile", guarded}, Peer: Side{"semaphore", semaphored},
		Others: []Other{
			{Side{"failsafe-go", failsafeGuarded}, "Takes no context from the caller. A permit of a call that panics does not come back."},
			{Side{"eapache", eapacheGuarded}, "The semaphore of go-resiliency, around the same work. Waits for a permit for as long as it is told, whatever the " +
				"caller's context says."},
		},
		Allocs: 0, Gate: 2.0, Goal: 1.3,
		Note: "Do through a pipeline of one, and Acquire and Release of x/sync/semaphore around the same work: the price of a call that " +
			"a pipeline makes. The peer's Release is not deferred, as it must be for its permit to survive a panic.",
	},
	{
		Name: "bulkhead-contended", What: "permits taken and given back by hand, on all cores", Parallel: true, Crowded: true,
		Ours: Side{"ductile", guardedByHand}, Peer: Side{"semaphore", semaphoredByHand},
		Others: []Other{
			{Side{"failsafe-go", failsafeGuardedByHand}, "A channel. Keeps no count of what it refused."},
			{Side{"eapache", eapacheGuardedByHand}, "A channel. See above."},
		},
		Allocs: 0, Gate: 2.5, Goal: 1.2,
		Note: "Acquire and Release of both, with a permit for everybody, so that nobody waits: what the goroutines do to each other. Ours " +
			"is an atomic word, the peer has a mutex. Two cores prove no scaling.",
	},
	{
		Name: "ratelimit", What: "a rate limit with tokens left", Feature: "limit", Crowded: true,
		Ours: Side{"ductile", limited}, Peer: Side{"rate.Limiter", allowed},
		Others: []Other{
			{Side{"failsafe-go", failsafeLimited}, "So many calls in a period, not a bucket that fills. Takes no context from the caller."},
		},
		Allocs: 0, Gate: 2.0, Goal: 1.5,
		Note: "Do through a pipeline of one, which asks a limiter of x/time/rate, and Allow alone. Ours has a mutex of its own around it, " +
			"so that time does not run backwards under contention (golang/go#65508).",
	},
}
