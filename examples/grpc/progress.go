package main

import (
	"fmt"
	"os"
	"time"
)

// progress is a line on a terminal that is written again and again. Where there is no terminal nothing is written.
type progress struct {
	terminal *os.File
	next     time.Time
}

func newProgress(f *os.File) *progress {
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return new(progress)
	}
	return &progress{terminal: f}
}

// say replaces the line, ten times a second at most.
func (p *progress) say(format string, args ...any) {
	if now := time.Now(); p.terminal != nil && !now.Before(p.next) {
		p.next = now.Add(time.Second / 10)
		fmt.Fprintf(p.terminal, "\r\033[K"+format, args...)
	}
}

// clear takes the line away.
func (p *progress) clear() {
	if p.terminal != nil {
		fmt.Fprint(p.terminal, "\r\033[K")
		p.next = time.Time{}
	}
}
