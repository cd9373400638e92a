package benchmarks

import (
	"strconv"

	"github.com/afex/hystrix-go/hystrix"
	failsafebulkhead "github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"

	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/hedge"
)

// A Weight is what one object keeps in memory, ours and that of peers.
type Weight struct {
	Name       string
	What       string
	Many       int // how many there are at once when they are weighed
	Ours       Object
	Peers      []Object
	Gate, Goal uint64 // bytes
	Note       string
}

// An Object is one side of a weight.
type Object struct {
	By   string
	Make func(i int) any // the ith
	Many int             // where not as many as of others are made; 0 otherwise
	Note string
}

// Weights is everything that is weighed.
var Weights = []Weight{
	{
		Name: "breaker-size", What: "one closed breaker", Many: 100_000,
		Ours: Object{By: "ductile", Make: func(int) any { return newBreaker() }},
		Peers: []Object{
			{By: "gobreaker", Make: func(int) any { return newGobreaker() }},
			{By: "failsafe-go", Make: func(int) any { return newFailsafeBreaker() }},
			{By: "eapache", Make: func(int) any { return newEapache() }, Note: "has no window"},
			{By: "aegis", Make: func(int) any { return newAegis() }, Note: "a source of random numbers in each"},
			{By: "go-zero", Make: func(int) any { return newZero() }, Note: "the same, and a window of forty parts"},
			{By: "hystrix-go", Many: 2000, Make: hystrixCommand,
				Note: "with two goroutines, two queues of 2000, and its bulkhead, here of 10; 2000 of them, since they never go"},
		},
		Gate: 1024, Goal: 512,
		Note: "As it is made, without a listener.",
	},
	{
		Name: "bulkhead-size", What: "one bulkhead of 64 permits", Many: 100_000,
		Ours:  Object{By: "ductile", Make: func(int) any { return bulkhead.New(64) }},
		Peers: []Object{{By: "failsafe-go", Make: func(int) any { return failsafebulkhead.New[Stock](64) }}},
		Gate:  512, Goal: 448,
		Note: "Ours has a queue, counters, and its refusals made beforehand; the peer's is a channel, and its refusal a sentinel.",
	},
	{
		Name: "hedge-size", What: "one hedge at an observed percentile", Many: 10_000,
		Ours:  Object{By: "ductile", Make: func(int) any { return hedge.New() }},
		Peers: []Object{{By: "failsafe-go", Make: func(int) any { return hedgepolicy.NewWithDelayQuantile[Stock](0.95, 100, 100) }}},
		Gate:  6144, Goal: 5632,
		Note: "Ours keeps a histogram of the last 30 s, to a sixteenth, the peer one estimate of one percentile.",
	},
}

// hystrixCommand makes a command with the defaults of hystrix-go.
func hystrixCommand(i int) any {
	circuit, _, err := hystrix.GetCircuit("weighed " + strconv.Itoa(i))
	if err != nil {
		panic(err)
	}
	return circuit
}
