package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A report with a single figure, or none, can be drawn, too.
func TestPlotsOfLittle(t *testing.T) {
	one := Spread{1, 1, 1}
	dir := t.TempDir()
	r := &Report{
		Paths:   []Result{{Path: "a", Ours: Cost{By: "ductile", Nanoseconds: one}, Peers: []Peer{{Cost{By: "b", Nanoseconds: one}, one, ""}}}},
		Crowds:  []Result{{Path: "a", Cores: 1, Goroutines: 16, Ours: Cost{By: "ductile", Nanoseconds: one}}},
		Growths: []Growth{{Name: "g", Sizes: []int{1}, Points: []Result{{Ours: Cost{By: "ductile", Nanoseconds: one}}}}},
		Weights: []Weight{{Name: "w", Objects: []Object{{By: "ductile", Bytes: 512}}}},
	}
	require.NoError(t, r.plot(dir))
	for _, name := range []string{"paths", "goroutines-a", "g", "w"} {
		picture, err := os.Open(filepath.Join(dir, name+".svg"))
		require.NoError(t, err)
		assert.NoError(t, wellFormed(picture), name)
		assert.NoError(t, picture.Close())
	}
	assert.NoFileExists(t, filepath.Join(dir, "others.svg"), "there are none")
	require.NoError(t, (&Report{}).plot(dir))
}
