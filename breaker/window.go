package breaker

import (
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/internal/rolling"
)

// A window counts how the calls of a closed phase ended. Recording takes no lock.
type window interface {
	record(now time.Duration, o outcome)
	tally(now time.Duration) tally
	// inherit adds what a window of another size holds, which others may be recording in, and in this one, meanwhile.
	inherit(old window, now time.Duration)
}

// tally is what a window holds.
type tally struct{ calls, failures, slow uint64 }

// timeWindow holds the calls that ended in the last ten slices of time.
type timeWindow struct {
	slice               time.Duration
	succeeded, failures rolling.Counter
	rare                atomic.Pointer[rarities] // nil until there are any: most breakers never meet one
}

// rarities are what few windows have room for.
type rarities struct {
	slow   rolling.Counter
	before atomic.Pointer[before]
}

// before is what was counted before the window was resized. It does not change.
type before struct{ succeeded, failures, slow rolling.Past }

func (w *timeWindow) at(now time.Duration) uint32 { return uint32(now/w.slice) + 1 }

func (w *timeWindow) record(now time.Duration, o outcome) {
	at := w.at(now)
	if o&failure != 0 {
		w.failures.Add(at, 1)
	} else {
		w.succeeded.Add(at, 1)
	}
	if o&slow != 0 {
		w.rarities().slow.Add(at, 1)
	}
}

// rarities returns what the window rarely has, and makes room for it when it is needed first.
func (w *timeWindow) rarities() *rarities {
	if w.rare.Load() == nil {
		w.rare.CompareAndSwap(nil, new(rarities))
	}
	return w.rare.Load()
}

func (w *timeWindow) tally(now time.Duration) tally {
	at := w.at(now)
	t := tally{failures: w.failures.Sum(at)}
	t.calls = w.succeeded.Sum(at) + t.failures
	if rare := w.rare.Load(); rare != nil {
		t.slow = rare.slow.Sum(at)
		if old := rare.before.Load(); old != nil {
			failures := old.failures.Sum(at)
			t.calls += old.succeeded.Sum(at) + failures
			t.failures += failures
			t.slow += old.slow.Sum(at)
		}
	}
	return t
}

// countWindow holds the last calls, however long ago they ended. Each writer takes the oldest place and takes what was there out of
// the sums; a reader may see the sums of a writer who is half done.
type countWindow struct {
	next                  atomic.Uint64
	calls, failures, slow atomic.Int64
	last                  []atomic.Uint32 // outcome | present
}

func newCountWindow(calls int) *countWindow { return &countWindow{last: make([]atomic.Uint32, calls)} }

// present marks a place that holds a call.
const present = 1 << 31

func (w *countWindow) record(_ time.Duration, o outcome) {
	place := &w.last[(w.next.Add(1)-1)%uint64(len(w.last))]
	old := place.Swap(uint32(o) | present)
	if old&present == 0 {
		w.calls.Add(1)
	}
	shift(&w.failures, outcome(old)&failure != 0, o&failure != 0)
	shift(&w.slow, outcome(old)&slow != 0, o&slow != 0)
}

// shift takes an old call out of a sum, and a new one in.
func shift(sum *atomic.Int64, old, now bool) {
	switch {
	case now && !old:
		sum.Add(1)
	case old && !now:
		sum.Add(-1)
	}
}

func (w *countWindow) tally(time.Duration) tally {
	positive := func(n *atomic.Int64) uint64 { return uint64(max(n.Load(), 0)) }
	return tally{calls: positive(&w.calls), failures: positive(&w.failures), slow: positive(&w.slow)}
}
