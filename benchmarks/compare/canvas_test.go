package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// labels are those that an axis shows.
func labels(d decades, low, high float64) (all []string) {
	for _, tick := range d.Ticks(low, high) {
		if tick.Label != "" {
			all = append(all, tick.Label)
		}
	}
	return all
}

func TestDecades(t *testing.T) {
	assert.Equal(t, []string{"0.05", "0.1", "0.2", "0.5", "1", "2", "5"}, labels(decades{}, 0.04, 7))
	assert.Equal(t, []string{"1", "10", "100", "1000", "10000", "100000"}, labels(decades{100_000}, 1, 3_000_000))
	assert.Equal(t, []string{"2000", "5000"}, labels(decades{}, 1500, 7000))
	assert.Equal(t, []string{"100"}, labels(decades{}, 100, 100))
}

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
