package contest

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
const child = "DUCTILE_CONTESTANT"

// Child judges a contestant, and writes a line for each verdict, where this process was started for that; a TestMain asks first. It returns with
// what the process exits.
func (c Contest) Child() (code int, is bool) {
	name := os.Getenv(child)
	if name == "" {
		return 0, false
	}
	contestant, err := c.find(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2, true
	}
	lines := json.NewEncoder(os.Stdout)
	for v := range contestant.Judge() {
		if err := lines.Encode(v); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2, true
		}
	}
	return 0, true
}

// A Column is what is said of one contestant.
type Column struct {
	Contestant
	At       string // its version
	Verdicts []ductiletest.Verdict
	partly   func(protocols []string) string
}

// JudgeAll judges whose names contain a text, a few at a time: they spend their time waiting for what does not come. Each is judged in a process of
// its own, since one of them may end it.
func (c Contest) JudgeAll(ctx context.Context, only string, progress io.Writer) ([]Column, error) {
	var columns []Column
	for _, contestant := range c.Contestants {
		if strings.Contains(contestant.Name, only) {
			columns = append(columns, Column{Contestant: contestant, partly: c.Partly})
		}
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("nobody's name contains %q", only)
	}
	var group errgroup.Group
	group.SetLimit(4)
	told := make(chan string)
	var err error
	go func() {
		for i := range columns {
			group.Go(func() error { return c.judge(ctx, &columns[i], told) }) // waits for its turn
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

// judge judges a contestant, and tells how far that is.
func (c Contest) judge(ctx context.Context, column *Column, told chan<- string) error {
	var err error
	if column.At, err = column.Version(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self) //nolint:gosec // itself
	cmd.Env = append(os.Environ(), child+"="+column.Name)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var v ductiletest.Verdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			continue // what a library prints
		}
		column.Verdicts = append(column.Verdicts, v)
		told <- column.Name + " " + v.Promise
	}
	if err := cmd.Wait(); err != nil {
		return c.ended(column, err, said.String())
	}
	return nil
}

// ended takes note of the promise in which a process ended: the last, of panics. Anything else is a mistake of this program's.
func (c Contest) ended(column *Column, err error, said string) error {
	if i := strings.Index(said, c.Ends); i >= 0 {
		text, _, _ := strings.Cut(said[i:], "\n")
		column.Verdicts = append(column.Verdicts,
			ductiletest.Verdict{Promise: c.Last, Outcome: ductiletest.Broken, Text: "\n  happened: the program ended. " + text})
		return nil
	}
	return fmt.Errorf("%s: %w\n%s", column.Name, err, said)
}
