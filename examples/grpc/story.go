package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// show has both pairs live through the day, says what happened, and returns it.
func show(w io.Writer, day []act, bare, protected *side, seen *journal) (r results, err error) {
	services, err := protected.client.services()
	if err != nil {
		return r, err
	}
	introduce(w, services)
	seen.begin()
	protected.probe.changed = seen.health
	l, err := run(day, []*side{bare, protected}, func(a act) { begun(w, a, time.Since(seen.start).Seconds()) })
	if err != nil {
		return r, err
	}
	slices.Sort(l.delays)
	r = results{
		day: day, bare: bare.outcome(l.results[0]), protected: protected.outcome(l.results[1]), delays: l.delays, seen: seen.all(),
	}
	table(w, r)
	tell(w, r)
	return r, nil
}

// tell says in a few sentences what the results are, and why. None of it is known before.
func tell(w io.Writer, r results) {
	r.tellFlaky(w)
	r.tellRestarts(w)
	r.tellOutage(w)
	r.tellCrowd(w)
	if r.busy() {
		paragraph(w, fmt.Sprintf("This machine has been busy with something else: one call in a hundred was made %s late, and one took %s while all was well.",
			ms(r.delays.quantile(99)), ms(r.calm().quantile(99))))
	}
}

func (r results) at(name string, methods ...string) (bare, protected tally) {
	of := row{methods: methods}
	return r.bare.tally(r.act(name), of, 0), r.protected.tally(r.act(name), of, 0)
}

func (r results) tellFlaky(w io.Writer) {
	before, after := r.at("flaky", get, watch)
	text := []string{fmt.Sprintf("Of Get and Watch %d of %d calls failed without protection. With it they were made again, a stream since it had had no "+
		"message yet, and %d failed.", before.failed(), before.all, after.failed())}
	before, after = r.at("flaky", quote)
	text = append(text, fmt.Sprintf("%d quotes needed %s or more without protection. With it each that was slow was asked for a second time: %d did, and "+
		"the p99 is %s, not %s.", before.slow, ms(attempt), after.slow, ms(after.took.quantile(99)), ms(before.took.quantile(99))))
	before, after = r.at("flaky", reserve)
	text = append(text, fmt.Sprintf("Of Reserve %d failed without protection, and %d with it: it has no idempotency_level in shop.proto, and may have "+
		"done its work before it failed, so it is not made again.", before.failed(), after.failed()))
	paragraph(w, strings.Join(text, " "))
}

func (r results) tellRestarts(w io.Writer) {
	before, after := r.at("restarts", get, quote, watch)
	text := fmt.Sprintf("Through the restarts %d of %d calls of Get, Quote and Watch failed without protection, and %d with it.", before.failed(), before.all,
		after.failed())
	before, after = r.at("restarts", reserve)
	text += fmt.Sprintf(" Of Reserve it was %d and %d: one that found no connection never left, and is made again.", before.failed(), after.failed())
	paragraph(w, text)
}

func (r results) tellOutage(w io.Writer) {
	before, after := r.at("outage", quote)
	outage, quotes := r.act("outage"), row{methods: []string{quote}}
	text := fmt.Sprintf("In the outage Quote hangs: calls of it fail without protection after %s, with it half of them after %s at most, and %d calls "+
		"come to the server, not %d.", ms(before.failures.quantile(50)), ms(after.failures.quantile(50)), r.protected.bore(outage, quotes),
		r.bare.bore(outage, quotes))
	_, others := r.at("outage", get, reserve, watch)
	text += fmt.Sprintf(" Each method has a breaker of its own: of the others %d failed.", others.failed())
	if n := len(after.refused); n > 0 {
		text += fmt.Sprintf(" %d of %d were refused at once, the last of them with:", n, after.all)
	}
	paragraph(w, text)
	if n := len(after.refused); n > 0 {
		quoted(w, after.refused[n-1])
	}
	if n := len(r.protected.tally(r.act("recovery"), quotes, 0).refused); n > 0 {
		paragraph(w, fmt.Sprintf("That has a price: when Quote was back, %d more calls were refused until probes had found out.", n))
	}
}

func (r results) tellCrowd(w io.Writer) {
	before, after := r.at("crowd", quote, reserve, watch)
	asked, served := r.protected.sightings(r.act("crowd"))
	paragraph(w, fmt.Sprintf("When a crowd called Get, the bare server had a line for all methods, and %d of %d calls of Quote, Reserve and Watch found "+
		"no answer in time. The protected one let %d calls of Get a second in, and %d of the others failed. It refused %d that were above this "+
		"quota, and told %d when to come back. Health checks do not stand in line: %d of %d said SERVING.", before.failed(), before.all, quota,
		after.failed(), r.protected.over, r.protected.told, served, asked))
}
