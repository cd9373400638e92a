package main

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// introduce says what is about to happen.
func introduce(w io.Writer, protected fmt.Stringer) {
	fmt.Fprintf(w, "%v\n\n", protected)
	paragraph(w, fmt.Sprintf("Two servers have the same handler, which asks a database of %d connections for %s: %.0f requests a second is what they "+
		"can do. Customers who have no answer after %s leave, and the handler hears of it. One server is bare, the other behind the "+
		"pipeline above. Both get the same requests.", connections, ms(takes), capacity, ms(patience)))
}

const layout = "%-6v %-10v %8v %8v %8v %7v %7v  %s\n"

func heading(w io.Writer) {
	fmt.Fprintf(w, layout, "", "", "answered", "", "too", "", "", "answered, of what")
	fmt.Fprintf(w, layout, "load", "server", "in time", "refused", "late", "p50", "p99", "it can do")
}

// row prints what each server made of a load. The percentiles are those of the answers that came in time.
func row(w io.Writer, s stage) {
	server := func(load, name string, o outcome) {
		fmt.Fprintf(w, layout, load, name, fmt.Sprintf("%.0f /s", o.goodput()), percent(o.share(len(o.refused))), percent(o.share(o.late)),
			o.good.shown(50), o.good.shown(99), bar(o.goodput()/capacity))
	}
	server(fmt.Sprintf("%.1f x", s.load), "bare", s.bare)
	server("", "protected", s.protected)
}

// bar draws a share.
func bar(share float64) string {
	const whole = 16
	full := min(int(math.Round(share*whole)), whole)
	return strings.Repeat("█", full) + strings.Repeat("░", whole-full)
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
