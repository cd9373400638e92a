package contest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ductile-go/ductile/ductiletest"
)

// Broken is what a cell says of a promise that is broken wherever it was judged.
const Broken = "**broken**"

// of returns the verdicts of one promise.
func (c Column) of(promise string) (all []ductiletest.Verdict) {
	for _, v := range c.Verdicts {
		if v.Promise == promise {
			all = append(all, v)
		}
	}
	return all
}

// Cell folds the verdicts of one promise: they are told apart only where they differ.
func (c Column) Cell(promise string) string {
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
		return Broken
	case len(broken) > 0:
		return Broken + " " + c.partly(broken)
	case kept:
		return "kept"
	default:
		return "–"
	}
}

// Broken returns how many promises are.
func (c Column) Broken() (n int) {
	for _, promise := range Promises([]Column{c}) {
		if strings.Contains(c.Cell(promise), "broken") {
			n++
		}
	}
	return n
}

// Findings returns what was found.
func (c Column) Findings() string {
	var all strings.Builder
	for _, v := range c.Verdicts {
		if v.Outcome == ductiletest.Broken {
			fmt.Fprintf(&all, "\n%s: %s %s%s\n", c.Name, v.Promise, v.Protocol, v.Text)
		}
	}
	return all.String()
}

// Promises returns what was judged, in its order.
func Promises(columns []Column) (all []string) {
	for _, c := range columns {
		for _, v := range c.Verdicts {
			if !slices.Contains(all, v.Promise) {
				all = append(all, v.Promise)
			}
		}
	}
	return all
}

// Table returns what is kept by whom.
func Table(columns []Column, markdown bool) string {
	rows := [][]string{{"promise"}}
	for _, c := range columns {
		rows[0] = append(rows[0], strings.TrimSpace(c.Name+" "+c.At))
	}
	for _, promise := range Promises(columns) {
		row := []string{promise}
		for _, c := range columns {
			row = append(row, c.Cell(promise))
		}
		rows = append(rows, row)
	}
	total := []string{"broken"}
	for _, c := range columns {
		total = append(total, strconv.Itoa(c.Broken()))
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
