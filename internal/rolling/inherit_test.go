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
			var old rolling.Counter
			old.Add(slice(test.counted, test.from), 3)
			past := rolling.Past(nil).Inherit(&old, test.now, test.from, test.to)
			for _, at := range []time.Duration{test.held, test.then} {
				if at > 0 {
					assert.Equal(t, uint64(3), past.Sum(slice(at, test.to)), "at %v", at)
				}
			}
			if test.further > 0 {
				assert.Zero(t, past.Sum(slice(test.further, test.to)), "at %v", test.further)
			}
		})
	}
}

// A past and what has been counted since become one past, however often. It is another one: the old one keeps what it has, and so does the
// counter.
func TestInheritAdds(t *testing.T) {
	const s = time.Second
	var a, b rolling.Counter
	a.Add(slice(15*s, s), 3)
	one := rolling.Past(nil).Inherit(&a, 15*s, s, s)
	b.Add(slice(15*s, s), 1)
	b.Add(slice(17*s, s), 1)
	two := one.Inherit(&b, 17*s, s, 2*s)
	three := two.Inherit(new(rolling.Counter), 26*s, 2*s, s)
	for _, test := range []struct {
		past rolling.Past
		at   uint32
		want uint64
	}{
		{one, slice(15*s, s), 3}, {one, slice(25*s-1, s), 3}, {one, slice(25*s, s), 0},
		{two, slice(17*s, 2*s), 5}, {two, slice(34*s-1, 2*s), 5}, {two, slice(34*s, 2*s), 1}, {two, slice(36*s, 2*s), 0},
		{three, slice(26*s, s), 1}, {three, slice(27*s, s), 0},
		{two, slice(13*s, 2*s), 0}, // of one that has read the clock before
	} {
		assert.Equal(t, test.want, test.past.Sum(test.at), "%v", test)
	}
	assert.Equal(t, uint64(2), b.Sum(slice(17*s, s)))
}

// Ten slices that become one may be more than one of a counter has room for.
func TestInheritHasRoom(t *testing.T) {
	var old rolling.Counter
	old.Add(1, rolling.MaxPerSlice)
	old.Add(2, 5)
	past := rolling.Past(nil).Inherit(&old, 2*time.Second-1, time.Second, 10*time.Second)
	assert.Len(t, past, 1)
	assert.Equal(t, uint64(rolling.MaxPerSlice+5), past.Sum(1))
}

// Two numbers become one only where that is no longer than a slice: of what slices of 10 s have counted, none of the 2 s from 9 s to 11 s
// goes further.
func TestInheritPutsNothingTogetherThatIsLong(t *testing.T) {
	const s = time.Second
	var a, b rolling.Counter
	a.Add(slice(1*s, 10*s), 1)
	past := rolling.Past(nil).Inherit(&a, 9*s, 10*s, 4*s)
	b.Add(slice(10*s, 4*s), 1)
	past = past.Inherit(&b, 10*s, 4*s, 4*s)
	assert.Len(t, past, 2, "they leave together, but the first may have been long before")
	past = past.Inherit(new(rolling.Counter), 10*s, 4*s, s)
	assert.Equal(t, uint64(2), past.Sum(slice(19*s-1, s)))
	assert.Equal(t, uint64(1), past.Sum(slice(19*s, s)), "so each leaves at its own time")
}

// Who knows the window can choose each size so that old events share a slice with those of now, and again when those are old. They leave
// all the same.
func TestInheritIsNotLedOn(t *testing.T) {
	const ms = time.Millisecond
	var past rolling.Past
	c, length, now := new(rolling.Counter), time.Second, time.Hour
	c.Add(slice(now, length), 1000)
	for range 113 { // a window and a slice of the longest
		to := length
		for l := time.Second; l < 1400*ms; l += ms {
			if now%l > 100*ms && l-now%l > to-now%to { // which began before, and goes on
				to = l
			}
		}
		past, c, length = past.Inherit(c, now, length, to), new(rolling.Counter), to
		now += 100 * ms
		c.Add(slice(now, length), 1)
	}
	past = past.Inherit(c, now, length, time.Second)
	assert.Less(t, past.Sum(slice(now, time.Second)), uint64(1000))
	assert.Greater(t, past.Sum(slice(now, time.Second)), uint64(80), "those of nine slices are there")
}

// Two numbers that a slice's end parts leave one after the other, however close they are.
func TestInheritKeepsSlicesApart(t *testing.T) {
	const ms = time.Millisecond
	var old rolling.Counter
	old.Add(slice(1500*ms, time.Second), 1)
	old.Add(slice(2500*ms, time.Second), 1)
	past := rolling.Past(nil).Inherit(&old, 5000*ms, time.Second, 2500*ms)
	assert.Equal(t, uint64(2), past.Sum(slice(25_000*ms-1, 2500*ms)))
	assert.Equal(t, uint64(1), past.Sum(slice(25_000*ms, 2500*ms)))
}

// Who had read the clock before a resizing, and counts after it, makes nothing older.
func TestInheritFromALateWriter(t *testing.T) {
	const s = time.Second
	var a, b rolling.Counter
	a.Add(slice(15*s, s), 3)
	past := rolling.Past(nil).Inherit(&a, 15*s, s, s)
	b.Add(slice(13*s, s), 1)
	past = past.Inherit(&b, 15*s, s, 10*s).Inherit(new(rolling.Counter), 15*s, 10*s, s)
	assert.Equal(t, uint64(4), past.Sum(slice(25*s-1, s)))
	assert.Zero(t, past.Sum(slice(25*s, s)))
}
