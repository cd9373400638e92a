package main

import (
	"fmt"
	"io"
	"time"
)

// show prints what happened in each phase, and what the breaker did.
func show(w io.Writer, day []phase, clients []*client, s *server, seen *journal) {
	fmt.Fprintln(w)
	row := func(cells ...any) { fmt.Fprintf(w, "%-12s %-10s %6v %9v %9v %8v %8v %9v\n", cells...) }
	row("", "", "", "answered", "of which", "", "", "reached")
	row("phase", "client", "calls", "in time", "degraded", "p50", "p99", "server")
	for i, phase := range day {
		for _, c := range clients {
			t := c.tally(i, 0)
			row(phase.name, c.name, t.calls, percent(t.answered, t.calls), t.degraded, ms(t.p50), ms(t.p99), s.reached[index(c.name)][i].Load())
		}
	}
	fmt.Fprintln(w, "\nWhat the breaker did:")
	for _, entry := range seen.entries {
		fmt.Fprintln(w, "  "+entry)
	}
}

// recovered is how long after the end of the outage the answers are whole again.
const recovered = 2 * time.Second

// promises prints what the protected client promised, and reports whether it kept all of it.
func promises(day []phase, c *client, s *server) bool {
	broken := 0
	promise := func(kept bool, format string, args ...any) {
		verdict := "kept:    "
		if !kept {
			verdict = "NOT KEPT:"
			broken++
		}
		fmt.Println(" ", verdict, fmt.Sprintf(format, args...))
	}
	fmt.Println("\nWhat the protected client promised:")
	all := c.tally(-1, 0)
	promise(all.answered*1000 >= all.calls*999, "99.9 %% of the calls are answered in time: %s", percent(all.answered, all.calls))
	for i, phase := range day {
		whole := func(want float64, from time.Duration, about string) {
			t := c.tally(i, from)
			promise(float64(t.answered-t.degraded) >= want*float64(t.calls), "%v %% of the answers are whole %s: %s", want*100, about,
				percent(t.answered-t.degraded, t.calls))
		}
		switch phase.name {
		case "healthy":
			whole(0.999, 0, "while the server is healthy")
		case "15 % errors":
			whole(0.99, 0, "at 15 % errors")
		case "recovery":
			whole(0.99, recovered, fmt.Sprintf("from %v after the outage", recovered))
		}
	}
	// The budget grants a fifth of the first attempts, and one a second besides, over any 10 s.
	allowed := all.first/5 + int(length(day).Seconds()+10)
	promise(all.extra <= allowed, "no more extra requests than the budget of %d (a fifth of %d, and one a second for the day and the 10 s before): %d", allowed, all.first, all.extra)
	var reached int64
	for i := range day {
		reached += s.reached[1][i].Load()
	}
	promise(reached <= int64(all.first+all.extra), "nothing else reached the server: %d requests for %d attempts", reached, all.first+all.extra)
	fmt.Print(`
Three attempts at 15 % errors leave 0.15³ = 0.3 % of the calls to the fallback, and cost 15 + 2 = 17 % more requests: the budget of
20 % carries it. At 30 % they would cost 39 %, and the budget refuses half of that: a dependency that fails so often is not helped by
more requests. In the outage the breaker opens, and the fallback answers at once. Its probes tell it when to close; three of five that
fail are enough to open it again.
`)
	return broken == 0
}

func length(day []phase) (total time.Duration) {
	for _, phase := range day {
		total += phase.length
	}
	return total
}

func percent(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.0f ms", d.Seconds()*1000) }
