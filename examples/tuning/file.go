package main

import (
	"context"
	"io"
	"os"
	"time"
)

// follow turns the knobs whenever the file changes, until ctx ends. It looks at what is in the file, and not at its time, since that is what
// counts where an orchestrator swaps links. tell hears of each change: nil, or why it was refused. Then the numbers of before go on holding.
func follow(ctx context.Context, path string, every time.Duration, k *Knobs, tell func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := ""
	for {
		if text, err := read(path); err == nil && text != last { // a file that is gone for a moment is being replaced
			last = text
			s, err := parse([]byte(text))
			if err == nil {
				err = k.Turn(s)
			}
			tell(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// read reads a file, as far as settings go.
func read(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // the operator's own
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxSettings))
	return string(text), err
}
