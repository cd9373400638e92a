package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// tell says in a few sentences what the results are, and why. None of it is known before.
func tell(w io.Writer, s settings, r results) {
	before, after := r.waiting.took, r.hedging.took
	lines := []string{
		fmt.Sprintf("%d of %d calls met a stall, and took %s in the median; with hedging they took %s. The p99 of all calls went from %s to %s, %s.",
			len(r.waiting.stalled), len(before), ms(r.waiting.stalled.quantile(500)), ms(r.hedging.stalled.quantile(500)),
			ms(before.quantile(990)), ms(after.quantile(990)), change(before.quantile(990), after.quantile(990))),
		s.copies(r),
		fmt.Sprintf("The median is %s with hedging and %s without: hedging is about the tail.", ms(after.quantile(500)), ms(before.quantile(500))),
		fmt.Sprintf("And tails add up: of pages that make %d such calls and wait for all, %s would take longer than %s without hedging, and %s with it.",
			fanOut, percent(anyOf(before.slower(shortStall))), ms(shortStall), percent(anyOf(after.slower(shortStall)))),
	}
	if r.busy() {
		lines = append(lines, fmt.Sprintf("This machine has been busy with something else: of the calls that met no stall, too, one in a hundred took "+
			"longer than %s, and all replicas are slow at once then.", ms(r.waiting.smooth.quantile(990))))
	}
	paragraph(w, strings.Join(lines, " "))
}

// copies says when there were copies, how many, and what came of them.
func (s settings) copies(r results) string {
	if len(r.delays) == 0 {
		return "The hedge has not seen enough to know which calls are slow, and made no copies."
	}
	shortest, longest := r.delays.quantile(0), r.delays.quantile(1000)
	within := ms(longest)
	if first := ms(shortest); first != within {
		within = strings.TrimSuffix(first, " ms") + " to " + within
	}
	if s.delay == 0 && longest < maxDelay {
		within += fmt.Sprintf(", as %.4g %% are,", 100*s.percentile)
	}
	text := fmt.Sprintf("A call that was not answered within %s got a second copy at another replica: that is %s more requests, and in %d of %d cases "+
		"the copy was first.", within, percent(r.hedging.extra()), r.hedging.second, r.hedging.requests-int64(len(r.hedging.took)))
	if refused := r.refused(); refused > 0 {
		text += fmt.Sprintf(" The budget refused %d more.", refused)
	}
	return text
}

// refused returns how many copies the budget refused to the calls that count.
func (r results) refused() uint64 { return r.hedge.Refused - r.found.Refused }

// busy reports whether the machine was so busy that one in a hundred of the calls without a stall took as long as one with: the tail is
// not the replicas' then, and no copy avoids it.
func (r results) busy() bool { return r.disturbed(990) }

// starved reports whether it was so busy that nothing can be said of replicas: most calls without a stall took so long, or the budget had
// to refuse most copies because of those that did.
func (r results) starved() bool {
	return r.disturbed(500) || r.busy() && r.refused() > r.hedge.Launched
}

func (r results) disturbed(thousandths int) bool {
	return max(r.waiting.smooth.quantile(thousandths), r.hedging.smooth.quantile(thousandths)) > shortStall/2
}

// fanOut is how many calls a page of the story makes.
const fanOut = 20

// anyOf returns the share of pages with a slow call from the share of calls that are slow.
func anyOf(slow float64) float64 { return 1 - math.Pow(1-slow, fanOut) }

// change says in words how a time has changed.
func change(before, after time.Duration) string {
	const same = 1.1
	ratio, words := float64(before)/float64(max(after, 1)), "times less"
	if ratio < 1 {
		ratio, words = 1/ratio, "times as much"
	}
	switch {
	case ratio < same:
		return "about the same"
	case ratio < 10:
		return fmt.Sprintf("%.1f %s", ratio, words)
	default:
		return fmt.Sprintf("%.0f %s", ratio, words)
	}
}
