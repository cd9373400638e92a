package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// show runs both clients through the day, says what happened, and returns it.
func show(w io.Writer, s settings, day []phase, bare, protected *client, seen *journal) results {
	introduce(w, s)
	seen.begin()
	ended := run(day, []*client{bare, protected}, func(p phase) { begun(w, p, time.Since(seen.start)) })
	r := results{settings: s, day: day, bare: bare.side(ended[0]), protected: protected.side(ended[1]), seen: seen.all()}
	table(w, r)
	tell(w, r)
	return r
}

// tell says in a few sentences what the results are, and why. None of it is known before.
func tell(w io.Writer, r results) {
	r.tellBlip(w)
	r.tellOutage(w)
	r.tellRecovery(w)
	if r.busy() {
		paragraph(w, fmt.Sprintf("This machine has been busy with something else: one in a hundred answers took longer than %s, with no fault of a host.",
			ms(r.calm().quantile(99))))
	}
}

func (r results) tellBlip(w io.Writer) {
	blip := r.phase("blip")
	at := func(host string) (bare, protected tally) {
		return r.bare.tally(blip, []string{host}, 0), r.protected.tally(blip, []string{host}, 0)
	}
	before, after := at(prices)
	text := []string{
		fmt.Sprintf("In the blip %d of %d requests to %s failed without protection. With it they were made again, and %d failed.", before.failed(),
			before.all, prices, after.failed()),
	}
	if p99 := after.took.quantile(99); p99 >= retryAfter {
		text = append(text, fmt.Sprintf("After a 503 a repeat waits for the second that it is asked to, and so the p99 is %s.", ms(p99)))
	}
	before, after = at(orders)
	if r.keys {
		text = append(text, fmt.Sprintf("Orders are repeated, too, since they have an Idempotency-Key: %d failed without protection, %d with it. "+
			"The host knows them by their key, and placed each once.", before.failed(), after.failed()))
	} else {
		text = append(text, fmt.Sprintf("Of the orders %d failed without protection, and %d with it: a POST may have done its work before its answer "+
			"was lost, so it is not repeated. With -keys it is.", before.failed(), after.failed()))
	}
	paragraph(w, strings.Join(text, " "))
}

func (r results) tellOutage(w io.Writer) {
	outage, down := r.phase("outage"), []string{reviews}
	before, after := r.bare.tally(outage, down, 0), r.protected.tally(outage, down, 0)
	bore, bears := r.bare.bore(outage, down), r.protected.bore(outage, down)
	text := fmt.Sprintf("In the outage every request to %s fails. Without protection that takes %s, and nearly always a new connection: %d of them. "+
		"With it the host is asked %d times, until the breaker is sure and then by its probes, and half of the failures take %s at most.",
		reviews, ms(before.failures.quantile(50)), bore.connections, bears.requests, ms(after.failures.quantile(50)))
	others := r.protected.tally(outage, []string{prices, orders}, 0)
	if r.shared {
		text += fmt.Sprintf(" And the others are drawn in: all hosts share a breaker, and so %d requests to the others failed, too.", others.failed())
	} else {
		text += " Each host has a breaker of its own, so that the others are asked as ever."
	}
	if n := len(after.refused); n > 0 {
		text += fmt.Sprintf(" Of the requests to %s %d of %d were refused at once, the last of them with:", reviews, n, after.all)
	}
	paragraph(w, text)
	if n := len(after.refused); n > 0 {
		quote(w, after.refused[n-1])
	}
}

func (r results) tellRecovery(w io.Writer) {
	if n := len(r.protected.tally(r.phase("recovery"), []string{reviews}, 0).refused); n > 0 {
		paragraph(w, fmt.Sprintf("That has a price: when %s was back, %d more requests were refused until probes had found out.", reviews, n))
	}
}
