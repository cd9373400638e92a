package benchmarks

// A Path is one way that calls take, through us and through a peer that is set up to do the same.
type Path struct {
	Name     string // short, for benchmarks
	What     string // for people
	Ours     Side
	Peer     Side
	Parallel bool    // on all cores at once
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
}

// Sides returns both.
func (p Path) Sides() [2]Side { return [2]Side{p.Ours, p.Peer} }

// A Weight is what one object keeps on the heap, ours and a peer's.
type Weight struct {
	Name       string
	What       string
	Peer       string     // its name
	Make       func() any // ours
	MakePeers  func() any
	Gate, Goal uint64 // bytes
	Note       string
}

// Stock is what calls return: 48 bytes, a small answer.
type Stock struct {
	SKU, Warehouse string
	Left, Reserved int
}

// standardDeadline is how often context.WithDeadlineCause, its Done and its cancel allocate together. A test counts.
const standardDeadline = 5

// Paths is every path that is measured. The policies are those of breaker.New() and retry.New(), and peers are set to the same: see
// peers.go. To come: the bulkhead in the stack and alone, and hedges.
var Paths = []Path{
	{
		Name: "stack", What: "fallback, retry, breaker",
		Ours: Side{"ductile", stack}, Peer: Side{"failsafe-go", failsafeStack},
		Allocs: 0, Gate: 0.17, Goal: 0.11,
		Note: "The peer's executor is reused, with policies bound to the type of the result, which is its fastest form. It takes no context " +
			"from the caller and hands none to the function, where ours does both, and its breaker does not hear of panics. It keeps " +
			"start times and counts of attempts, which ours leaves to observers.",
	},
	{
		Name: "stack-timeout", What: "… and attempt timeout, Done not asked",
		Ours: Side{"ductile", stackTimeout}, Peer: Side{"failsafe-go", failsafeTimeout},
		Allocs: 1, Gate: 0.19, Goal: 0.13,
		Note: "The peer makes its timer and context for every call, ours when somebody asks for Done. The peer's context does not say " +
			"its deadline; ours does.",
	},
	{
		Name: "stack-done", What: "… and attempt timeout, Done asked, as clients do",
		Ours: Side{"ductile", stackDone}, Peer: Side{"failsafe-go", failsafeDone},
		Allocs: standardDeadline + 1, Gate: 0.55, Goal: 0.40,
		Note: "Now both make a timer, a context and its channel.",
	},
	{
		Name: "stack-contended", What: "fallback, retry, breaker; on all cores", Parallel: true,
		Ours: Side{"ductile", stack}, Peer: Side{"failsafe-go", failsafeStack},
		Allocs: 0, Gate: 0.30, Goal: 0.18,
		Note: "One pipeline, one executor, shared by all goroutines; the peer's breaker has a mutex.",
	},
	{
		Name: "breaker", What: "closed breaker alone",
		Ours: Side{"ductile", closed}, Peer: Side{"gobreaker", gobreakerClosed},
		Allocs: 0, Gate: 0.65, Goal: 0.40,
		Note: "Do through a pipeline of one, and Execute; both roll a window of 10 s on in tenths. Both hear of a panic, ours of Goexit, " +
			"too. The peer takes no context, and counts a call when it starts and again when it ends.",
	},
	{
		Name: "breaker-contended", What: "closed breaker alone; on all cores", Parallel: true,
		Ours: Side{"ductile", closed}, Peer: Side{"gobreaker", gobreakerClosed},
		Allocs: 0, Gate: 0.65, Goal: 0.40,
		Note: "One breaker shared by all goroutines; the peer's has a mutex.",
	},
	{
		Name: "breaker-open", What: "open breaker alone: calls refused",
		Ours: Side{"ductile", opened}, Peer: Side{"gobreaker", gobreakerOpened},
		Allocs: 0, Gate: 0.90, Goal: 0.60,
		Note: "Ours counts refusals, and its error says which breaker, since when, why and until when. The peer's is a sentinel.",
	},
	{
		Name: "observer", What: "first row with an uninterested observer",
		Ours: Side{"observed", observed}, Peer: Side{"no observer", stack},
		Allocs: 0, Gate: 1.10, Goal: 1.05,
		Note: "Ours against ours: the first path, with an observer whose Begin returns a nil Watch.",
	},
}

// Weights is everything that is weighed.
var Weights = []Weight{
	{
		Name: "breaker-size", What: "one closed breaker, on the heap",
		Peer: "gobreaker", Make: func() any { return newBreaker() }, MakePeers: func() any { return newGobreaker() },
		Gate: 1024, Goal: 512,
		Note: "As it is made, without a listener.",
	},
}
