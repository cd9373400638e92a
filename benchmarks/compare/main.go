// Command compare measures what calls cost through ductile and through its peers: both sides of each path by turns, in one process,
// and the median of the runs. It prints a table of ratios against their gates and goals.
//
//	go run ./benchmarks/compare             about three minutes
//	go run ./benchmarks/compare -check      fails where a gate is missed
//
// Close what else is running. Two cores show whether callers hinder each other, not how far they scale.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/ductile-go/ductile/benchmarks"
)

func main() {
	runs := flag.Int("runs", 10, "how often each side is measured")
	about := flag.Duration("time", 300*time.Millisecond, "how long each measurement takes, about")
	only := flag.String("path", "", "measure only paths whose names match this regular expression")
	check := flag.Bool("check", false, "exit with 1 where a gate is missed")
	flag.Parse()
	if *runs < 1 || *about <= 0 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	missed, err := compare(*runs, *about, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if *check && missed > 0 {
		fmt.Fprintf(os.Stderr, "%d gates missed\n", missed)
		os.Exit(1)
	}
}

// compare measures and prints, and returns how many gates are missed.
func compare(runs int, about time.Duration, only string) (missed int, err error) {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return 0, err
	}
	var timings, sizes []row
	for _, path := range benchmarks.Paths {
		if !wanted.MatchString(path.Name) {
			continue
		}
		s, err := sample(path, runs, about)
		if err != nil {
			return 0, err
		}
		timings = append(timings, timed(path, s))
	}
	for _, weight := range benchmarks.Weights {
		if wanted.MatchString(weight.Name) {
			sizes = append(sizes, weighed(weight))
		}
	}
	if len(timings)+len(sizes) == 0 {
		return 0, fmt.Errorf("no path's name matches %q", only)
	}
	header(os.Stdout, runs)
	table(os.Stdout, pathColumns, timings)
	table(os.Stdout, weightColumns, sizes)
	for _, r := range slices.Concat(timings, sizes) {
		if r.missed {
			missed++
		}
	}
	return missed, nil
}

// samples are the costs of the runs of both sides, and the ratio of each pair.
type samples struct {
	ours, peer []float64 // ns
	ratios     []float64
	allocs     [2]uint64 // the most of any run
}

// sample measures both sides of a path by turns. The ratio is taken within each pair, whose halves met the same mood of the machine,
// and who goes first changes from pair to pair.
func sample(path benchmarks.Path, runs int, about time.Duration) (s samples, err error) {
	var calls [2]int
	for i, side := range path.Sides() {
		if calls[i], err = path.Enough(side, about); err != nil {
			return s, err
		}
	}
	for run := range runs {
		var pair [2]benchmarks.Cost
		for turn := range 2 {
			i := (run + turn) % 2
			if pair[i], err = path.Measure(path.Sides()[i], calls[i]); err != nil {
				return s, err
			}
			s.allocs[i] = max(s.allocs[i], pair[i].Allocs)
		}
		s.ours = append(s.ours, pair[0].Nanoseconds)
		s.peer = append(s.peer, pair[1].Nanoseconds)
		s.ratios = append(s.ratios, pair[0].Nanoseconds/pair[1].Nanoseconds)
		fmt.Fprintf(os.Stderr, "%s %d/%d: %.0f ns, %.0f ns, %.2f\n", path.Name, run+1, runs, pair[0].Nanoseconds, pair[1].Nanoseconds, s.ratios[run])
	}
	return s, nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
