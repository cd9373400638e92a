package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ductile-go/ductile/benchmarks"
)

// A row of the table: one path or one weight.
type row struct {
	cells  []string
	note   string
	missed bool
}

var columns = []string{"path", "calls through", "ours", "allocs", "peer", "peer's", "allocs", "ratio", "min … max", "gate", "goal", "verdict"}

// timed is the row of a path.
func timed(p benchmarks.Path, s samples) row {
	ratio := median(s.ratios)
	verdict, missed := judge(ratio, p.Gate, p.Goal)
	if s.allocs[0] > p.Allocs {
		verdict, missed = fmt.Sprintf("MISSED: at most %d allocs", p.Allocs), true
	}
	return row{
		cells: []string{
			p.Name, p.What,
			fmt.Sprintf("%.0f ns", median(s.ours)), strconv.FormatUint(s.allocs[0], 10),
			p.Peer.By, fmt.Sprintf("%.0f ns", median(s.peer)), strconv.FormatUint(s.allocs[1], 10),
			fmt.Sprintf("%.2f", ratio), fmt.Sprintf("%.2f … %.2f", slices.Min(s.ratios), slices.Max(s.ratios)),
			fmt.Sprintf("%.2f", p.Gate), fmt.Sprintf("%.2f", p.Goal), verdict,
		},
		note:   p.Name + ": " + p.Note,
		missed: missed,
	}
}

// weighed is the row of a weight, whose gate and goal are bytes.
func weighed(w benchmarks.Weight) row {
	ours, peer := benchmarks.Weigh(w.Make), benchmarks.Weigh(w.MakePeers)
	verdict, missed := judge(float64(ours), float64(w.Gate), float64(w.Goal))
	return row{
		cells: []string{
			w.Name, w.What,
			fmt.Sprintf("%d B", ours), "", w.Peer, fmt.Sprintf("%d B", peer), "",
			fmt.Sprintf("%.2f", float64(ours)/float64(peer)), "",
			fmt.Sprintf("%d B", w.Gate), fmt.Sprintf("%d B", w.Goal), verdict,
		},
		note:   w.Name + ": " + w.Note,
		missed: missed,
	}
}

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
	fmt.Fprintf(w, "%s, %d cores, %s %s/%s; median of %d runs, both sides by turns.\n", cpu(), cores, runtime.Version(), runtime.GOOS, runtime.GOARCH, runs)
	if info, ok := debug.ReadBuildInfo(); ok {
		var modules []string
		for _, module := range info.Deps {
			modules = append(modules, module.Path+" "+module.Version)
		}
		fmt.Fprintln(w, strings.Join(modules, ", "))
	}
	if runs < 10 {
		fmt.Fprintln(w, "Fewer than 10 runs: a look, not a measurement.")
	}
	if cores <= 2 {
		fmt.Fprintf(w, "%d cores prove no scaling: rows \"on all cores\" show how much a few callers hinder each other.\n", cores)
	}
	fmt.Fprint(w, "Quote the ratios, not the times: machines differ.\n\n")
}

// cpu returns the processor's name where the system says it.
func cpu() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere there is none
	if found := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(text); found != nil {
		return string(found[1])
	}
	return "unknown processor"
}

// table prints the rows, aligned to be read as they are, as a Markdown table, and their notes.
func table(w io.Writer, rows []row) {
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
		fmt.Fprintln(w, "- "+r.note)
	}
}
