package benchmarks

// breakerPaths is what calls take through a breaker alone.
var breakerPaths = []Path{
	{
		Name: "breaker", What: "a closed breaker alone", Feature: "breaker", Crowded: true,
		Ours: Side{"ductile", closed}, Peer: Side{"gobreaker", gobreakerClosed},
		Others: closedBreakers,
		Allocs: 0, Gate: 0.65, Goal: 0.40,
		Note: "Do through a pipeline of one, and Execute; both roll a window of 10 s on in tenths. Both hear of a panic, ours of Goexit, " +
			"too. The peer takes no context, and counts a call when it starts and again when it ends.",
	},
	{
		Name: "breaker-contended", What: "a closed breaker alone, on all cores", Parallel: true,
		Ours: Side{"ductile", closed}, Peer: Side{"gobreaker", gobreakerClosed},
		Others: closedBreakers,
		Allocs: 0, Gate: 0.65, Goal: 0.40,
		Note: "One breaker shared by all goroutines; the peer's has a mutex.",
	},
	{
		Name: "breaker-open", What: "an open breaker alone: calls refused", Crowded: true,
		Ours: Side{"ductile", opened}, Peer: Side{"gobreaker", gobreakerOpened},
		Others: openBreakers,
		Allocs: 0, Gate: 0.90, Goal: 0.60,
		Note: "Ours counts refusals, and its error says which breaker, since when, why and until when. The peer's is a sentinel.",
	},
}

// What others than gobreaker leave out, and how they are set, is the same in all rows.
const (
	failsafeNote = "Takes no context from the caller; its breaker does not hear of panics."
	eapacheNote  = "Counts failures in a row alone, and no success: no window, no rate. Takes no context; fn returns an error alone. Does not hear of Goexit."
	hystrixNote  = "Runs fn on a goroutine, beside another one for its timeout, with a bulkhead: no command is without, and " +
		"whose places come back after the call. Counts in the background, and not all when busy. Of 2018."
	aegisNote = "Allow and Mark around fn, as the middleware of go-kratos has them. Refuses by chance, the more calls fail the more, and has no probes; " +
		"does not hear of panics."
	zeroNote = "Has no settings, and refuses by chance (see aegis). fn gets no context, and returns an error alone. Hears of panics and Goexit."
)

// closedBreakers and openBreakers are the others, besides gobreaker. Ours is set as gobreaker is, and so are they, as far as they can.
var (
	closedBreakers = []Other{
		{Side{"failsafe-go", failsafeClosed}, failsafeNote}, {Side{"eapache", eapacheClosed}, eapacheNote},
		{Side{"hystrix-go", hystrixClosed}, hystrixNote}, {Side{"aegis", aegisClosed}, aegisNote}, {Side{"go-zero", zeroClosed}, zeroNote},
	}
	openBreakers = []Other{
		{Side{"failsafe-go", failsafeOpened}, failsafeNote}, {Side{"eapache", eapacheOpened}, eapacheNote},
		{Side{"hystrix-go", hystrixOpened}, hystrixNote}, {Side{"aegis", aegisOpened}, aegisNote}, {Side{"go-zero", zeroOpened}, zeroNote},
	}
)
