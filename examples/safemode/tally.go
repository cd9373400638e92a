package main

import (
	"slices"
	"time"
)

// A tally is what became of the calls of one shop in one tick, or in several.
type tally struct {
	offers, quotes, orders count
	chunks                 int // of the search index, that were begun
}

// A count is how calls ended.
type count struct {
	well            latencies // answered by the service, after so long
	instead, failed int       // answered by a fallback, and not at all
}

func (c *count) add(took time.Duration, err error, fallback bool) {
	switch {
	case err != nil:
		c.failed++
	case fallback:
		c.instead++
	default:
		c.well = append(c.well, took)
	}
}

func (c count) all() int { return len(c.well) + c.instead + c.failed }

func (c count) plus(d count) count {
	return count{slices.Concat(c.well, d.well), c.instead + d.instead, c.failed + d.failed}
}

func (t tally) plus(u tally) tally {
	return tally{t.offers.plus(u.offers), t.quotes.plus(u.quotes), t.orders.plus(u.orders), t.chunks + u.chunks}
}

// answers returns how many calls there were, and how many of them were answered by the services.
func (t tally) answers() (well, all int) {
	for _, c := range []count{t.offers, t.quotes, t.orders} {
		well += len(c.well)
		all += c.all()
	}
	return well, all
}
