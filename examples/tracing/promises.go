package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// promises prints what the traces promise, and reports whether none was broken. What is about times is not judged on a machine that is
// busy with something else: calls are slow there for reasons of their own.
func promises(w io.Writer, played []scene, busy bool) bool {
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
	fmt.Fprintln(w, "What the traces promise:")

	whole, all, homeless, leaks, requests, sides := 0, 0, 0, 0, 0, 0
	for _, s := range played {
		if len(s.roots) == 1 && s.roots[0].kind == call {
			whole++
		}
		all += len(s.spans)
		homeless += s.homeless()
		leaks += s.leaks
		requests += s.requests
		sides += min(s.count(attempt), s.count(request), s.count(served))
	}
	promise(true, whole == len(played), "each call is one trace, with the call as its root: %d of %d", whole, len(played))
	promise(true, homeless == 0, "attempts are in calls, and requests in attempts: %d of %d are not", homeless, all)
	promise(true, sides == requests, "what the inventory did is in the same trace: %d of %d requests", sides, requests)
	promise(true, leaks == 0, "nothing that the inventory says of itself is in a span: %d of %d", leaks, all)

	lost, late, refused, last := played[1].roots[0], played[2].roots[0], played[3].roots[0], played[4]
	promise(!busy, lost.hedged(), "which copy was the first to answer is said: %d", lost.number(wonBy))
	promise(!busy, late.repeated(), "why an attempt was made is said, and how long it waited: %s", ms(late.time(retryWait)))
	promise(!busy, !lost.failed && !late.failed, "a call that has an answer in the end has not failed")
	asked := refused.number(attempts) == len(played[3].fates)
	promise(!busy, asked && refused.refused(), "who refused is said, and who answered instead: %s", refused.text(answeredBy))
	promise(!busy, last.requests == 0 && last.roots[0].refused(), "no request is made while the breaker is open: %d", last.requests)
	fmt.Fprintln(w)
	return unbroken
}

// homeless returns how many spans are below one where they do not belong.
func (s *scene) homeless() (n int) {
	for _, root := range s.roots {
		for above := range root.all {
			for _, below := range above.inside {
				if below.kind != above.kind+1 || above.kind > call && len(above.inside) > 1 {
					n++
				}
			}
		}
	}
	return n
}

// count returns how many spans of a kind there are.
func (s *scene) count(of kind) (n int) {
	for _, span := range s.spans {
		if span.kind == of {
			n++
		}
	}
	return n
}

// hedged reports whether a call says that a copy has won, and its attempts the same.
func (s *span) hedged() bool {
	if len(s.inside) != 2 || s.number(wonBy) != 2 {
		return false
	}
	first, second := s.inside[0], s.inside[1]
	return first.overtaken() && !first.failed && second.answered() && second.number(copyNumber) == 2 && second.time(delay) >= patience
}

// repeated reports whether a call says that it was made again, and its attempts why, and when.
func (s *span) repeated() bool {
	if len(s.inside) != 2 {
		return false
	}
	first, second := s.inside[0], s.inside[1]
	return first.failed && second.text(cause) == first.text(outcome) && second.answered() &&
		second.start.Sub(first.end).Round(time.Millisecond) >= second.time(delay) && s.time(retryWait) == second.time(delay)
}

// refused reports whether a call says that it was refused, and who answered instead.
func (s *span) refused() bool {
	return slices.Equal(s.list(rejectedBy), []string{"stock breaker"}) && s.text(answeredBy) == "yesterday's count" &&
		s.text(outcome) == "degraded" && !s.failed
}
