package contest

import (
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/ductiletest"
)

func TestCells(t *testing.T) {
	c := Column{partly: func(protocols []string) string { return "over " + strings.Join(protocols, ", ") }, Verdicts: []ductiletest.Verdict{
		{Promise: "a", Protocol: "HTTP/1.1"}, {Promise: "a", Protocol: "HTTP/2", Outcome: ductiletest.Moot},
		{Promise: "b", Protocol: "HTTP/1.1", Outcome: ductiletest.Broken}, {Promise: "b", Protocol: "HTTP/2"},
		{Promise: "c", Protocol: "HTTP/1.1", Outcome: ductiletest.Broken}, {Promise: "c", Protocol: "HTTP/2", Outcome: ductiletest.Moot},
		{Promise: "d", Protocol: "HTTP/1.1", Outcome: ductiletest.Moot},
	}}
	for promise, want := range map[string]string{"a": "kept", "b": "**broken** over HTTP/1.1", "c": "**broken**", "d": "–"} {
		assert.Equal(t, want, c.Cell(promise))
	}
	assert.Equal(t, 2, c.Broken())
	assert.Contains(t, Table([]Column{c}, true), "| b | **broken** over HTTP/1.1 |\n")
}

func TestNobodyIsCalledThat(t *testing.T) {
	c := Contest{Contestants: []Contestant{{Name: "somebody", Judge: func() iter.Seq[ductiletest.Verdict] { return nil }}}}
	_, err := c.find("nobody")
	require.Error(t, err)
	_, err = c.JudgeAll(t.Context(), "nobody", t.Output())
	require.Error(t, err)
}
