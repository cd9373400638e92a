package benchmarks

// httpPaths is what requests take through transports and handlers.
var httpPaths = []Path{
	{
		Name: "transport", What: "retry, breaker and attempt timeout around a RoundTripper that has the answer at hand", Feature: "http", Crowded: true,
		Ours: Side{"ductile", transported(memory), transportSet}, Peer: Side{"failsafe-go", failsafeTransported(memory), failsafeTransportSet},
		Allocs: standardDeadline + 7, Gate: 0.85, Goal: 0.50,
		Note: "A GET through ductilehttp.NewTransport and failsafehttp.NewRoundTripper; the body is read and closed, and one of the allocations " +
			"is the answer itself. Both have policies that judge answers by their status. Ours gives the contexts back at the end of the " +
			"body, the peer when it is closed.",
	},
	{
		Name: "transport-retries", What: "the same retry, breaker and attempt timeout, beside a peer that only retries", Feature: "http", Crowded: true,
		Ours: Side{"ductile", transported(memory), transportSet}, Peer: Side{"retryablehttp", retryableTransported(memory), retryableSet},
		Allocs: standardDeadline + 7, Gate: 0.75, Goal: 0.45,
		Note: "The peer's RoundTripper has neither a breaker nor a budget, and jitter only where waits grow by the same each time. Inside it has an http.Client, " +
			"whose Timeout is that of an attempt; it handles redirects and cookies and copies the request.",
	},
	{
		Name: "loopback", What: "retry, breaker and attempt timeout over HTTP/1.1 to a server on loopback, beside no policies at all", Network: true,
		Ours: Side{"ductile", transported(loopback), transportSet}, Peer: Side{"bare", bare(loopback), noPolicies},
		Allocs: 90, Gate: 1.25, Goal: 1.10,
		Note: "http.Transport on one connection that is kept, with ours around it and without. The allocations are those of net/http on both " +
			"ends of the connection, too.",
	},
	{
		Name: "loopback-failsafe", What: "the same request over loopback, beside failsafe-go", Network: true,
		Ours: Side{"ductile", transported(loopback), transportSet}, Peer: Side{"failsafe-go", failsafeTransported(loopback), failsafeTransportSet},
		Allocs: 90, Gate: 1.15, Goal: 1.00,
		Note: "What transport shows, where most of the time is the network's.",
	},
	{
		Name: "loopback-retryable", What: "the same request over loopback, beside go-retryablehttp", Network: true,
		Ours: Side{"ductile", transported(loopback), transportSet}, Peer: Side{"retryablehttp", retryableTransported(loopback), retryableSet},
		Allocs: 90, Gate: 1.20, Goal: 1.00,
		Note: "What transport-retries shows, where most of the time is the network's. The peer has neither a breaker nor a budget.",
	},
	{
		Name: "handler", What: "a bulkhead and a timeout around an http.Handler that asks for Done", Feature: "server", Crowded: true,
		Ours: Side{"ductile", handled, handlerSet}, Peer: Side{"failsafe-go", failsafeHandled, handlerSet},
		Allocs: standardDeadline + 4, Gate: 0.70, Goal: 0.45,
		Note: "ductilehttp.Handler and failsafehttp.NewHandler, and a ResponseWriter that keeps nothing. Ours notes what is answered, so that " +
			"policies can judge it, and takes headers back from who is late; the peer does neither.",
	},
	{
		Name: "handler-timeout", What: "a timeout alone around an http.Handler that asks for Done", Feature: "server", Crowded: true,
		Ours: Side{"ductile", handledTimeout, lateSet}, Peer: Side{"TimeoutHandler", timeoutHandled, lateSet},
		Allocs: standardDeadline + 4, Gate: 1.00, Goal: 0.70,
		Note: "The peer, of net/http, runs the handler on a goroutine of its own, keeps the answer until it is complete, and answers even where " +
			"the handler does not heed its context. Ours does not cut off, and streams.",
	},
	{
		Name: "handler-bulkhead", What: "a bulkhead alone around an http.Handler that asks for Done", Crowded: true,
		Ours: Side{"ductile", handledBulkhead, permitSet}, Peer: Side{"semaphore", semaphoreHandled, permitSet},
		Allocs: 2, Gate: 8.0, Goal: 5.0,
		Note: "TryAcquire of x/sync/semaphore in a handler of four lines: the price of a pipeline, and of a ResponseWriter that notes what is " +
			"answered, which the peer does not.",
	},
	{
		Name: "handler-loopback", What: "a server on loopback with a bulkhead and a timeout around its handler, beside one without policies", Network: true,
		Ours: Side{"ductile", handledLoopback, handlerSet}, Peer: Side{"bare", bare(loopback), noPolicies},
		Allocs: 90, Gate: 1.30, Goal: 1.10,
		Note: "What a bulkhead and a timeout add to a request of a real server. The allocations are those of net/http on both ends, too.",
	},
}
