package benchmarks

import (
	failsafebulkhead "github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"

	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/hedge"
)

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

// Weights is everything that is weighed.
var Weights = []Weight{
	{
		Name: "breaker-size", What: "one closed breaker, on the heap",
		Peer: "gobreaker", Make: func() any { return newBreaker() }, MakePeers: func() any { return newGobreaker() },
		Gate: 1024, Goal: 512,
		Note: "As it is made, without a listener.",
	},
	{
		Name: "bulkhead-size", What: "one bulkhead of 64 permits, on the heap",
		Peer: "failsafe-go", Make: func() any { return bulkhead.New(64) }, MakePeers: func() any { return failsafebulkhead.New[Stock](64) },
		Gate: 512, Goal: 448,
		Note: "Ours has a queue, counters, and its refusals made beforehand; the peer's is a channel, and its refusal a sentinel.",
	},
	{
		Name: "hedge-size", What: "one hedge at an observed percentile, on the heap",
		Peer: "failsafe-go", Make: func() any { return hedge.New() },
		MakePeers: func() any { return hedgepolicy.NewWithDelayQuantile[Stock](0.95, 100, 100) },
		Gate:      6144, Goal: 5632,
		Note: "Ours keeps a histogram of the last 30 s, to a sixteenth, the peer one estimate of one percentile.",
	},
}
