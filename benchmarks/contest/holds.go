package contest

import (
	"io"
	"os"
	"strings"
	"testing"
)

// Holds fails where what a document says in its table is not so, promise by promise: what it calls broken of others is, at least in part. That they
// keep the rest is not asked, nor what is broken only in part, which may be chance: busy machines are unkind. But ours breaks nothing.
func (c Contest) Holds(t *testing.T, document string) {
	t.Helper()
	text, err := os.ReadFile(document) //nolint:gosec // a test's
	if err != nil {
		t.Fatal(err)
	}
	columns, err := c.JudgeAll(t.Context(), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	rows := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case cells[0] == "promise":
			names = cells[1:]
		case len(cells) != len(columns)+1 || cells[0] == "---" || cells[0] == "broken":
		default:
			rows[cells[0]] = true
			for i, column := range columns {
				column.holds(t, cells[0], cells[i+1])
			}
		}
	}
	if len(names) != len(columns) {
		t.Fatalf("the table has columns for %q, want %d", names, len(columns))
	}
	for i, column := range columns {
		if want := strings.TrimSpace(column.Name + " " + column.At); names[i] != want {
			t.Errorf("a column is of %q, and %q was judged", names[i], want)
		}
	}
	for _, promise := range Promises(columns) {
		if !rows[promise] {
			t.Errorf("no row: %s", promise)
		}
		delete(rows, promise)
	}
	for promise := range rows {
		t.Errorf("no such promise any more: %s", promise)
	}
}

// holds fails where a cell of the table is not so.
func (c Column) holds(t *testing.T, promise, written string) {
	t.Helper()
	is := c.Cell(promise)
	switch {
	case c.Ours && strings.Contains(is+written, "broken"):
		t.Errorf("%s: %s%s", c.Name, promise, c.Findings())
	case !c.Ours && written == Broken && !strings.Contains(is, "broken"):
		t.Errorf("%s: %s: the table says that it is broken, and it is: %s", c.Name, promise, is)
	}
}
