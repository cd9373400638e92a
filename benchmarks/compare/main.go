// Command compare measures what calls cost through ductile and through its peers: all sides of each path by turns, in one process, and the
// median of the runs. It prints ratios against their gates and goals, what crowds of goroutines do to them, how they grow, what objects weigh, and
// where a peer is faster.
//
//	go run ./benchmarks/compare                                 about four minutes
//	go run ./benchmarks/compare -json all.json -plots pictures  the same, and the figures to keep
//	go run ./benchmarks/compare -check                          fails where a gate is missed
//	go run ./benchmarks/compare -quick                          seconds: fails where a gate is missed by far, for a machine that is busy
//
// Close what else is running. Two cores show whether callers hinder each other, not how far they scale.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/ductile-go/ductile/benchmarks"
)

func main() {
	endAtOnce()
	benchmarks.Quiet() // a peer writes, unless it is told not to
	o, err := parse(os.Args[1:], os.Stderr)
	switch {
	case err == flag.ErrHelp: //nolint:errorlint // it comes as it is
		os.Exit(0)
	case err != nil:
		os.Exit(2)
	}
	missed, err := run(o, os.Stdout, newProgress(os.Stderr))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if missed > 0 && (o.check || o.quick) {
		fmt.Fprintf(os.Stderr, "%d missed\n", missed)
		os.Exit(1)
	}
}

// endAtOnce has the program end when it is told to. A peer catches signals for the whole process, from a goroutine that may begin at any time, and takes
// seconds over them; who asks for them besides gets them, too.
func endAtOnce() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-told
		os.Exit(130) // as of a program that was interrupted
	}()
}

// run measures, prints, and returns how many gates are missed.
func run(o options, out io.Writer, p *progress) (missed int, err error) {
	if o.quick {
		return guard(o, out, p)
	}
	if err := o.makeRoom(); err != nil {
		return 0, err
	}
	r, err := measure(o, p)
	if err != nil {
		return 0, err
	}
	r.print(out)
	if o.json != "" {
		if err := r.save(o.json); err != nil {
			return 0, err
		}
	}
	if o.plots != "" {
		if err := r.plot(o.plots); err != nil {
			return 0, err
		}
	}
	return r.missed(), nil
}
