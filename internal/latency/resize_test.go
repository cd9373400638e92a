package latency

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// holds returns how many durations a window holds.
func holds(w *Window, now time.Duration) uint64 {
	counts := w.Read(now)
	return counts.Total
}

// What lies in both windows stays, each slice at its end, and leaves when that has left the new window.
func TestResize(t *testing.T) {
	filled := func() *Window { // 1, 10 and 100 durations in the slices of 1 s, of which the last is half over
		w := NewWindow(span)
		for slice, n := range []int{1, 10, 100} {
			w.Advance(time.Duration(slice) * time.Second)
			for range n {
				w.Record(time.Minute)
			}
		}
		return w
	}
	const now = 2500 * time.Millisecond
	for _, row := range []struct {
		name  string
		span  time.Duration
		holds map[time.Duration]uint64
	}{
		{"the same", span, map[time.Duration]uint64{now: 111, 3 * time.Second: 110, 4 * time.Second: 100, 5 * time.Second: 0}},
		{"twice as long", 2 * span, map[time.Duration]uint64{now: 111, 6*time.Second - 1: 111, 6 * time.Second: 100, 8 * time.Second: 0}},
		{"much longer", time.Hour, map[time.Duration]uint64{now: 111, time.Hour - 1: 111, time.Hour: 0}},
		{"half", span / 2, map[time.Duration]uint64{now: 110, 3 * time.Second: 100, 4*time.Second - 1: 100, 4 * time.Second: 0}},
		{"a quarter, whose slices begin where one has ended", span / 4, map[time.Duration]uint64{now: 100, now + span/4: 0}},
		{"much shorter", 300 * time.Millisecond, map[time.Duration]uint64{now: 100, now + 300*time.Millisecond: 0}},
	} {
		t.Run(row.name, func(t *testing.T) {
			for at, want := range row.holds {
				w := filled()
				w.Resize(row.span, now)
				assert.Equal(t, want, holds(w, at), "read at %v", at)
				w.Advance(at)
				assert.Equal(t, want, holds(w, at), "at %v", at)
			}
			w := filled()
			w.Resize(row.span, now)
			w.Record(time.Second)
			assert.Equal(t, row.holds[now]+1, holds(w, now))
			counts := w.Read(now)
			low, _ := counts.Quantile(1)
			assert.Equal(t, Floor(time.Second), low, "durations are what they were")
			_, high := counts.Quantile(all)
			assert.GreaterOrEqual(t, high, time.Minute)
		})
	}
}

// What has left the old window does not come back, however long the new one is.
func TestResizeOfWhatIsOver(t *testing.T) {
	w := NewWindow(span)
	w.Record(time.Second)
	w.Resize(time.Hour, span)
	assert.Zero(t, holds(w, span))
	w.Record(time.Second)
	w.Resize(span, 2*time.Hour)
	assert.Zero(t, holds(w, 2*time.Hour))
	w.Record(time.Second)
	w.Resize(2*span, time.Hour)
	assert.EqualValues(t, 1, holds(w, time.Hour), "a clock that is behind loses nothing")

	w = NewWindow(span)
	w.Record(time.Second)
	w.Advance(2 * time.Second)
	w.Record(time.Second)
	w.Resize(time.Second, time.Second/10)
	assert.EqualValues(t, 2, holds(w, 7*time.Second/10), "nor does it take anything for old")
}
