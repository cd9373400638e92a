// Command experiments reproduces results that the field is built on, with ductile's real policies and pipelines, and with those of its peers
// where they have the like, in virtual time (testing/synctest).
//
//	go run ./benchmarks/experiments                 all of them, in under three minutes on two cores
//	go run ./benchmarks/experiments -only tail      one
//	go run ./benchmarks/experiments -plots docs/experiments
//
// Each names its source, runs at least twenty seeds, and prints the reference beside what was measured, with a 95 % confidence interval. It
// exits with 1 if a result is outside of its tolerance. The same seeds give the same verdicts.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"testing"
	"time"
)

// experiments are all there are, in the order in which they are told.
var experiments = []Experiment{backoffAndJitter, retryStrategies, retryAmplification, tailAtScale, erlangLoss, metastableFailure, breakerTruth, wholeOutage}

func main() {
	only := flag.String("only", "", "run only experiments whose names match this regular expression")
	plots := flag.String("plots", "", "draw the plots into this directory")
	first := flag.Uint64("seed", 1, "the first seed; the others follow it")
	flag.Parse()
	wanted, err := regexp.Compile(*only)
	if err != nil || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	os.Args = os.Args[:1] // the rest was ours
	all := func(string, string) (bool, error) { return true, nil }
	testing.Main(all, []testing.InternalTest{{Name: "experiments", F: func(t *testing.T) {
		os.Exit(run(os.Stdout, &Lab{t: t, first: *first, plots: *plots, progress: os.Stderr}, experiments, wanted))
	}}}, nil, nil)
}

// run runs what is wanted, and returns the code to exit with: 1 if an experiment fails, and 2 if it cannot do what it is asked for.
func run(out io.Writer, lab *Lab, experiments []Experiment, wanted *regexp.Regexp) int {
	if err := lab.makeRoom(); err != nil {
		fmt.Fprintln(lab.progress, err)
		return 2
	}
	ran, failed := 0, 0
	begin := time.Now()
	for _, e := range experiments {
		if !wanted.MatchString(e.Name) {
			continue
		}
		ran++
		f := lab.examine(e)
		tell(out, e, f)
		if f.failed() {
			failed++
		}
		if lab.plots != "" {
			if err := f.draw(lab.plots, e.Name); err != nil {
				fmt.Fprintln(lab.progress, err)
				return 2
			}
		}
	}
	switch {
	case ran == 0:
		fmt.Fprintln(lab.progress, "no experiment's name matches")
		return 2
	case failed > 0:
		fmt.Fprintf(out, "%d of %d experiments FAILED, in %v\n", failed, ran, time.Since(begin).Round(time.Second))
		return 1
	default:
		fmt.Fprintf(out, "all %d experiments came out as they should, in %v\n", ran, time.Since(begin).Round(time.Second))
		return 0
	}
}
