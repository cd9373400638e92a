package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// introduce says what is about to happen.
func introduce(w io.Writer, hedging fmt.Stringer) {
	fmt.Fprintf(w, "%v\n\n", hedging)
	paragraph(w, fmt.Sprintf("Two clients make the same %d calls a second, and take %d replicas in turn, which answer in some %s. The last replica "+
		"stalls on %.0f %% of its requests, for %s to %s. One client waits, the other hedges by the pipeline above.",
		callsPerSecond, replicas, ms(typical), 100*stalls, ms(shortStall), ms(longStall)))
}

// watched says what the hedge has seen before the calls that count.
func watched(w io.Writer, s settings, r results) {
	seen := fmt.Sprintf("%d calls for %v", r.watched, r.watching.Round(time.Second/10))
	switch {
	case s.delay != 0:
		paragraph(w, fmt.Sprintf("To open connections there have been %s. What follows is about the calls from here on.", seen))
	case !r.found.Known:
		paragraph(w, fmt.Sprintf("The hedge has watched %s, which is not enough to know this percentile. It goes on watching.", seen))
	default:
		paragraph(w, fmt.Sprintf("The hedge has watched %s. For now a call is slow that takes longer than %s, and from here on such a call has a "+
			"second copy. What follows is about the calls from here on.", seen, ms(r.found.Delay)))
	}
}

// table prints what each client got.
func table(w io.Writer, r results) {
	row := func(cells ...any) { fmt.Fprintf(w, "%-15s %5v %8v %8v %8v %8v %9v %11v\n", cells...) }
	row("", "calls", "p50", "p99", "p99.9", "max", "requests", "extra load")
	client := func(name string, o outcome) {
		t := o.took
		row(name, len(t), ms(t.quantile(500)), ms(t.quantile(990)), ms(t.quantile(999)), ms(t.quantile(1000)), o.requests, percent(o.extra()))
	}
	client("without hedging", r.waiting)
	client("with hedging", r.hedging)
	fmt.Fprintln(w)
}

// extra returns how many more requests than calls there were, as a share of the calls.
func (o outcome) extra() float64 { return float64(o.requests)/float64(max(len(o.took), 1)) - 1 }

// promises prints what hedging promises with the settings that are preset, and reports whether it broke none. What this machine was too
// busy for is not judged.
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
	fmt.Fprintln(w, "What hedging promised:")

	calls, answered := len(r.hedging.took), len(r.hedging.took)-r.hedging.failed
	promise(!r.starved(), answered*1000 >= calls*999, "99.9 %% of the calls are answered: %d of %d", answered, calls)

	before, after := r.waiting.stalled.quantile(500), r.hedging.stalled.quantile(500)
	promise(!r.starved(), 2*after <= before, "the p50 of stalled calls is at least halved: %s, not %s", ms(after), ms(before))

	before, after = r.waiting.took.quantile(990), r.hedging.took.quantile(990)
	promise(!r.busy(), 2*after <= before, "the p99 of all calls is at least halved: %s, not %s", ms(after), ms(before))

	all := int64(calls + r.watched)
	promise(true, 5*(r.sent-all) <= all, "copies are a fifth of all calls at most: %d of %d", r.sent-all, all)
	return unbroken
}

// paragraph prints a text in lines of at most 80 columns, numbers beside their units, and an empty line.
func paragraph(w io.Writer, text string) {
	const width, tied = 80, "\u00a0"
	text = strings.NewReplacer(" ms", tied+"ms", " %", tied+"%").Replace(text)
	line, column := "", 0
	for word := range strings.SplitSeq(text, " ") {
		n := len([]rune(word))
		switch {
		case column == 0:
		case column+1+n > width:
			line, column = line+"\n", 0
		default:
			line, column = line+" ", column+1
		}
		line, column = line+word, column+n
	}
	fmt.Fprintf(w, "%s\n\n", strings.ReplaceAll(line, tied, " "))
}
