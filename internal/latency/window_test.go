package latency

import (
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

const (
	span = 3 * time.Second
	all  = 1_000_000
)

// A slice is emptied when it would be filled again, and what it held has left the window by then, read or not.
func TestWindowForgets(t *testing.T) {
	w := NewWindow(span)
	record := func(now time.Duration, d time.Duration) {
		w.Advance(now)
		w.Record(d)
	}
	total := func(now time.Duration) uint64 {
		counts := w.Read(now)
		return counts.Total
	}
	record(0, time.Millisecond)
	record(time.Second-1, time.Millisecond)
	record(time.Second, time.Minute)
	assert.EqualValues(t, 3, total(time.Second))
	assert.EqualValues(t, 3, total(0), "a reader whose clock is behind sees what there is")
	assert.EqualValues(t, 3, total(3*time.Second-1))
	assert.EqualValues(t, 1, total(3*time.Second), "though nothing has been emptied")
	assert.EqualValues(t, 0, total(4*time.Second))
	assert.EqualValues(t, 3, total(2*time.Second), "reading has changed nothing")

	record(3*time.Second, time.Hour)
	counts := w.Read(3 * time.Second)
	assert.EqualValues(t, 2, counts.Total)
	low, _ := counts.Quantile(all / 2)
	assert.Equal(t, Floor(time.Minute), low)
	_, high := counts.Quantile(all)
	assert.Equal(t, Longest, high)

	record(100*time.Second, time.Second) // long after
	assert.EqualValues(t, 1, total(100*time.Second))
	record(99*time.Second, time.Second) // time does not go back
	assert.EqualValues(t, 2, total(100*time.Second))
	assert.EqualValues(t, 2, total(-time.Hour), "a clock that is far behind is none")
}

func TestRecordSaysHowManyThereAre(t *testing.T) {
	w := NewWindow(span)
	assert.EqualValues(t, 1, w.Record(time.Second))
	assert.EqualValues(t, 2, w.Record(time.Second+time.Millisecond), "about as long")
	assert.EqualValues(t, 1, w.Record(2*time.Second))
	w.Advance(time.Second)
	assert.EqualValues(t, 1, w.Record(time.Second), "in the next slice")
}

func TestQuantile(t *testing.T) {
	w := NewWindow(span)
	counts := w.Read(0)
	low, high := counts.Quantile(all / 2)
	assert.Zero(t, low, "of nothing")
	assert.Zero(t, high, "of nothing")
	for i := range 10 {
		w.Record(time.Second << i)
	}
	counts = w.Read(0)
	for _, row := range []struct {
		share uint64
		want  time.Duration
	}{
		{0, time.Second},
		{1, time.Second},
		{100_000, time.Second},
		{100_001, 2 * time.Second}, // a tenth does not exceed 1 s, more do
		{500_000, 16 * time.Second},
		{900_000, 256 * time.Second},
		{900_001, 512 * time.Second},
		{all, 512 * time.Second},
	} {
		low, high := counts.Quantile(row.share)
		assert.Equal(t, Floor(row.want), low, row.share)
		assert.LessOrEqual(t, row.want, high, row.share)
		assert.Equal(t, low, Floor(high), row.share)
	}
}

// The counters are what makes it big.
func TestWindowIsSmall(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(Window{}), uintptr(5208+16))
}

func TestWindowAllocatesNothing(t *testing.T) {
	w, now := NewWindow(span), time.Duration(0)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		now += time.Second / 2
		w.Record(now)
		w.Advance(now)
		counts := w.Read(now)
		counts.Quantile(all / 2)
	}))
}
