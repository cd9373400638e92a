package main

import (
	"slices"
	"time"

	"github.com/ductile-go/ductile/safemode"
)

// results are what happened.
type results struct {
	day                   []act
	began                 time.Time
	rows                  []row
	changes               []safemode.Change
	delays                latencies
	placed, placedWithout int // orders, whether or not anybody heard of it
}

// begins returns when an act begins, since the day began.
func (r results) begins(name string) (at time.Duration) {
	for _, a := range r.day {
		if a.name == name {
			break
		}
		at += a.length
	}
	return at
}

// ends returns when an act ends.
func (r results) ends(name string) time.Duration {
	at := r.begins(name)
	for _, a := range r.day {
		if a.name == name {
			at += a.length
		}
	}
	return at
}

// sum sums up the rows between two times.
func (r results) sum(from, to time.Duration) (with, without tally) {
	for _, row := range r.rows {
		if row.ends-tick >= from && row.ends <= to {
			with, without = with.plus(row.with), without.plus(row.without)
		}
	}
	return with, without
}

// storm sums up what was while the database was slow.
func (r results) storm() (with, without tally) { return r.sum(r.begins(slow), r.begins(recovery)) }

// unheard returns how many of the orders that were placed nobody has heard of.
func (r results) unheard(placed int, of func(row) tally) int {
	for _, row := range r.rows {
		placed -= len(of(row).orders.well)
	}
	return placed
}

// reached returns when the mode first came to a level by itself from another, from a time on. Where it did not, ok is false.
func (r results) reached(level safemode.Level, from time.Duration) (at time.Duration, ok bool) {
	for _, c := range r.changes {
		if at = c.At.Sub(r.began); at >= from && c.To == level && c.From != level && !c.Held && c.Cause != safemode.CauseDisengaged {
			return at, true
		}
	}
	return 0, false
}

// word returns for how long a person's word held that engaged the mode, whether it was a person who ended that, and whether all was well
// from then on: no change came after.
func (r results) word() (long time.Duration, handed, last bool) {
	i := slices.IndexFunc(r.changes, func(c safemode.Change) bool { return c.Held && c.To == safemode.Safe })
	if i < 0 || i+1 == len(r.changes) {
		return 0, false, false
	}
	next := r.changes[i+1]
	return next.At.Sub(r.changes[i].At), next.Cause == safemode.CauseDisengaged, next.To == safemode.Normal && i+2 == len(r.changes)
}

// tolerable is by how much visitors may come late, of which shops know nothing.
const tolerable = 50 * time.Millisecond

// busy reports whether this machine was so busy with something else that times say nothing: visitors came late, or a shop without a safe
// mode was slow with an order, or failed, while all was well.
func (r results) busy() bool {
	alone := r.quiet()
	return r.delays.quantile(99) > tolerable || max(r.delays.quantile(100), alone.well.quantile(100)) > deadline/2 || alone.failed > 0
}

// quiet returns what became of orders at the shop without a safe mode while all was well.
func (r results) quiet() count {
	_, before := r.sum(0, r.begins(slow))
	_, after := r.sum(r.begins(byHand), r.ends(afterward))
	return before.plus(after).orders
}
