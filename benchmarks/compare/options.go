package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ductile-go/ductile/benchmarks"
)

// The options of a run, as its flags say.
type options struct {
	runs       int
	about      time.Duration // of a measurement of a path
	goroutines []int         // of crowds
	only       *regexp.Regexp
	check      bool
	quick      bool
	json       string
	plots      string
}

// least is how much of the time of a path one of a crowd or of a growth has, of which there are many more.
const least = 5

// parse reads flags, and says what is wrong with them.
func parse(args []string, say io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(say)
	flags.IntVar(&o.runs, "runs", 10, "how often each side is measured")
	flags.DurationVar(&o.about, "time", 100*time.Millisecond,
		"how long each measurement of a path takes, about;\nthose of crowds and growths take a fifth")
	goroutines := flags.String("goroutines", "1,16,256", "how many goroutines a crowd has; none where empty")
	only := flags.String("path", "", "measure only what has a name that matches this regular expression")
	flags.BoolVar(&o.check, "check", false, "exit with 1 where a gate is missed")
	flags.BoolVar(&o.quick, "quick", false, "a guard against regressions: measure only what has a gate, shortly,\nand exit with 1 where it is missed by far")
	flags.StringVar(&o.json, "json", "", "write all figures to this file")
	flags.StringVar(&o.plots, "plots", "", "draw plots into this directory")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.goroutines, err = numbers(*goroutines)
	if err == nil {
		if o.only, err = regexp.Compile(*only); err != nil {
			err = fmt.Errorf("-path: %w", err)
		}
	}
	switch {
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("there are no arguments, such as %q", flags.Arg(0))
	case o.runs < 1 || o.about <= 0:
		err = errors.New("-runs and -time must be above zero")
	case o.quick:
		flags.Visit(func(f *flag.Flag) {
			if f.Name != "quick" && f.Name != "path" {
				err = fmt.Errorf("-%s does nothing beside -quick, which prints, and has its own way to measure", f.Name)
			}
		})
	}
	if err != nil {
		fmt.Fprintln(say, err)
		flags.Usage()
	}
	return o, err
}

// numbers reads a list of how many goroutines there are.
func numbers(list string) (all []int, err error) {
	for text := range strings.SplitSeq(list, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > benchmarks.MostGoroutines {
			return nil, fmt.Errorf("-goroutines: %q is not a number from 1 to %d", text, benchmarks.MostGoroutines)
		}
		if !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all, nil
}

// makeRoom makes the directory and the file that are to be written, before minutes are spent on what has no place. What is in a file stays there
// until there is something new.
func (o options) makeRoom() error {
	if o.plots != "" {
		if err := os.MkdirAll(o.plots, 0o755); err != nil { //nolint:gosec // pictures are nobody's secret
			return fmt.Errorf("-plots: %w", err)
		}
	}
	if o.json == "" {
		return nil
	}
	file, err := os.OpenFile(o.json, os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // figures are nobody's secret
	if err != nil {
		return fmt.Errorf("-json: %w", err)
	}
	return file.Close()
}
