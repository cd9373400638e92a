package main

import (
	"math/rand/v2"
	"time"

	"github.com/ductile-go/ductile/examples/grpc/shop"
)

// The methods. Only Reserve changes anything.
const (
	get     = shop.Inventory_Get_FullMethodName
	quote   = shop.Inventory_Quote_FullMethodName
	reserve = shop.Inventory_Reserve_FullMethodName
	watch   = shop.Inventory_Watch_FullMethodName
)

func methods() []string { return []string{get, quote, reserve, watch} }

// An act is a part of the servers' day.
type act struct {
	name, about string
	length      time.Duration
	faults      map[string]faults // by the name of the method
	restarts    []restart
	crowd       int   // calls of Get a second, by others
	rows        []row // of the table
}

// A row of the table sums some methods up.
type row struct {
	title   string
	methods []string
	crowd   bool // the calls of others
}

// A restart ends a server and begins it anew.
type restart struct {
	at       time.Duration // of its notice
	graceful bool          // the server ends what it has begun
}

// faults are the shares of calls that go wrong.
type faults struct {
	fails  float64 // Unavailable: before anything was done, but of a Reserve after it
	stalls float64 // for longer than anything takes
	hangs  float64 // for as long as anybody waits
}

// stall is how long a call stalls.
const stall = 300 * time.Millisecond

// badDay returns the script that both servers follow.
func badDay() []act {
	const s = time.Second
	const midway = takes / 2 // between calls, while the last of them are under way: which ones a restart meets is no matter of chance
	flaky := faults{fails: 0.1}
	whole := func(title string, methods ...string) row { return row{title: title, methods: methods} }
	return []act{
		{name: "calm", about: "all is well", length: s, rows: []row{whole("all", methods()...)}},
		{
			name: "flaky", about: "10 % of Get, Reserve, Watch fail, 10 % of Quote stall", length: 2 * s,
			faults: map[string]faults{get: flaky, watch: flaky, reserve: flaky, quote: {stalls: 0.1}},
			rows:   []row{whole("Get", get), whole("Quote", quote), whole("Reserve", reserve), whole("Watch", watch)},
		},
		{
			name: "restarts", about: "the server is restarted: with grace, and then without", length: 2 * s,
			restarts: []restart{{at: s/5 + midway, graceful: true}, {at: 6*s/5 + midway}},
			rows:     []row{whole("Get, Watch", get, watch), whole("Quote", quote), whole("Reserve", reserve)},
		},
		{
			name: "outage", about: "Quote hangs", length: 5 * s / 2,
			faults: map[string]faults{quote: {hangs: 1}},
			rows:   []row{whole("Quote", quote), whole("the others", get, reserve, watch)},
		},
		{
			name: "recovery", about: "all is well again", length: 3 * s / 2,
			rows: []row{whole("Quote", quote), whole("the others", get, reserve, watch)},
		},
		{
			name: "crowd", about: "a crowd calls Get 280 times a second", length: 2 * s, crowd: 280,
			rows: []row{{"crowd's Get", []string{get}, true}, whole("Get", get), whole("the others", quote, reserve, watch)},
		},
	}
}

// A fate is what becomes of one call.
type fate int

const (
	fine fate = iota
	fails
	stalls
	hangs
)

// meets returns the fate of a call. It is chance, but the same chance at both servers, so that what differs between them is not luck. A
// repeat has a chance of its own.
func (f faults) meets(luck *rand.Rand) fate {
	switch dice := luck.Float64(); {
	case dice < f.fails:
		return fails
	case dice < f.fails+f.stalls:
		return stalls
	case dice < f.fails+f.stalls+f.hangs:
		return hangs
	default:
		return fine
	}
}
