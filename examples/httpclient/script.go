package main

import (
	"math/rand/v2"
	"time"
)

// A phase is a part of the hosts' day.
type phase struct {
	name, about string
	length      time.Duration
	faults      map[string]faults // by the name of the host
	rows        []row             // of the table
}

// A row of the table sums some hosts up.
type row struct {
	title string
	hosts []string
}

// faults are the shares of requests that go wrong. Of an order all but the first leave it placed.
type faults struct {
	busy   float64 // 503, and come back in a second
	broken float64 // the connection is reset in the middle of the answer
	stuck  float64 // no answer for as long as anybody waits
}

// What the hosts do. Only orders change anything.
const (
	prices  = "prices"
	reviews = "reviews"
	orders  = "orders"
)

func hostNames() []string { return []string{prices, reviews, orders} }

// badDay returns the script that the hosts follow.
func badDay() []phase {
	const s = time.Second
	blip := faults{busy: 0.05, broken: 0.04, stuck: 0.03}
	all, others := row{"all", hostNames()}, row{"the others", []string{prices, orders}}
	return []phase{
		{name: "healthy", about: "all is well", length: 3 * s / 2, rows: []row{all}},
		{
			name: "blip", about: "prices and orders answer 5 % with 503, reset 4 %, let 3 % hang", length: 3 * s,
			faults: map[string]faults{prices: blip, orders: blip},
			rows:   []row{{prices, []string{prices}}, {orders, []string{orders}}, {reviews, []string{reviews}}},
		},
		{
			name: "outage", about: "reviews accepts requests and answers none", length: 7 * s / 2,
			faults: map[string]faults{reviews: {stuck: 1}},
			rows:   []row{{reviews, []string{reviews}}, others},
		},
		{name: "recovery", about: "all is well again", length: 3 * s, rows: []row{{reviews, []string{reviews}}, others}},
	}
}

// A fate is what becomes of one request at a host.
type fate int

const (
	fine fate = iota
	busy
	broken
	stuck
)

// meets returns the fate of a request. It is chance, but the same chance for both clients, so that what differs between them is not luck. A
// repeat has a chance of its own.
func (f faults) meets(luck *rand.Rand) fate {
	switch dice := luck.Float64(); {
	case dice < f.busy:
		return busy
	case dice < f.busy+f.broken:
		return broken
	case dice < f.busy+f.broken+f.stuck:
		return stuck
	default:
		return fine
	}
}
