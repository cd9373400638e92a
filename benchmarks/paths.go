package benchmarks

// A Path is one way that calls take, through us and through a peer that is set up to do the same.
type Path struct {
	Name     string // short, for benchmarks
	What     string // for people
	Ours     Side
	Peer     Side
	Parallel bool    // on all cores at once
	Network  bool    // through net/http to a server, whose allocations count, too, and depend on the version of Go
	Allocs   uint64  // how often a call of ours may allocate
	Gate     float64 // the highest ratio of our time to the peer's with which we may build
	Goal     float64 // where we are going
	Note     string  // what the peer leaves out, or does besides
}

// A Side is one of the two that take a path.
type Side struct {
	By    string
	Start func() Caller // sets it up anew
}

// A Caller makes calls. The loop is the side's own: a function for each call would cost as much as some of the calls, and would put
// our closures on the heap.
type Caller struct {
	// Calls makes n calls one after the other. It fails where one did not end as it should, so that no measurement can be one of
	// errors.
	Calls func(n int) error
	// Check is asked after n calls in all, and fails where the policies have not counted them.
	Check func(n int) error
	// Stop ends what runs on behind a side, such as a server. It is nil where nothing does.
	Stop func()
}

// Close ends what runs on behind a side.
func (c Caller) Close() {
	if c.Stop != nil {
		c.Stop()
	}
}

// Sides returns both.
func (p Path) Sides() [2]Side { return [2]Side{p.Ours, p.Peer} }

// Stock is what calls return: 48 bytes, a small answer.
type Stock struct {
	SKU, Warehouse string
	Left, Reserved int
}

// How often contexts of the standard library allocate, together with their Done and their cancel. A test counts.
const (
	standardDeadline = 5 // context.WithDeadlineCause
	standardCancel   = 3 // context.WithCancel
)

// Paths is every path that is measured. The policies are those of breaker.New(), retry.New() and bulkhead.New(64), and peers are set to
// the same: see peers.go.
var Paths = append([]Path{
	{
		Name: "stack", What: "fallback, retry, breaker, bulkhead",
		Ours: Side{"ductile", stacked}, Peer: Side{"failsafe-go", failsafeStacked},
		Allocs: 0, Gate: 0.17, Goal: 0.11,
		Note: "The peer's executor is reused, with policies bound to the type of the result, which is its fastest form. It takes no context " +
			"from the caller and hands none to the function, where ours does both, and neither its breaker nor its bulkhead hears of " +
			"panics. It keeps start times and counts of attempts, which ours leaves to observers.",
	},
	{
		Name: "stack-timeout", What: "the same and an attempt timeout, whose Done nobody asks for",
		Ours: Side{"ductile", stackedTimeout}, Peer: Side{"failsafe-go", failsafeTimeout},
		Allocs: 1, Gate: 0.19, Goal: 0.13,
		Note: "The peer makes its timer and context for every call, ours when somebody asks for Done. The peer's context does not say " +
			"its deadline; ours does.",
	},
	{
		Name: "stack-done", What: "the same, and the function asks for Done, as clients do",
		Ours: Side{"ductile", stackedDone}, Peer: Side{"failsafe-go", failsafeDone},
		Allocs: standardDeadline + 1, Gate: 0.55, Goal: 0.40,
		Note: "Now both make a timer, a context and its channel.",
	},
	{
		Name: "stack-contended", What: "the first row, on all cores", Parallel: true,
		Ours: Side{"ductile", stacked}, Peer: Side{"failsafe-go", failsafeStacked},
		Allocs: 0, Gate: 0.30, Goal: 0.18,
		Note: "One pipeline, one executor, shared by all goroutines; the peer's breaker has a mutex, its bulkhead a channel.",
	},
	{
		Name: "observer", What: "the first row, with an uninterested observer",
		Ours: Side{"observed", observed}, Peer: Side{"no observer", stacked},
		Allocs: 0, Gate: 1.10, Goal: 1.05,
		Note: "Ours against ours: the observer's Begin returns a nil Watch.",
	},
	{
		Name: "breaker", What: "a closed breaker alone",
		Ours: Side{"ductile", closed}, Peer: Side{"gobreaker", gobreakerClosed},
		Allocs: 0, Gate: 0.65, Goal: 0.40,
		Note: "Do through a pipeline of one, and Execute; both roll a window of 10 s on in tenths. Both hear of a panic, ours of Goexit, " +
			"too. The peer takes no context, and counts a call when it starts and again when it ends.",
	},
	{
		Name: "breaker-contended", What: "a closed breaker alone, on all cores", Parallel: true,
		Ours: Side{"ductile", closed}, Peer: Side{"gobreaker", gobreakerClosed},
		Allocs: 0, Gate: 0.65, Goal: 0.40,
		Note: "One breaker shared by all goroutines; the peer's has a mutex.",
	},
	{
		Name: "breaker-open", What: "an open breaker alone: calls refused",
		Ours: Side{"ductile", opened}, Peer: Side{"gobreaker", gobreakerOpened},
		Allocs: 0, Gate: 0.90, Goal: 0.60,
		Note: "Ours counts refusals, and its error says which breaker, since when, why and until when. The peer's is a sentinel.",
	},
	{
		Name: "bulkhead", What: "a bulkhead with a free permit",
		Ours: Side{"ductile", guarded}, Peer: Side{"semaphore", semaphored},
		Allocs: 0, Gate: 2.0, Goal: 1.3,
		Note: "Do through a pipeline of one, and Acquire and Release of x/sync/semaphore around the same work: the price of a call that " +
			"a pipeline makes. The peer's Release is not deferred, as it must be for its permit to survive a panic.",
	},
	{
		Name: "bulkhead-contended", What: "permits taken and given back by hand, on all cores", Parallel: true,
		Ours: Side{"ductile", guardedByHand}, Peer: Side{"semaphore", semaphoredByHand},
		Allocs: 0, Gate: 2.5, Goal: 1.2,
		Note: "Acquire and Release of both, with a permit for everybody, so that nobody waits: what the goroutines do to each other. Ours " +
			"is an atomic word, the peer has a mutex. Two cores prove no scaling.",
	},
	{
		Name: "hedge", What: "a hedge whose copy is never needed",
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
		Name: "ratelimit", What: "a rate limit with tokens left",
		Ours: Side{"ductile", limited}, Peer: Side{"rate.Limiter", allowed},
		Allocs: 0, Gate: 2.0, Goal: 1.5,
		Note: "Do through a pipeline of one, which asks a limiter of x/time/rate, and Allow alone. Ours has a mutex of its own around it, " +
			"so that time does not run backwards under contention (golang/go#65508).",
	},
	{
		Name: "transport", What: "retry, breaker and attempt timeout around a RoundTripper that has the answer at hand",
		Ours: Side{"ductile", transported(memory)}, Peer: Side{"failsafe-go", failsafeTransported(memory)},
		Allocs: standardDeadline + 9, Gate: 0.85, Goal: 0.50,
		Note: "A GET through ductilehttp.NewTransport and failsafehttp.NewRoundTripper; the body is read and closed, and one of the allocations " +
			"is the answer itself. Both have policies that judge answers by their status. Ours gives the contexts back at the end of the " +
			"body, the peer when it is closed.",
	},
	{
		Name: "transport-retries", What: "the same, beside a peer that only retries",
		Ours: Side{"ductile", transported(memory)}, Peer: Side{"retryablehttp", retryableTransported(memory)},
		Allocs: standardDeadline + 9, Gate: 0.75, Goal: 0.45,
		Note: "The peer's RoundTripper, with three attempts and an http.Client whose Timeout is that of an attempt, has neither a breaker nor a " +
			"budget. Inside it has the client, which handles redirects and cookies and copies the request.",
	},
	{
		Name: "loopback", What: "the same over HTTP/1.1 to a server on loopback, beside no policies at all", Network: true,
		Ours: Side{"ductile", transported(loopback)}, Peer: Side{"bare", bare(loopback)},
		Allocs: 90, Gate: 1.25, Goal: 1.10,
		Note: "http.Transport on one connection that is kept, with ours around it and without. The allocations are those of net/http on both " +
			"ends of the connection, too.",
	},
	{
		Name: "loopback-failsafe", What: "the same, beside failsafe-go", Network: true,
		Ours: Side{"ductile", transported(loopback)}, Peer: Side{"failsafe-go", failsafeTransported(loopback)},
		Allocs: 90, Gate: 1.15, Goal: 1.00,
		Note: "What transport shows, where most of the time is the network's.",
	},
	{
		Name: "loopback-retryable", What: "the same, beside go-retryablehttp", Network: true,
		Ours: Side{"ductile", transported(loopback)}, Peer: Side{"retryablehttp", retryableTransported(loopback)},
		Allocs: 90, Gate: 1.20, Goal: 1.00,
		Note: "What transport-retries shows, where most of the time is the network's. The peer has neither a breaker nor a budget.",
	},
	{
		Name: "handler", What: "a bulkhead and a timeout around an http.Handler that asks for Done",
		Ours: Side{"ductile", handled}, Peer: Side{"failsafe-go", failsafeHandled},
		Allocs: standardDeadline + 4, Gate: 0.70, Goal: 0.45,
		Note: "ductilehttp.Handler and failsafehttp.NewHandler, and a ResponseWriter that keeps nothing. Ours notes what is answered, so that " +
			"policies can judge it, and takes headers back from who is late; the peer does neither.",
	},
	{
		Name: "handler-timeout", What: "a timeout alone around it",
		Ours: Side{"ductile", handledTimeout}, Peer: Side{"TimeoutHandler", timeoutHandled},
		Allocs: standardDeadline + 4, Gate: 1.00, Goal: 0.70,
		Note: "The peer, of net/http, runs the handler on a goroutine of its own, keeps the answer until it is complete, and answers even where " +
			"the handler does not heed its context. Ours does not cut off, and streams.",
	},
	{
		Name: "handler-bulkhead", What: "a bulkhead alone around it",
		Ours: Side{"ductile", handledBulkhead}, Peer: Side{"semaphore", semaphoreHandled},
		Allocs: 2, Gate: 8.0, Goal: 5.0,
		Note: "TryAcquire of x/sync/semaphore in a handler of four lines: the price of a pipeline, and of a ResponseWriter that notes what is " +
			"answered, which the peer does not.",
	},
	{
		Name: "handler-loopback", What: "a server of the handler of the row handler, on loopback, beside one without policies", Network: true,
		Ours: Side{"ductile", handledLoopback}, Peer: Side{"bare", bare(loopback)},
		Allocs: 90, Gate: 1.30, Goal: 1.10,
		Note: "What a bulkhead and a timeout add to a request of a real server. The allocations are those of net/http on both ends, too.",
	},
}, grpcPaths...)
