package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ductile-go/ductile/benchmarks"
)

// A row of a table: one path or one weight.
type row struct {
	cells  []string
	note   string // what the name and the figures stand for
	missed bool
}

// The columns of the table of paths, and of the one of weights.
var (
	pathColumns   = []string{"path", "ours", "peer's", "ratio", "min … max", "gate", "goal", "verdict", "allocs"}
	weightColumns = []string{"object", "ours", "gate", "goal", "verdict", "peer's", "ratio"}
)

// timed is the row of a path.
func timed(p benchmarks.Path, s samples) row {
	ratio := median(s.ratios)
	verdict, missed := judge(ratio, p.Gate, p.Goal)
	note := fmt.Sprintf("%s, %s / %s: %s. %s", p.Name, p.Ours.By, p.Peer.By, p.What, p.Note)
	if s.allocs[0] > p.Allocs {
		verdict, missed = "MISSED", true
		note += fmt.Sprintf(" MISSED: ours may allocate %d times, and did %d times.", p.Allocs, s.allocs[0])
	}
	return row{
		cells: []string{
			p.Name, nanoseconds(median(s.ours)), nanoseconds(median(s.peer)),
			fmt.Sprintf("%.2f", ratio), fmt.Sprintf("%.2f … %.2f", slices.Min(s.ratios), slices.Max(s.ratios)),
			fmt.Sprintf("%.2f", p.Gate), fmt.Sprintf("%.2f", p.Goal), verdict, fmt.Sprintf("%d / %d", s.allocs[0], s.allocs[1]),
		},
		note:   note,
		missed: missed,
	}
}

// nanoseconds prints a time in few digits.
func nanoseconds(ns float64) string {
	if ns < 9999.5 {
		return fmt.Sprintf("%.0f ns", ns)
	}
	return fmt.Sprintf("%.0f µs", ns/1000)
}

// weighed is the row of a weight, whose gate and goal are bytes.
func weighed(w benchmarks.Weight) row {
	ours, peer := benchmarks.Weigh(w.Make), benchmarks.Weigh(w.MakePeers)
	verdict, missed := judge(float64(ours), float64(w.Gate), float64(w.Goal))
	return row{
		cells: []string{
			w.Name, bytes(ours), bytes(w.Gate), bytes(w.Goal), verdict, bytes(peer), fmt.Sprintf("%.2f", float64(ours)/float64(peer)),
		},
		note:   fmt.Sprintf("%s, ductile / %s: %s. %s", w.Name, w.Peer, w.What, w.Note),
		missed: missed,
	}
}

func bytes(n uint64) string { return fmt.Sprintf("%d B", n) }

// judge says what a figure means, the lower the better.
func judge(figure, gate, goal float64) (verdict string, missed bool) {
	switch {
	case figure <= goal:
		return "goal", false
	case figure <= gate:
		return "gate", false
	default:
		return "MISSED", true
	}
}

// header says where and with what was measured.
func header(w io.Writer, runs int) {
	cores := runtime.GOMAXPROCS(0)
	wrap(w, fmt.Sprintf("%s, %d cores, %s %s/%s; median of %d runs, both sides by turns.",
		cpu(), cores, runtime.Version(), runtime.GOOS, runtime.GOARCH, runs))
	if info, ok := debug.ReadBuildInfo(); ok {
		var modules []string
		for _, module := range info.Deps {
			modules = append(modules, module.Path+"@"+module.Version)
		}
		wrap(w, strings.Join(modules, ", "))
	}
	if runs < 10 {
		wrap(w, "Fewer than 10 runs: a look, not a measurement.")
	}
	if cores <= 2 {
		wrap(w, fmt.Sprintf("%d cores prove no scaling: rows \"on all cores\" show how much a few callers hinder each other.", cores))
	}
	wrap(w, "Quote the ratios, not the times: machines differ.")
	fmt.Fprintln(w)
}

// cpu returns the processor's name where the system says it.
func cpu() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere there is none
	if found := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(text); found != nil {
		return string(found[1])
	}
	return "unknown processor"
}

// table prints rows, if there are any: aligned to be read as they are, as a Markdown table, and their notes.
func table(w io.Writer, columns []string, rows []row) {
	if len(rows) == 0 {
		return
	}
	widths := make([]int, len(columns))
	rule := make([]string, len(columns))
	for i := range columns {
		widths[i] = utf8.RuneCountInString(columns[i])
		for _, r := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(r.cells[i]))
		}
		rule[i] = strings.Repeat("-", widths[i])
	}
	line := func(cells []string) {
		for i, cell := range cells {
			fmt.Fprintf(w, "| %-*s ", widths[i], cell)
		}
		fmt.Fprintln(w, "|")
	}
	line(columns)
	line(rule)
	for _, r := range rows {
		line(r.cells)
	}
	fmt.Fprintln(w)
	for _, r := range rows {
		wrap(w, "- "+r.note)
	}
	fmt.Fprintln(w)
}

// width is how many columns a terminal has that everybody can read.
const width = 100

// wrap prints a paragraph, whose lines are indented from the second on where it is an item of a list.
func wrap(w io.Writer, text string) {
	indent := ""
	if strings.HasPrefix(text, "- ") {
		indent = "  "
	}
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			fmt.Fprintln(w, line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	fmt.Fprintln(w, line)
}
