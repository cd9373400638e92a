package benchmarks

// breakerPaths is what calls take through a breaker alone.
var breakerPaths = []Path{
	{
		Name: "breaker", What: "a closed breaker alone", Feature: "breaker", Crowded: true,
		Ours: Side{"ductile", closed, breakerSet}, Peer: Side{"gobreaker", gobreakerClosed, gobreakerSet},
		Others: closedBreakers,
		Allocs: 0, Gate: 0.65, Goal: 0.40,
		Note: "Do through a pipeline of one, and Execute; both roll a window of 10 s on in tenths. Both hear of a panic, ours of Goexit, " +
			"too. The peer takes no context, and counts a call when it starts and again when it ends.",
	},
	{
		Name: "breaker-contended", What: "a closed breaker alone, on all cores", Parallel: true,
		Ours: Side{"ductile", closed, breakerSet}, Peer: Side{"gobreaker", gobreakerClosed, gobreakerSet},
		Others: closedBreakers,
		Allocs: 0, Gate: 0.65, Goal: 0.40,
		Note: "One breaker shared by all goroutines; the peer's has a mutex.",
	},
	{
		Name: "breaker-open", What: "an open breaker alone: calls refused", Crowded: true,
		Ours: Side{"ductile", opened, breakerSet}, Peer: Side{"gobreaker", gobreakerOpened, gobreakerSet},
		Others: openBreakers,
		Allocs: 0, Gate: 0.90, Goal: 0.60,
		Note: "Ours counts refusals, and its error says which breaker, since when, why and until when. The peer's is a sentinel.",
	},
}

// What others than gobreaker leave out is the same in all rows.
const (
	failsafeNote = "Takes no context from the caller. Its breaker does not hear of panics, and does not count failures in a row besides."
	eapacheNote  = "Counts failures alone, whatever succeeds between them: no window, no rate. Takes no context; fn returns an error alone. Does not hear " +
		"of Goexit."
	hystrixNote = "Runs fn on a goroutine, beside another one for its timeout, with a bulkhead: no command is without. A place comes back after the call is " +
		"over, so even calls one after the other need many. Counts in the background, and not all when busy. Of 2018."
	aegisNote = "Allow and Mark around fn, as the middleware of go-kratos has them. Refuses by chance, and never all, so it " +
		"has no probes; does not hear of panics."
	zeroNote = "Refuses by chance, and never all, so it has no probes. fn gets no context, and returns an error alone. Hears of panics and Goexit."
)

// closedBreakers and openBreakers are the others, besides gobreaker.
var (
	closedBreakers = []Other{
		{Side{"failsafe-go", failsafeClosed, failsafeBreakerSet}, failsafeNote},
		{Side{"eapache", eapacheClosed, eapacheBreakerSet}, eapacheNote},
		{Side{"hystrix-go", hystrixClosed, hystrixSet}, hystrixNote},
		{Side{"aegis", aegisClosed, aegisSet}, aegisNote},
		{Side{"go-zero", zeroClosed, zeroSet}, zeroNote},
	}
	openBreakers = []Other{
		{Side{"failsafe-go", failsafeOpened, failsafeBreakerSet}, failsafeNote},
		{Side{"eapache", eapacheOpened, eapacheBreakerSet}, eapacheNote},
		{Side{"hystrix-go", hystrixOpened, hystrixSet}, hystrixNote},
		{Side{"aegis", aegisOpened, aegisSet}, aegisNote},
		{Side{"go-zero", zeroOpened, zeroSet}, zeroNote},
	}
)
