package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/ductiletest"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(child); name != "" {
		os.Exit(judgeHere(name))
	}
	os.Exit(m.Run())
}

// What docs/transports.md says of others is so, promise by promise: what it calls broken is, over one protocol at least. That they keep the
// rest is not asked, nor what differs by protocol, which may be chance: busy machines are unkind. But ours breaks nothing.
func TestTable(t *testing.T) {
	text, err := os.ReadFile("../../docs/transports.md")
	require.NoError(t, err)
	columns, err := judgeAll(t.Context(), "", io.Discard)
	require.NoError(t, err)
	var names []string
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case cells[0] == "promise":
			names = cells
		case len(cells) != len(columns)+1 || cells[0] == "---" || cells[0] == "broken":
			continue
		default:
			rows++
			for i, c := range columns {
				if c.ours {
					assert.NotContains(t, c.cell(cells[0])+cells[i+1], "broken", "%s: %s%s", c.name, cells[0], c.findings())
				} else if cells[i+1] == "**broken**" {
					assert.Contains(t, c.cell(cells[0]), "broken", "%s: %s", names[i+1], cells[0])
				}
			}
		}
	}
	require.Len(t, names, len(columns)+1)
	for i, c := range columns {
		at, _ := c.version()
		assert.Contains(t, names[i+1], c.name)
		assert.Contains(t, names[i+1], at, "the version that was judged")
	}
	assert.Len(t, promises(columns), rows, "each promise has its row")
}

func TestCells(t *testing.T) {
	c := column{verdicts: []ductiletest.Verdict{
		{Promise: "a", Protocol: "HTTP/1.1"}, {Promise: "a", Protocol: "HTTP/2", Outcome: ductiletest.Moot},
		{Promise: "b", Protocol: "HTTP/1.1", Outcome: ductiletest.Broken}, {Promise: "b", Protocol: "HTTP/2"},
		{Promise: "c", Protocol: "HTTP/1.1", Outcome: ductiletest.Broken}, {Promise: "c", Protocol: "HTTP/2", Outcome: ductiletest.Moot},
		{Promise: "d", Protocol: "HTTP/1.1", Outcome: ductiletest.Moot},
	}}
	for promise, want := range map[string]string{"a": "kept", "b": "**broken** over HTTP/1.1", "c": "**broken**", "d": "–"} {
		assert.Equal(t, want, c.cell(promise))
	}
	assert.Equal(t, 2, c.broken())
	assert.Contains(t, table([]column{c}, true), "| b | **broken** over HTTP/1.1 |\n")
}

func TestNobodyIsCalledThat(t *testing.T) {
	_, err := find("nobody")
	require.Error(t, err)
	_, err = judgeAll(t.Context(), "nobody", io.Discard)
	require.Error(t, err)
}
