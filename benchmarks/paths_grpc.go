package benchmarks

// grpcPaths is what calls take through interceptors for gRPC. Whoever repeats makes three attempts, 100 ms apart at first.
var grpcPaths = []Path{
	{
		Name: "grpc", What: "retry and breaker around a unary call whose answer is at hand", Feature: "grpc",
		Ours: Side{"ductile", guarding(known)}, Peer: Side{"failsafe-go", failsafeGuarding(known)},
		Allocs: 3, Gate: 0.70, Goal: 0.35,
		Note: "The interceptors of ductilegrpc and failsafegrpc with an invoker that writes the reply; that is one of the allocations. Ours asks for " +
			"trailer and peer, to know a pushback and what never left, looks up what the method is, and says in the context which it is. The peer " +
			"does neither, and knows no idempotency.",
	},
	{
		Name: "grpc-retries", What: "a retry alone around it", Feature: "grpc",
		Ours: Side{"ductile", retryingCalls(known)}, Peer: Side{"go-grpc-middleware", middlewareCalls(known)},
		Allocs: 3, Gate: 8.0, Goal: 4.0,
		Note: "The peer's loop copies the call options and asks for nothing: it knows neither pushback nor a budget nor idempotency, and shares " +
			"header, trailer and OnFinish between attempts. What the row shows is the price of all that.",
	},
	{
		Name: "grpc-hedge", What: "a hedge whose copy is never needed around it", Feature: "grpc",
		Ours: Side{"ductile", hedgingCalls(known)}, Peer: Side{"bhope/hedge", bhopeCalls(known)},
		Allocs: 17, Gate: 0.50, Goal: 0.20,
		Note: "A copy after a second: ours is given that, the peer, which has no fixed delay, works out a percentile for each call and takes a second " +
			"at least. Both remember how long answers take, and give each copy a reply of its own. Ours copies the request for each, " +
			"gives each its own header and trailer, and runs the first on the caller's goroutine; the peer runs it on one of its own.",
	},
	{
		Name: "grpc-net", What: "a unary call to a server on loopback, beside no interceptors at all", Network: true,
		Ours: Side{"ductile", guarding(served)}, Peer: Side{"bare", plain(served)},
		Allocs: 200, Gate: 1.30, Goal: 1.05,
		Note: "Retry and breaker. The allocations are those of gRPC on both ends of the connection, too. gRPC's own retry is off on both sides.",
	},
	{
		Name: "grpc-net-failsafe", What: "the same, beside failsafe-go", Network: true,
		Ours: Side{"ductile", guarding(served)}, Peer: Side{"failsafe-go", failsafeGuarding(served)},
		Allocs: 200, Gate: 1.20, Goal: 1.00,
		Note: "What grpc shows, where most of the time is the network's.",
	},
	{
		Name: "grpc-net-retries", What: "a retry alone, beside go-grpc-middleware", Network: true,
		Ours: Side{"ductile", retryingCalls(served)}, Peer: Side{"go-grpc-middleware", middlewareCalls(served)},
		Allocs: 200, Gate: 1.25, Goal: 1.05,
		Note: "What grpc-retries shows, where most of the time is the network's.",
	},
	{
		Name: "grpc-net-hedge", What: "a hedge whose copy is never needed, beside bhope/hedge", Network: true,
		Ours: Side{"ductile", hedgingCalls(served)}, Peer: Side{"bhope/hedge", bhopeCalls(served)},
		Allocs: 200, Gate: 1.20, Goal: 1.00,
		Note: "What grpc-hedge shows, where most of the time is the network's.",
	},
}
