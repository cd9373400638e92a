package main

import (
	"fmt"
	"io"
	"time"
)

const (
	opened    = 1250 * time.Millisecond // so long after the beginning of the outage calls fail at once
	recovered = time.Second             // so long after its end they are answered again
)

// promises prints what the protected pair promised, and reports whether it broke none. One that is not kept while this machine is busy with
// something else is not judged.
func promises(w io.Writer, r results) bool {
	unbroken := true
	promise := func(judged, kept bool, format string, args ...any) {
		verdict := "kept:"
		switch {
		case kept:
		case !judged:
			verdict = "too busy:"
		default:
			verdict, unbroken = "NOT KEPT:", false
		}
		fmt.Fprintf(w, "  %-10s%s\n", verdict, fmt.Sprintf(format, args...))
	}
	answers := func(hundredths int, t tally, about string) {
		promise(!r.busy(), t.answered*100 >= t.all*hundredths, "%d %% of %s: %d of %d", hundredths, about, t.answered, t.all)
	}
	fmt.Fprintln(w, "What the protected pair promised:")
	p := r.protected
	quotes, others := row{methods: []string{quote}}, row{methods: []string{get, reserve, watch}}
	flaky, outage, crowd := r.act("flaky"), r.act("outage"), r.act("crowd")

	answers(99, p.tally(r.act("calm"), row{methods: methods()}, 0), "all calls are answered while all is well")
	answers(97, p.tally(flaky, row{methods: []string{get, watch}}, 0), "Get and Watch are answered while a tenth fails")
	least, most := p.tally(flaky, quotes, 0).slow, r.bare.tally(flaky, quotes, 0).slow
	promise(!r.busy(), 3*least <= most, "a third as many quotes need %s, or fewer: %d, not %d", ms(attempt), least, most)
	answers(95, p.tally(r.act("restarts"), row{methods: []string{get, quote, watch}}, 0), "what changes nothing is answered in the restarts")
	promise(true, p.twice == 0, "no order is reserved twice: %d", p.twice)
	promise(true, p.missing == 0, "none that was answered is missing: %d", p.missing)

	answers(97, p.tally(outage, others, 0), "the others are answered in the outage of Quote")
	failures := p.tally(outage, quotes, opened).failures.quantile(50)
	promise(!r.busy(), failures <= attempt/4, "from %v on, half of its failures take %s at most: %s", opened, ms(attempt/4), ms(failures))
	least, most = p.bore(outage, quotes), r.bare.bore(outage, quotes)
	promise(!r.busy(), 4*least <= 3*most, "a quarter fewer calls of Quote come to the server in it: %d, not %d", least, most)
	answers(95, p.tally(r.act("recovery"), quotes, recovered), fmt.Sprintf("the quotes are answered from %v after it", recovered))

	answers(95, p.tally(crowd, row{methods: []string{quote, reserve, watch}}, 0), "the others are answered while a crowd calls Get")
	asked, served := p.sightings(crowd)
	promise(!r.busy(), asked == served, "the server says meanwhile that it serves: %d of %d times", served, asked)
	promise(true, p.told == p.over, "who is above the quota is told when to come back: %d of %d", p.told, p.over)
	promise(!r.busy(), p.early == 0, "who is told comes no sooner: %d of %d did", p.early, p.early+p.heeded)
	return unbroken
}
