package fallback_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fallback"
)

// A function that returns context.Canceled under a live context has failed like any other: the driver marks the error so, for the
// policies. A chain took the mark off before it asked its links, which took the bare context.Canceled for a caller who had gone:
// where one fallback answered, a chain of two did not.
func TestBugAChainTookTheDriversMarkOff(t *testing.T) {
	chain := fallback.Chain([]*fallback.Policy{
		fallback.Value(1, fallback.Name("cache")),
		fallback.Value(2, fallback.Name("default")),
	})
	got, err := call[int](t.Context(), context.Canceled, chain)
	require.NoError(t, err)
	assert.Equal(t, 1, got)
}

// A chain kept the slice it was given, so that whoever reused that slice changed a fallback in use.
func TestBugAChainKeptItsCallersSlice(t *testing.T) {
	links := []*fallback.Policy{fallback.Value(1), fallback.Value(2)}
	chain := fallback.Chain(links)
	links[0], links[1] = nil, nil

	got, err := call[int](t.Context(), errDown, chain)
	require.NoError(t, err)
	assert.Equal(t, 1, got)
}
