package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/ductile-go/ductile/breaker"
)

// introduce says what is about to happen.
func introduce(w io.Writer, services []string) {
	fmt.Fprintf(w, "client: %v\n\nserver: %v\n\n", clientPipeline(short(quote), func(breaker.Transition) {}), serverPipeline(quote))
	paragraph(w, fmt.Sprintf("Two clients call Get, Quote, Reserve and Watch, %d times a second each, with a deadline of %s. Each has a server of its "+
		"own, with a database of %d connections that needs %s for an answer: %d calls a second. Reflection says that they serve %s. One pair is "+
		"bare. In the other each method has the first of the pipelines above at the client, and the second at the server.",
		perSecond, ms(deadline), connections, ms(takes), capacity, strings.Join(services, ", ")))
}

const (
	layout = "%-11s %-9s %5v %9v %7v %8v %8v %8v\n"
	from   = "%5.1fs  %-9s %s\n"
)

// begun says that an act begins.
func begun(w io.Writer, a act, at float64) {
	fmt.Fprintf(w, from, at, a.name, a.about)
}

// table prints what each client got in each act, and how many calls came to its server.
func table(w io.Writer, r results) {
	fmt.Fprintln(w)
	fmt.Fprintf(w, layout, "", "", "", "", "", "", "", "came to")
	fmt.Fprintf(w, layout, "of", "pair", "calls", "answered", "failed", "p50", "p99", "server")
	for i, a := range r.day {
		fmt.Fprintln(w, a.name)
		for _, row := range a.rows {
			line := func(title, pair string, o outcome) {
				t := o.tally(i, row, 0)
				fmt.Fprintf(w, layout, title, pair, t.all, percent(t.answered, t.all), t.failed(), ms(t.took.quantile(50)), ms(t.took.quantile(99)),
					o.bore(i, row))
			}
			line(row.title, "bare", r.bare)
			line("", "protected", r.protected)
		}
	}
	fmt.Fprintln(w, "\nWhat happened to the protected pair:")
	for _, entry := range r.seen {
		fmt.Fprintln(w, "  "+entry)
	}
	fmt.Fprintln(w)
}
