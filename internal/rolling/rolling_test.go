package rolling_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/rolling"
)

// A window of ten slices: what is in it counts, what it has passed does not, and what is to come neither.
func TestSum(t *testing.T) {
	for _, test := range []struct {
		name string
		adds []uint32 // slices, one event each
		at   uint32
		want uint64
	}{
		{"empty", nil, 1, 0},
		{"its own slice", []uint32{1}, 1, 1},
		{"nine slices later", []uint32{1}, 10, 1},
		{"ten slices later", []uint32{1}, 11, 0},
		{"every slice of the window", []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 10},
		{"the oldest has left", []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 11, 9},
		{"its place is taken by the next", []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 11, 10},
		{"several of one", []uint32{3, 3, 3}, 5, 3},
		{"a round later there is only the new", []uint32{3, 3, 13}, 13, 1},
		{"many rounds later", []uint32{3, 1003}, 1003, 1},
		{"seen from before", []uint32{5}, 4, 0},
		{"the first slices, where the ring's zeros could be taken for one", nil, 5, 0},
		{"the last slices that 32 bits can number", []uint32{1<<32 - 10, 1<<32 - 1}, 1<<32 - 1, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c rolling.Counter
			for _, slice := range test.adds {
				c.Add(slice, 1)
			}
			assert.Equal(t, test.want, c.Sum(test.at))
		})
	}
}

// A writer that was held up for a whole round finds its slice gone. It must not bring it back.
func TestLateWriterIsDropped(t *testing.T) {
	var c rolling.Counter
	c.Add(15, 7)
	c.Add(5, 1)
	assert.Equal(t, uint64(7), c.Sum(15))
	assert.Zero(t, c.Sum(14))
}

func TestTakeOldest(t *testing.T) {
	var c rolling.Counter
	assert.False(t, c.TakeOldest(5), "there is none")
	c.Add(3, 2)
	c.Add(5, 1)
	for _, want := range []struct{ all, young uint64 }{{2, 1}, {1, 1}, {0, 0}} {
		assert.True(t, c.TakeOldest(8))
		assert.Equal(t, want.all, c.Sum(8))
		assert.Equal(t, want.young, c.Sum(14), "slice 3 first, which a window that ends with 14 does not hold")
	}
	assert.False(t, c.TakeOldest(8))

	for _, slice := range []uint32{1, 20} {
		var c rolling.Counter
		c.Add(slice, 1)
		assert.False(t, c.TakeOldest(slice+10), "it has left the window")
		assert.True(t, c.TakeOldest(slice+9))
	}
}

// The limits that package documentation names: a slice's number has room for a million events a second in the longest slice that the
// breaker's and the budget's windows have, and 32 bits number the shortest slices of a decade.
func TestRoom(t *testing.T) {
	const longest, shortest = time.Hour / rolling.Slices, time.Second / rolling.Slices
	assert.Less(t, uint64(longest.Seconds()*1e6), uint64(rolling.MaxPerSlice))
	assert.Greater(t, (1<<32-1)*shortest, 10*365*24*time.Hour)

	var c rolling.Counter
	c.Add(1, rolling.MaxPerSlice-1)
	c.Add(1, 1)
	assert.Equal(t, uint64(rolling.MaxPerSlice), c.Sum(1))
	c.Add(2, rolling.MaxPerSlice)
	assert.Equal(t, uint64(2*rolling.MaxPerSlice), c.Sum(2), "the sum has more room than a slice")
}
