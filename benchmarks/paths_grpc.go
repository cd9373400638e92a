package benchmarks

// grpcPaths is what calls take through interceptors for gRPC.
var grpcPaths = []Path{
	{
		Name: "grpc", What: "retry and breaker around a unary call whose answer is at hand", Feature: "grpc", Crowded: true,
		Ours: Side{"ductile", guarding(known), guardedSet}, Peer: Side{"failsafe-go", failsafeGuarding(known), failsafeGRPCSet},
		Allocs: 3, Gate: 0.70, Goal: 0.35,
		Note: "The interceptors of ductilegrpc and failsafegrpc with an invoker that writes the reply; that is one of the allocations. Ours asks for " +
			"trailer and peer, to know a pushback and what never left, looks up what the method is, and says in the context which it is. The peer " +
			"does neither, and knows no idempotency.",
	},
	{
		Name: "grpc-retries", What: "a retry alone around a unary call whose answer is at hand", Feature: "grpc", Crowded: true,
		Ours: Side{"ductile", retryingCalls(known), retrySet}, Peer: Side{"go-grpc-middleware", middlewareCalls(known), middlewareSet},
		Allocs: 3, Gate: 8.0, Goal: 4.0,
		Note: "The peer's loop copies the call options and asks for nothing: it knows neither pushback nor a budget nor idempotency, and shares " +
			"header, trailer and OnFinish between attempts. What the row shows is the price of all that.",
	},
	{
		Name: "grpc-hedge", What: "a hedge whose delay is a percentile of what was observed, around a unary call whose answer is at hand", Feature: "grpc", Crowded: true,
		Ours: Side{"ductile", hedgingCalls(known), observedSet}, Peer: Side{"bhope/hedge", bhopeCalls(known), bhopeSet},
		Allocs: 17, Gate: 0.50, Goal: 0.20,
		Note: "The copy is never needed. Ours works the percentile out once a second, the peer anew for each call, and for each target; what that " +
			"costs grows with how far the times of answers spread. Both give each copy a reply of its own. Ours copies the " +
			"request for each, gives each its own header and trailer, and runs the first on the caller's goroutine; the peer runs it on one of its own.",
	},
	{
		Name: "grpc-net", What: "retry and breaker around a unary call to a server on loopback, beside no interceptors at all", Network: true,
		Ours: Side{"ductile", guarding(served), all(guardedSet, noRetry)}, Peer: Side{"bare", plain(served), noInterceptors},
		Allocs: 200, Gate: 1.30, Goal: 1.05,
		Note: "The allocations are those of gRPC on both ends of the connection, too.",
	},
	{
		Name: "grpc-net-failsafe", What: "retry and breaker around a unary call to a server on loopback, beside failsafe-go", Network: true,
		Ours: Side{"ductile", guarding(served), all(guardedSet, noRetry)}, Peer: Side{"failsafe-go", failsafeGuarding(served), all(failsafeGRPCSet, noRetry)},
		Allocs: 200, Gate: 1.20, Goal: 1.00,
		Note: "What grpc shows, where most of the time is the network's.",
	},
	{
		Name: "grpc-net-retries", What: "a retry alone around a unary call to a server on loopback, beside go-grpc-middleware", Network: true,
		Ours: Side{"ductile", retryingCalls(served), all(retrySet, noRetry)}, Peer: Side{"go-grpc-middleware", middlewareCalls(served), all(middlewareSet, noRetry)},
		Allocs: 200, Gate: 1.25, Goal: 1.05,
		Note: "What grpc-retries shows, where most of the time is the network's.",
	},
	{
		Name: "grpc-net-hedge", What: "a hedge whose copy is never needed around a unary call to a server on loopback, beside bhope/hedge", Network: true,
		Ours: Side{"ductile", hedgingCalls(served), all(observedSet, noRetry)}, Peer: Side{"bhope/hedge", bhopeCalls(served), all(bhopeSet, noRetry)},
		Allocs: 200, Gate: 1.20, Goal: 1.00,
		Note: "What grpc-hedge shows, where most of the time is the network's.",
	},
}
