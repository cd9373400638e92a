package benchmarks

import (
	"fmt"
	"strconv"
	"time"

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
	By       string
	Make     func(i int) any // the ith
	Settings string          // what it is set to
	Many     int             // where not as many as of others are made; 0 otherwise
	Note     string          // what it leaves out, or has besides
}

// Weights is everything that is weighed.
var Weights = []Weight{
	{
		Name: "breaker-size", What: "one closed breaker", Many: 100_000,
		Ours: Object{By: "ductile", Make: func(int) any { return newBreaker() }, Settings: breakerSet},
		Peers: []Object{
			{By: "gobreaker", Make: func(int) any { return newGobreaker() }, Settings: gobreakerSet,
				Note: "Does not count refusals, and its refusal is a sentinel."},
			{By: "failsafe-go", Make: func(int) any { return newFailsafeBreaker() }, Settings: failsafeBreakerSet},
			{By: "eapache", Make: func(int) any { return newEapache() }, Settings: eapacheBreakerSet, Note: "Has no window."},
			{By: "aegis", Make: func(int) any { return newAegis() }, Settings: aegisSet, Note: "Has a source of random numbers of its own."},
			{By: "go-zero", Make: func(int) any { return newZero() }, Settings: zeroSet, Note: "Has a source of random numbers of its own, and a window of forty parts."},
			{By: "hystrix-go", Many: 2000, Make: hystrixCommand, Settings: hystrixDefaults,
				Note: "With two goroutines, two queues of 2000, and a bulkhead; 2000 of them, since they never go."},
		},
		Gate: 1024, Goal: 512,
		Note: "As it is made, without a listener.",
	},
	{
		Name: "bulkhead-size", What: "one bulkhead of 64 permits", Many: 100_000,
		Ours:  Object{By: "ductile", Make: func(int) any { return bulkhead.New(weighedPermits) }, Settings: weighedPermitSet},
		Peers: []Object{{By: "failsafe-go", Make: func(int) any { return failsafebulkhead.New[Stock](weighedPermits) }, Settings: weighedPermitSet}},
		Gate:  512, Goal: 448,
		Note: "Ours has a queue, counters, and its refusals made beforehand; the peer's is a channel, and its refusal a sentinel.",
	},
	{
		Name: "hedge-size", What: "one hedge at an observed percentile", Many: 10_000,
		Ours: Object{By: "ductile", Make: func(int) any { return hedge.New() }, Settings: hedge.New().String()},
		Peers: []Object{{By: "failsafe-go", Make: func(int) any { return hedgepolicy.NewWithDelayQuantile[Stock](0.95, 100, 100) },
			Settings: "1 extra copy after the p95 of about the last 100 calls, known from the 100th on"}},
		Gate: 6144, Goal: 5632,
		Note: "Ours keeps a histogram of the last 30 s, to a sixteenth, the peer one estimate of one percentile.",
	},
}

// weighedPermits is how many permits a bulkhead has that is weighed.
const weighedPermits = 64

var (
	weighedPermitSet = bulkhead.New(weighedPermits).String()
	hystrixDefaults  = fmt.Sprintf("its defaults: opens at %d %% failures of >= %d calls in 10s; for %v; timeout %v, at most %d at once",
		hystrix.DefaultErrorPercentThreshold, hystrix.DefaultVolumeThreshold, time.Duration(hystrix.DefaultSleepWindow)*time.Millisecond,
		time.Duration(hystrix.DefaultTimeout)*time.Millisecond, hystrix.DefaultMaxConcurrent)
)

// hystrixCommand makes a command with the defaults of hystrix-go.
func hystrixCommand(i int) any {
	circuit, _, err := hystrix.GetCircuit("weighed " + strconv.Itoa(i))
	if err != nil {
		panic(err)
	}
	return circuit
}
