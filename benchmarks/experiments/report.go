package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// tell prints what an experiment has found.
func tell(w io.Writer, e Experiment, f *Findings) {
	fmt.Fprintf(w, "\n%s: %s\n  source: %s\n", e.Name, e.Title, e.Source)
	for _, line := range e.Setup {
		fmt.Fprintf(w, "  %s\n", line)
	}
	fmt.Fprintf(w, "  seeds %d to %d, %v\n\n", f.Seeds[0], f.Seeds[1], f.Took.Round(100*time.Millisecond))
	rows := [][]string{{"who", "what", "measured (95 %)", "seeds", "reference", "from", "within", ""}}
	for _, r := range f.Results {
		verdict := ""
		if r.Within != "" {
			verdict = word(r.Passed)
		}
		rows = append(rows, []string{r.Who, r.What, r.Got.String(), r.Got.seeds(), r.Reference, r.From, r.Within, verdict})
	}
	columns(w, rows)
	for _, o := range f.Orders {
		fmt.Fprintf(w, "  %s  %s\n", word(o.Passed), o.What)
	}
	fmt.Fprintln(w)
}

func word(passed bool) string {
	if passed {
		return "pass"
	}
	return "FAIL"
}

// columns prints rows with their cells below each other.
func columns(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString("  " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}
