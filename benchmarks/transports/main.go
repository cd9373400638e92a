// Command transports judges transports that make http.Client resilient, ours and others, by the promises of ductiletest.RoundTripper, and
// prints which of them keeps which.
//
//	go run ./benchmarks/transports             a minute or two
//	go run ./benchmarks/transports -markdown   the table of docs/transports.md
//	go run ./benchmarks/transports -v          with what was found
//
// It exits with 1 where ours breaks a promise. Each transport is judged in a process of its own, since one of them may end it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if name := os.Getenv(child); name != "" {
		os.Exit(judgeHere(name))
	}
	markdown := flag.Bool("markdown", false, "print the table for the documentation")
	verbose := flag.Bool("v", false, "print what was found")
	only := flag.String("only", "", "judge only transports whose names contain this")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	columns, err := judgeAll(context.Background(), *only, terminal(os.Stderr))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Print(table(columns, *markdown))
	broken := 0
	for _, c := range columns {
		if *verbose || c.ours {
			fmt.Print(c.findings())
		}
		if c.ours {
			broken += c.broken()
		}
	}
	if broken > 0 {
		fmt.Fprintf(os.Stderr, "ours breaks %d promises\n", broken)
		os.Exit(1)
	}
}

// terminal returns where progress is told: a terminal, on which a line can be written again and again, or else nowhere.
func terminal(f *os.File) io.Writer {
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return io.Discard
	}
	return f
}
