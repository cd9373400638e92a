// Package contest compares libraries by the promises of a kit, and prints which of them keeps which. Commands transports and interceptors are made of
// it.
package contest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/ductile-go/ductile/ductiletest"
)

// A Contest is what is compared, and by which kit.
type Contest struct {
	Contestants []Contestant // ours first
	Last        string       // the promise that ends a program where it is not kept
	Ends        string       // how such a program's last words begin
	Partly      func(protocols []string) string
}

// A Contestant is one who is judged.
type Contestant struct {
	Name   string
	Module string // whose version is printed; empty for what has none of its own
	Ours   bool
	Judge  func() iter.Seq[ductiletest.Verdict] // by the kit
}

// Main is the main function of a command: its flags are -markdown, -v and -only. It returns with what the command exits: 1 where ours breaks a
// promise.
func (c Contest) Main() int {
	if code, is := c.Child(); is {
		return code
	}
	flag.Usage = func() { // by its name, and not by where it was built
		fmt.Fprintf(flag.CommandLine.Output(), "Usage of %s:\n", filepath.Base(os.Args[0]))
		flag.PrintDefaults()
	}
	markdown := flag.Bool("markdown", false, "print the table for the documentation")
	verbose := flag.Bool("v", false, "print what was found")
	only := flag.String("only", "", "judge only those whose names contain this")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "there are no arguments, such as %q\n", flag.Arg(0))
		flag.Usage()
		return 2
	}
	columns, err := c.JudgeAll(context.Background(), *only, terminal(os.Stderr))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	fmt.Print(Table(columns, *markdown))
	broken := 0
	for _, column := range columns {
		if *verbose || column.Ours {
			fmt.Print(column.Findings())
		}
		if column.Ours {
			broken += column.Broken()
		}
	}
	if broken > 0 {
		fmt.Fprintf(os.Stderr, "ours breaks %d promises\n", broken)
		return 1
	}
	return 0
}

// terminal returns where progress is told: a terminal, on which a line can be written again and again, or else nowhere.
func terminal(f *os.File) io.Writer {
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return io.Discard
	}
	return f
}

// find returns the contestant of a name.
func (c Contest) find(name string) (Contestant, error) {
	for _, contestant := range c.Contestants {
		if contestant.Name == name {
			return contestant, nil
		}
	}
	return Contestant{}, fmt.Errorf("nobody is called %q", name)
}

// Version returns that of a contestant's module.
func (c Contestant) Version() (string, error) {
	if c.Ours || c.Module == "" {
		return "", nil // what is here
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "", errors.New("this program does not know its modules")
	}
	for _, m := range build.Deps {
		if m.Path == c.Module {
			return m.Version, nil
		}
	}
	return "", fmt.Errorf("%s is not in this program", c.Module)
}
