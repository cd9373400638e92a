package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/ductile-go/ductile/ductiletest"
)

// child is what tells a process whom it is to judge.
const child = "DUCTILE_TRANSPORTS_JUDGE"

// judgeHere judges a contestant, and writes a line for each verdict.
func judgeHere(name string) int {
	c, err := find(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	lines := json.NewEncoder(os.Stdout)
	for v := range ductiletest.JudgeRoundTripper(c.wrap) {
		if err := lines.Encode(v); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
	}
	return 0
}

// A column is what is said of one contestant.
type column struct {
	contestant
	at       string // its version
	verdicts []ductiletest.Verdict
}

// judgeAll judges whose names contain a text, a few at a time: they spend their time waiting for what does not come.
func judgeAll(ctx context.Context, only string, progress io.Writer) ([]column, error) {
	var columns []column
	for _, c := range contestants() {
		if strings.Contains(c.name, only) {
			columns = append(columns, column{contestant: c})
		}
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("no transport's name contains %q", only)
	}
	var group errgroup.Group
	group.SetLimit(4)
	told := make(chan string)
	var err error
	go func() {
		for i := range columns {
			group.Go(func() (err error) { // waits for its turn
				columns[i], err = judge(ctx, columns[i].contestant, told)
				return err
			})
		}
		err = group.Wait()
		close(told)
	}()
	verdicts := 0
	for last := range told {
		verdicts++
		fmt.Fprintf(progress, "\r\033[K%d verdicts, %s", verdicts, last)
	}
	fmt.Fprintf(progress, "\r\033[K%d verdicts\n", verdicts)
	return columns, err
}

// judge judges a contestant in a process of its own, and tells how far that is.
func judge(ctx context.Context, c contestant, told chan<- string) (column, error) {
	judged := column{contestant: c}
	var err error
	if judged.at, err = c.version(); err != nil {
		return judged, err
	}
	self, err := os.Executable()
	if err != nil {
		return judged, err
	}
	cmd := exec.CommandContext(ctx, self) //nolint:gosec // itself
	cmd.Env = append(os.Environ(), child+"="+c.name)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return judged, err
	}
	if err := cmd.Start(); err != nil {
		return judged, err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var v ductiletest.Verdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			continue // what a transport prints
		}
		judged.verdicts = append(judged.verdicts, v)
		told <- c.name + " " + v.Promise
	}
	if err := cmd.Wait(); err != nil {
		err = judged.ended(err, said.String())
		return judged, err
	}
	return judged, nil
}

// ended takes note of the promise in which a process ended: the last, of panics. Anything else is a mistake of this command's.
func (c *column) ended(err error, said string) error {
	const last = "lets a panic of the base pass"
	if i := strings.Index(said, "panic: ductiletest.RoundTripper: "); i >= 0 {
		text, _, _ := strings.Cut(said[i:], "\n")
		c.verdicts = append(c.verdicts, ductiletest.Verdict{Promise: last, Outcome: ductiletest.Broken, Text: "\n  happened: the program ended. " + text})
		return nil
	}
	return fmt.Errorf("%s: %w\n%s", c.name, err, said)
}
