package main

import (
	"fmt"
	"io"
)

// promises prints what was promised of the limit that is preset, and reports whether none was broken. What this machine was too busy for is
// not judged.
func promises(w io.Writer, r results) bool {
	unbroken := true
	promise := func(judged, kept bool, format string, args ...any) {
		verdict := "kept:"
		switch {
		case !judged:
			verdict = "too busy:"
		case !kept:
			verdict, unbroken = "NOT KEPT:", false
		}
		fmt.Fprintf(w, "  %-10s%s\n", verdict, fmt.Sprintf(format, args...))
	}
	fmt.Fprintln(w, "What was promised:")

	light, idle := r.lightest(), !r.lightest().busy()
	calm := min(light.bare.share(len(light.bare.good)), light.protected.share(len(light.protected.good)))
	promise(idle, calm >= 0.97, "at %.1f times both answer 97 %% in time: %s", light.load, percent(calm))

	heavy, quiet := r.heaviest(), !r.heaviest().busy()
	most, least := heavy.protected.goodput()/capacity, heavy.bare.goodput()/capacity
	promise(quiet, most >= 0.7, "at %.1f times the protected server does 70 %% of what it can: %s", heavy.load, percent(most))
	promise(quiet, least <= 0.5, "at %.1f times the bare one does less than half of that: %s", heavy.load, percent(least))

	served := len(heavy.protected.good) + heavy.protected.late
	promise(quiet, len(heavy.protected.good)*100 >= served*97, "of what is not refused 97 %% is answered in time: %d of %d",
		len(heavy.protected.good), served)
	typical := heavy.protected.refused.quantile(50)
	promise(quiet, typical <= takes/2, "half of the refusals take less than half a query: %s", ms(typical))

	inside, refused, unhinted, failed := int64(0), 0, 0, 0
	for _, s := range r.stages {
		inside = max(inside, s.protected.most)
		refused += len(s.protected.refused)
		unhinted += s.protected.unhinted
		failed += len(s.bare.failed) + len(s.protected.failed)
	}
	promise(true, inside <= int64(r.limit), "never are more than %d requests in the protected handler: %d", r.limit, inside)
	promise(true, unhinted == 0, "each refusal says when to come back: %d of %d", refused-unhinted, refused)
	promise(true, failed == 0, "nothing else goes wrong: %d requests", failed)
	return unbroken
}
