package main

import (
	"fmt"
	"io"
	"time"
)

const (
	opened    = 1500 * time.Millisecond // so long after the beginning of the outage requests fail at once
	recovered = 2 * time.Second         // so long after its end they are answered again
)

// promises prints what the protected client promised, and reports whether it broke none. One that is not kept while this machine is
// busy with something else is not judged.
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
		promise(!r.busy(), t.answered*100 >= t.all*hundredths, "%d %% are answered %s: %d of %d", hundredths, about, t.answered, t.all)
	}
	fmt.Fprintln(w, "What the protected client promised:")
	p, all, down, healthy := r.protected, hostNames(), []string{reviews}, []string{prices, orders}
	blip, outage, recovery := r.phase("blip"), r.phase("outage"), r.phase("recovery")

	answers(99, p.tally(r.phase("healthy"), all, 0), "while all is well")
	answers(97, p.tally(blip, []string{prices}, 0), "by prices in the blip")
	if r.keys {
		answers(97, p.tally(blip, []string{orders}, 0), "by orders in the blip")
	}
	promise(true, p.twice == 0, "no order is placed twice: %d", p.twice)
	promise(true, p.early == 0, "who is told when to come back comes no sooner: %d of %d did", p.early, p.early+p.heeded)

	answers(97, p.tally(outage, healthy, 0), "by the others in the outage of reviews")
	failures := p.tally(outage, down, opened).failures.quantile(50)
	promise(!r.busy(), failures <= attempt/3, "from %v on, half of the failures take %s at most: %s", opened, ms(attempt/3), ms(failures))
	least, most := p.bore(outage, down).requests, r.bare.bore(outage, down).requests
	promise(!r.busy(), 2*least <= most, "reviews gets half as many requests in it, or fewer: %d, not %d", least, most)
	answers(97, p.tally(recovery, all, recovered), fmt.Sprintf("from %v after it", recovered))
	return unbroken
}
