package main

import "time"

// The shop, whether or not it has a safe mode. All times of the example are in this file.
const (
	perSecond = 60                     // visits; each asks for recommendations and for a price
	oneOrders = 4                      // visitor in so many
	deadline  = 300 * time.Millisecond // of each call: who has no answer then goes on without

	connections    = 8                     // of the database; and for how long a query keeps one while all is well:
	recommendTakes = 35 * time.Millisecond // many, and large
	priceTakes     = 20 * time.Millisecond // many
	orderTakes     = 25 * time.Millisecond // few, and what the shop lives on
	indexTakes     = 20 * time.Millisecond // a chunk of the search index
	indexPauses    = 30 * time.Millisecond // after each

	breakerWindow = time.Second            // a breaker is quick
	breakerOpens  = 250 * time.Millisecond // for so long
)

// The safe mode. A day of fifteen seconds is short: a service would begin with the times that safemode.Automatic has by itself.
const (
	modeWindow  = time.Second             // how far it looks back
	modeSustain = 300 * time.Millisecond  // it goes further when too many calls have failed for so long
	modeEngaged = 1750 * time.Millisecond // and tries to come back after that, by probes
	modeLease   = 2 * deadline            // of so long at most,
	modeStep    = 300 * time.Millisecond  // and steps of so long at least
)

// The day.
const (
	tick    = 500 * time.Millisecond // a row of the table
	settled = 2 * time.Second        // so long after a change for the worse the shop has found out, and the line is gone
)

// An act is a part of the day.
type act struct {
	name, about string
	length      time.Duration // in whole ticks
	times       int           // so many times longer the database takes
	engage      string        // a person engages the safe mode when the act begins, for this reason
	disengage   bool          // a person ends that
}

// The acts.
const (
	calm      = "calm"
	slow      = "slow"
	slower    = "slower"
	recovery  = "recovery"
	byHand    = "by hand"
	afterward = "afterward"
)

// day returns what happens to both shops. A person speaks to the one that has a safe mode.
func day() []act {
	const s = time.Second
	return []act{
		{name: calm, about: "all is well", length: 3 * s / 2, times: 1},
		{name: slow, about: "the database takes 3 times as long", length: 3 * s, times: 3},
		{name: slower, about: "it takes 9 times as long", length: 7 * s / 2, times: 9},
		{name: recovery, about: "the database is well again", length: 4 * s, times: 1},
		{name: byHand, about: "a person engages the safe mode", length: 2 * s, times: 1, engage: "the disk is exchanged"},
		{name: afterward, about: "the person disengages it", length: s, times: 1, disengage: true},
	}
}
