package breaker

import (
	"time"

	"github.com/ductile-go/ductile/internal/rolling"
)

// resized reports whether another configuration has another window.
func (c *config) resized(other *config) bool {
	return c.count != other.count || c.span != other.span
}

// inherit takes over the calls of the time that both windows cover. Those that a count window holds have no time.
func (w *timeWindow) inherit(old window, now time.Duration) {
	from, ok := old.(*timeWindow)
	if !ok {
		return
	}
	was, slow := before{}, new(rolling.Counter)
	if rare := from.rare.Load(); rare != nil {
		slow = &rare.slow
		if old := rare.before.Load(); old != nil {
			was = *old
		}
	}
	w.rarities().before.Store(&before{
		succeeded: was.succeeded.Inherit(&from.succeeded, now, from.slice, w.slice),
		failures:  was.failures.Inherit(&from.failures, now, from.slice, w.slice),
		slow:      was.slow.Inherit(slow, now, from.slice, w.slice),
	})
}

// windowAfter returns an empty window that is to inherit from an old one. A count window leaves places free for the calls of the old, so
// that they are older than what it records itself.
func (c *config) windowAfter(old window) window {
	w := c.window()
	if to, ok := w.(*countWindow); ok {
		if from, ok := old.(*countWindow); ok {
			to.next.Store(to.places(from))
		}
	}
	return w
}

// places returns how many places the calls of an old window take.
func (w *countWindow) places(old *countWindow) uint64 { return uint64(min(len(old.last), len(w.last))) }

// inherit takes over the last calls, in their order. A place that a newer call has taken meanwhile is not given back. Those that a time
// window holds have no order.
func (w *countWindow) inherit(old window, _ time.Duration) {
	from, ok := old.(*countWindow)
	if !ok {
		return
	}
	places := w.places(from)
	newest := from.next.Load()
	for ago := uint64(1); ago <= min(places, newest); ago++ {
		o := from.last[(newest-ago)%uint64(len(from.last))].Load()
		if o&present != 0 && w.last[places-ago].CompareAndSwap(0, o) {
			w.calls.Add(1)
			shift(&w.failures, false, outcome(o)&failure != 0)
			shift(&w.slow, false, outcome(o)&slow != 0)
		}
	}
}
