package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// A progress says how far a run is: on one line of a terminal, or else on a line for each step.
type progress struct {
	out      io.Writer
	terminal bool
	began    time.Time
	done, of int
}

// newProgress returns one that has not begun.
func newProgress(out *os.File) *progress {
	p := &progress{out: out, began: time.Now()}
	if info, err := out.Stat(); err == nil {
		p.terminal = info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// expect says how many steps there will be.
func (p *progress) expect(steps int) { p.of += steps }

// step says what begins.
func (p *progress) step(what string) {
	p.done++
	line := fmt.Sprintf("%d/%d %s (%v)", p.done, p.of, what, time.Since(p.began).Round(time.Second))
	if p.terminal {
		fmt.Fprintf(p.out, "\r\033[K%s", line)
		return
	}
	fmt.Fprintln(p.out, line)
}

// end makes room for what is printed next.
func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\033[K")
	}
}
