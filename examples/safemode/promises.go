package main

import (
	"fmt"
	"io"

	"github.com/ductile-go/ductile/safemode"
)

// promises prints what was promised of the shop with a safe mode, and reports whether nothing of it was broken. What is not kept while
// this machine is busy with something else is not judged, unless it is not a matter of time.
func promises(w io.Writer, r results) bool {
	unbroken, quiet := true, !r.busy()
	promise := func(judged, kept bool, format string, args ...any) {
		mark, busy := "✓", ""
		switch {
		case kept:
		case !judged:
			mark, busy = "?", ", but this machine is too busy to tell"
		default:
			mark, unbroken = "✗", false
		}
		fmt.Fprintf(w, "  %s %s%s\n", mark, fmt.Sprintf(format, args...), busy)
	}
	share := func(hundredths, part, whole int, about string) {
		promise(quiet, part*100 >= whole*hundredths, "%d %% of %s: %d of %d", hundredths, about, part, whole)
	}
	reaches := func(judged bool, level safemode.Level, act, about string) {
		at, ok := r.reached(level, r.begins(act))
		after := "never"
		if ok {
			after = fmt.Sprintf("after %.1fs", (at - r.begins(act)).Seconds())
		}
		promise(judged, ok && at < r.ends(act), "%s: %s", about, after)
	}
	fmt.Fprintln(w, "What was promised:")
	before, _ := r.sum(0, r.begins(slow))
	fresh, all := before.answers()
	share(99, fresh, all, "all calls are answered by the services while all is well")

	_, ever := r.reached(safemode.Degraded, 0)
	reaches(quiet || !ever, safemode.Degraded, slow, "recommendations are let go while the database takes 3 times as long")
	trouble, _ := r.sum(r.begins(slow)+settled, r.begins(slower))
	share(80, len(trouble.orders.well), trouble.orders.all(), fmt.Sprintf("the orders are taken from %v after that begins", settled))
	share(80, len(trouble.quotes.well), trouble.quotes.all(), "the prices are fresh then")

	reaches(quiet, safemode.Safe, slower, "prices, too, are let go while it takes 9 times as long")
	trouble, _ = r.sum(r.begins(slower)+settled, r.begins(recovery))
	share(80, len(trouble.orders.well), trouble.orders.all(), fmt.Sprintf("the orders are taken from %v after that begins", settled))

	with, without := r.storm()
	promise(quiet, 2*len(with.orders.well) >= 3*len(without.orders.well), "half as many orders again are taken in the storm as without it: %d, not %d",
		len(with.orders.well), len(without.orders.well))

	reaches(quiet, safemode.Degraded, recovery, "it comes back by itself, first for the prices")
	reaches(quiet, safemode.Normal, recovery, "and then for all")

	held, _ := r.sum(r.begins(byHand), r.begins(afterward))
	long, handed, last := r.word()
	promise(quiet || !handed, handed && long > modeEngaged, "what a person engages nobody else ends, well as all is: it holds for %.1fs", long.Seconds())
	inside, _ := r.sum(r.begins(byHand)+tick, r.begins(afterward)-tick) // of who comes at its edges nobody can tell
	asked := len(inside.offers.well) + len(inside.quotes.well)
	promise(quiet, asked == 0, "what is let go meanwhile is not asked for: %d times", asked)
	promise(quiet, inside.chunks == 0, "and no index is built: %d chunks", inside.chunks)
	share(99, len(held.orders.well), held.orders.all(), "the orders are taken")
	promise(quiet, last, "when that person hands back, all goes at once, and nothing else happens")
	after, _ := r.sum(r.begins(afterward), r.ends(afterward))
	fresh, all = after.answers()
	share(99, fresh, all, "all calls are answered by the services then")

	whole, _ := r.sum(0, r.ends(afterward))
	failed := whole.offers.failed + whole.quotes.failed
	promise(true, failed == 0, "no visitor sees an error instead of recommendations or a price: %d of %d", failed, whole.offers.all()+whole.quotes.all())
	return unbroken
}
