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
	"strings"
	"testing"
	"time"
)

// experiments are all there are, in the order in which they are told.
var experiments = []Experiment{backoffAndJitter, retryStrategies, retryAmplification, tailAtScale, erlangLoss, metastableFailure, breakerTruth, wholeOutage}

func main() {
	lab, wanted, err := parse(os.Args[1:], os.Stderr)
	switch {
	case err == flag.ErrHelp: //nolint:errorlint // it comes as it is
		os.Exit(0)
	case err != nil:
		os.Exit(2)
	}
	os.Args = os.Args[:1] // the rest was ours
	if info, err := os.Stderr.Stat(); err == nil {
		lab.terminal = info.Mode()&os.ModeCharDevice != 0
	}
	all := func(string, string) (bool, error) { return true, nil }
	testing.Main(all, []testing.InternalTest{{Name: "experiments", F: func(t *testing.T) {
		lab.t = t
		os.Exit(run(os.Stdout, lab, experiments, wanted))
	}}}, nil, nil)
}

// parse reads flags, and says what is wrong with them.
func parse(args []string, say io.Writer) (lab *Lab, wanted *regexp.Regexp, err error) {
	lab = &Lab{progress: say}
	flags := flag.NewFlagSet("experiments", flag.ContinueOnError)
	flags.SetOutput(say)
	only := flags.String("only", "", "run only experiments whose names match this regular expression:\n"+names())
	flags.StringVar(&lab.plots, "plots", "", "draw the plots into this directory")
	flags.Uint64Var(&lab.first, "seed", 1, "the first seed; the others follow it")
	if err := flags.Parse(args); err != nil {
		return nil, nil, err // it has been said
	}
	wanted, err = regexp.Compile(*only)
	switch {
	case err != nil:
		err = fmt.Errorf("-only: %w", err)
	case flags.NArg() > 0:
		err = fmt.Errorf("there are no arguments, such as %q: for one experiment there is -only", flags.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(say, err)
		flags.Usage()
	}
	return lab, wanted, err
}

// names are those of all experiments.
func names() string {
	var all []string
	for _, e := range experiments {
		all = append(all, e.Name)
	}
	return strings.Join(all, ", ")
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
		fmt.Fprintf(lab.progress, "no experiment's name matches %q; there are %s\n", wanted, names())
		return 2
	case failed > 0:
		fmt.Fprintf(out, "%d of %d experiments FAILED, in %v\n", failed, ran, time.Since(begin).Round(time.Second))
		return 1
	default:
		fmt.Fprintf(out, "all %d experiments came out as they should, in %v\n", ran, time.Since(begin).Round(time.Second))
		return 0
	}
}
