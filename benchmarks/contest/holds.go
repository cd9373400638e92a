package contest

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// Holds fails where what a document says in its table is not so, promise by promise: what it calls broken of others is, at least in part, and
// at least now and then. That they keep the rest is not asked, nor what is broken only in part, which may be chance: busy machines are unkind. But
// ours breaks nothing.
func (c Contest) Holds(t *testing.T, document string) {
	t.Helper()
	columns, err := c.JudgeAll(t.Context(), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	names, rows := read(t, document, len(columns))
	if len(names) != len(columns) {
		t.Fatalf("the table has columns for %q, want %d", names, len(columns))
	}
	for i, column := range columns {
		if want := strings.TrimSpace(column.Name + " " + column.At); names[i] != want {
			t.Errorf("a column is of %q, and %q was judged", names[i], want)
		}
		written := map[string]string{}
		for promise, cells := range rows {
			written[promise] = cells[i]
		}
		if column.Ours {
			column.keeps(t, written)
		} else if missing := c.missing(t, column, written); len(missing) > 0 {
			t.Errorf("%s: the table says that these are broken, and they were not in %d tries: %q", column.Name, tries, missing)
		}
	}
	for _, promise := range Promises(columns) {
		if rows[promise] == nil {
			t.Errorf("no row: %s", promise)
		}
		delete(rows, promise)
	}
	for promise := range rows {
		t.Errorf("no such promise any more: %s", promise)
	}
}

// read returns the names of a document's table, and its cells by promise.
func read(t *testing.T, document string, columns int) (names []string, rows map[string][]string) {
	t.Helper()
	text, err := os.ReadFile(document) //nolint:gosec // a test's
	if err != nil {
		t.Fatal(err)
	}
	rows = map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case cells[0] == "promise":
			names = cells[1:]
		case len(cells) != columns+1 || cells[0] == "---" || cells[0] == "broken":
		default:
			rows[cells[0]] = cells[1:]
		}
	}
	return names, rows
}

// keeps fails where a column of ours breaks something, or is said to.
func (c Column) keeps(t *testing.T, written map[string]string) {
	t.Helper()
	for promise, cell := range written {
		if strings.Contains(c.Cell(promise)+cell, "broken") {
			t.Errorf("%s: %s%s", c.Name, promise, c.Findings())
		}
	}
}

// tries is how often somebody is judged who is said to break a promise and does not: what hangs on which of two goroutines is first shows only
// now and then.
const tries = 5

// missing returns what is written to be broken, and is not in any of some tries.
func (c Contest) missing(t *testing.T, column Column, written map[string]string) []string {
	t.Helper()
	var missing []string
	for promise, cell := range written {
		if cell == Broken {
			missing = append(missing, promise)
		}
	}
	c.Contestants = []Contestant{column.Contestant}
	for try := 1; ; try++ {
		missing = slices.DeleteFunc(missing, func(promise string) bool { return strings.Contains(column.Cell(promise), "broken") })
		if len(missing) == 0 || try == tries {
			return missing
		}
		t.Logf("%s, after %d of %d tries, still keeps %q", column.Name, try, tries, missing)
		columns, err := c.JudgeAll(t.Context(), "", io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		column = columns[0]
	}
}
