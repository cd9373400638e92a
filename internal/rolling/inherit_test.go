package rolling_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/rolling"
)

// slice is the number of the slice of a time, as the owners of counters have it.
func slice(at, length time.Duration) uint32 { return uint32(at/length) + 1 }

// What a window held is held by the window that inherits from it, until it has left that one too.
func TestInherit(t *testing.T) {
	const s = time.Second
	for _, test := range []struct {
		name                string
		counted, now        time.Duration
		from, to            time.Duration
		held, then, further time.Duration // it is held now, unless zero, to the end of a time, and no longer
	}{
		{"the same length", 5 * s, 7 * s, s, s, 7 * s, 15*s - 1, 15 * s},
		{"a longer one", 5 * s, 7 * s, s, 10 * s, 7 * s, 100*s - 1, 100 * s},
		{"a shorter one: it counts where its slice ended", 50 * s, 67 * s, 10 * s, s, 67 * s, 69*s - 1, 69 * s},
		{"or now, where it has not", 50 * s, 52 * s, 10 * s, s, 52 * s, 62*s - 1, 62 * s},
		{"one that has left the shorter is left out", 50 * s, 69 * s, 10 * s, s, 0, 0, 69 * s},
		{"one that has left the old does not come back", 5 * s, 15 * s, s, 10 * s, 0, 0, 15 * s},
		{"one that has left so long ago that 32 bits of slices have gone by", 0, 1<<33 + 3, 1 << 32, 1, 0, 0, 1<<33 + 3},
		{"at the very beginning", 0, 0, s, 2 * s, 0, 20*s - 1, 20 * s},
		{"in the first slice", 1, 2, s, 2 * s, 2, 20*s - 1, 20 * s},
		{"in the last that there is", math.MaxInt64 - 1, math.MaxInt64, s, 2 * s, math.MaxInt64, math.MaxInt64, 0},
		{"in the last of the shortest", math.MaxInt64, math.MaxInt64, 1, 1, math.MaxInt64, math.MaxInt64, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var old, c rolling.Counter
			old.Add(slice(test.counted, test.from), 3)
			c.Inherit(&old, test.now, test.from, test.to)
			for _, at := range []time.Duration{test.held, test.then} {
				if at > 0 {
					assert.Equal(t, uint64(3), c.Sum(slice(at, test.to)), "at %v", at)
				}
			}
			if test.further > 0 {
				assert.Zero(t, c.Sum(slice(test.further, test.to)), "at %v", test.further)
			}
		})
	}
}

// It adds to what is there, also where an older round of the ring is, and gives way to a newer.
func TestInheritAdds(t *testing.T) {
	const s = time.Second
	var old rolling.Counter
	old.Add(slice(15*s, s), 3)

	var c rolling.Counter
	c.Add(slice(5*s, s), 100)
	c.Inherit(&old, 15*s, s, s)
	assert.Equal(t, uint64(3), c.Sum(slice(15*s, s)))
	c.Add(slice(15*s, s), 1)
	c.Inherit(&old, 15*s, s, s)
	assert.Equal(t, uint64(7), c.Sum(slice(15*s, s)))
	assert.Equal(t, uint64(3), old.Sum(slice(15*s, s)), "the old one keeps what it has")

	c.Add(slice(25*s, s), 1)
	c.Inherit(&old, 15*s, s, s)
	assert.Equal(t, uint64(1), c.Sum(slice(25*s, s)))
}

// Ten slices that become one may be more than one has room for.
func TestInheritSaturates(t *testing.T) {
	var old, c rolling.Counter
	old.Add(1, rolling.MaxPerSlice)
	old.Add(2, 5)
	c.Inherit(&old, 2*time.Second-1, time.Second, 10*time.Second)
	assert.Equal(t, uint64(rolling.MaxPerSlice), c.Sum(1))
}
