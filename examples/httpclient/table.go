package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ductile-go/ductile/breaker"
)

// introduce says what is about to happen.
func introduce(w io.Writer, s settings) {
	fmt.Fprintf(w, "%v\n\n", pipeline(func(breaker.Transition) {}))
	how, of := "Orders are placed by POST, which is not repeated.", "each host"
	if s.keys {
		how = "Orders are placed by POST with an Idempotency-Key, which may be repeated."
	}
	if s.shared {
		of = "all hosts"
	}
	paragraph(w, fmt.Sprintf("Two clients make the same requests, %d a second to each of three hosts: %s. %s Both have a Timeout of %s for a request. "+
		"One is bare, the other has such a pipeline for %s.", perSecond, strings.Join(hostNames(), ", "), how, ms(timeout), of))
}

const (
	layout = "%-10s %-9s %5v %9v %7v %8v %8v %8v %8v\n"
	from   = "%5.1fs  %-9s %s\n"
)

// begun says that a phase begins.
func begun(w io.Writer, p phase, at time.Duration) {
	fmt.Fprintf(w, from, at.Seconds(), p.name, p.about)
}

// table prints what each client got in each phase, and what it cost the hosts.
func table(w io.Writer, r results) {
	fmt.Fprintln(w)
	fmt.Fprintf(w, layout, "", "", "", "", "", "", "", "reached", "connec-")
	fmt.Fprintf(w, layout, "to", "client", "sent", "answered", "failed", "p50", "p99", "host", "tions")
	for i, p := range r.day {
		fmt.Fprintln(w, p.name)
		for _, row := range p.rows {
			line := func(title, client string, s side) {
				t, bore := s.tally(i, row.hosts, 0), s.bore(i, row.hosts)
				fmt.Fprintf(w, layout, title, client, t.all, percent(t.answered, t.all), t.failed(), ms(t.took.quantile(50)), ms(t.took.quantile(99)),
					bore.requests, bore.connections)
			}
			line(row.title, "bare", r.bare)
			line("", "protected", r.protected)
		}
	}
	fmt.Fprintln(w, "\nWhat the breakers did:")
	for _, entry := range r.seen {
		fmt.Fprintln(w, "  "+entry)
	}
	fmt.Fprintln(w)
}
