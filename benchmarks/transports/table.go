package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ductile-go/ductile/ductiletest"
)

// of returns the verdicts of one promise.
func (c column) of(promise string) (all []ductiletest.Verdict) {
	for _, v := range c.verdicts {
		if v.Promise == promise {
			all = append(all, v)
		}
	}
	return all
}

// cell folds the verdicts of one promise: they are told apart by protocol only where they differ.
func (c column) cell(promise string) string {
	kept := false
	var broken []string
	judged := 0
	for _, v := range c.of(promise) {
		switch v.Outcome {
		case ductiletest.Kept:
			kept = true
			judged++
		case ductiletest.Broken:
			broken = append(broken, v.Protocol)
			judged++
		case ductiletest.Moot:
		}
	}
	switch {
	case len(broken) > 0 && len(broken) == judged:
		return "**broken**"
	case len(broken) > 0:
		return "**broken** over " + strings.Join(broken, ", ")
	case kept:
		return "kept"
	default:
		return "–"
	}
}

// broken returns how many promises are.
func (c column) broken() (n int) {
	for _, promise := range promises([]column{c}) {
		if strings.Contains(c.cell(promise), "broken") {
			n++
		}
	}
	return n
}

// findings returns what was found.
func (c column) findings() string {
	var all strings.Builder
	for _, v := range c.verdicts {
		if v.Outcome == ductiletest.Broken {
			fmt.Fprintf(&all, "\n%s: %s %s%s\n", c.name, v.Promise, v.Protocol, v.Text)
		}
	}
	return all.String()
}

// promises returns what was judged, in its order.
func promises(columns []column) (all []string) {
	for _, c := range columns {
		for _, v := range c.verdicts {
			if !slices.Contains(all, v.Promise) {
				all = append(all, v.Promise)
			}
		}
	}
	return all
}

// table returns what is kept by whom.
func table(columns []column, markdown bool) string {
	rows := [][]string{{"promise"}}
	for _, c := range columns {
		rows[0] = append(rows[0], strings.TrimSpace(c.name+" "+c.at))
	}
	for _, promise := range promises(columns) {
		row := []string{promise}
		for _, c := range columns {
			row = append(row, c.cell(promise))
		}
		rows = append(rows, row)
	}
	total := []string{"broken"}
	for _, c := range columns {
		total = append(total, strconv.Itoa(c.broken()))
	}
	rows = append(rows, total)
	var text strings.Builder
	if markdown {
		for i, row := range rows {
			text.WriteString("| " + strings.Join(row, " | ") + " |\n")
			if i == 0 {
				text.WriteString(strings.Repeat("|---", len(row)) + "|\n")
			}
		}
		return text.String()
	}
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.ReplaceAll(strings.Join(row, "\t"), "**", ""))
	}
	_ = w.Flush()
	return text.String()
}
