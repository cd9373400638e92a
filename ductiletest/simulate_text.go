package ductiletest

import (
	"fmt"
	"strings"
	"time"
)

// String returns the result as text: what was simulated, a table over time, and what the policies did. It ends without a new line, and is the
// same for the same result.
func (r *Result) String() string {
	var b strings.Builder
	r.writeHead(&b)
	r.writeTable(&b)
	r.writeRecoveries(&b)
	r.writePolicies(&b)
	r.writeTransitions(&b)
	for _, l := range r.Leaks {
		fmt.Fprintf(&b, "\nLEAK: %s: %d %s when all calls were over", l.Policy, l.Count, l.What)
	}
	if r.Panics > 0 {
		said, _, _ := strings.Cut(r.panicked, "\n")
		fmt.Fprintf(&b, "\nPANICS: %d, the first: %s", r.Panics, said)
	}
	return strings.TrimRight(b.String(), "\n")
}

func (r *Result) writeHead(b *strings.Builder) {
	s := r.Simulation
	come := "by chance"
	if s.Load.Even {
		come = "evenly"
	}
	fmt.Fprintf(b, "%s\n", r.pipeline)
	fmt.Fprintf(b, "load        %v calls a second for %s, %s", s.Load.Rate, brief(s.Load.For), come)
	for _, c := range s.Load.Changes {
		fmt.Fprintf(b, "; %v a second from %s", c.Rate, brief(c.At))
	}
	if s.Load.Deadline > 0 {
		fmt.Fprintf(b, "; deadline %s", brief(s.Load.Deadline))
	}
	if s.Load.Patience > 0 {
		fmt.Fprintf(b, "; patience %s", brief(s.Load.Patience))
	}
	fmt.Fprintf(b, "; seed %d\ndependency  %v\n", s.Seed, s.Dependency)
}

func (r *Result) writeTable(b *strings.Builder) {
	fmt.Fprintf(b, "\n%8s %8s  %-19s %9s %7s %6s %8s %8s %7s %7s %7s\n",
		"from", "calls", "answered", "degraded", "failed", "lost", "refused", "per call", "peak/s", "p50", "p99")
	for i := range r.Rows {
		row := &r.Rows[i]
		writeRow(b, brief(row.From), &row.Tally)
	}
	writeRow(b, "all", &r.Tally)
}

func writeRow(b *strings.Builder, from string, t *Tally) {
	fmt.Fprintf(b, "%8s %8d  %s %8s %9d %7d %6d %8d %8.2f %7d %7s %7s\n",
		from, t.Offered, bar(t), percentOf(t.Answered, t.Offered), t.Degraded, t.Failed, t.Lost, t.Refused, t.Amplification(), t.Peak,
		t.latencyText(0.5), t.latencyText(0.99))
}

func (t *Tally) latencyText(share float64) string {
	if t.answers.total == 0 {
		return "-"
	}
	return short(t.Latency(share))
}

// bar shows the share of the calls that were answered by the dependency, and that of those that were by a fallback.
func bar(t *Tally) string {
	const width = 10
	full := int(t.Goodput()*width + 1e-9)
	half := int(t.Served()*width+1e-9) - full
	if t.Offered == 0 {
		full = 0
	}
	return strings.Repeat("█", full) + strings.Repeat("▒", half) + strings.Repeat("·", width-full-half)
}

func (r *Result) writeRecoveries(b *strings.Builder) {
	for _, recovery := range r.Recoveries {
		fmt.Fprintf(b, "\n%v: %s answered again %s", recovery.Outage, percent(r.Simulation.Healthy), recovery.when())
	}
	if len(r.Recoveries) > 0 {
		b.WriteString("\n")
	}
}

func (r Recovery) when() string {
	if r.After == Never {
		return "NOT before the next outage or the end of the load"
	}
	if r.After == 0 {
		return "at once"
	}
	return brief(r.After) + " later"
}

func (r *Result) writePolicies(b *strings.Builder) {
	for _, p := range r.Policies {
		var did []string
		for _, part := range []struct {
			n    int
			what string
		}{
			{p.Refused, "refused %d"},
			{p.TimedOut, "timed out %d times"},
			{p.Retries, "repeated %d"},
			{p.GaveUp, "gave up %d"},
			{p.Hedges, "started %d copies"},
			{p.Answered, "answered %d"},
		} {
			if part.n > 0 {
				did = append(did, fmt.Sprintf(part.what, part.n))
			}
		}
		fmt.Fprintf(b, "\n%s: %s", p.Policy, strings.Join(did, ", "))
	}
}

func (r *Result) writeTransitions(b *strings.Builder) {
	const shown = 20
	for i, t := range r.Transitions {
		if i == shown {
			fmt.Fprintf(b, "\n%8s … and %d more", "", len(r.Transitions)-shown)
			return
		}
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "\n%8s  %s: %s → %s", t.At.Round(100*time.Millisecond), t.Policy, t.From, t.To)
		if t.Cause != "" {
			fmt.Fprintf(b, ": %s", t.Cause)
		}
	}
}

// percent returns a share as a person would write it.
func percent(share float64) string { return fmt.Sprintf("%.4g %%", 100*share) }

func percentOf(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f %%", 100*float64(part)/float64(whole))
}

// brief returns a duration without the zeros at its end: 2h, and not 2h0m0s.
func brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// short returns a duration with three digits.
func short(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}
