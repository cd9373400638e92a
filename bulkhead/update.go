package bulkhead

import (
	"errors"
	"fmt"

	"github.com/ductile-go/ductile/internal/refuse"
)

// Update changes the options given, all at once, and leaves the others as they are. The outcome is what [New] would make of all options
// so far and these, in order. Where that makes no sense nothing changes, and the error says what [Validate] would. The name stays: an
// Update takes only the one that the bulkhead has.
//
// The calls in flight, those who wait, and all that was counted are kept:
//
//   - A higher limit lets those who wait in at once, in order, before anybody who comes later.
//   - A lower limit ends no call. While more are in flight than it allows, nobody is admitted: a permit that comes back is gone, and
//     those who wait go on waiting. Then they are served, in order.
//   - A queue with fewer places keeps all who wait, and takes nobody until they are fewer than its places. [NoQueue] keeps them too.
//   - The longest wait is for those who come later. Who waits keeps the one that was promised, and its error has the limit and the queue
//     of when it came.
//   - How fast the queue moves, by which calls without hope are refused, is forgotten where the limit is raised: it will go faster.
//
// All other calls meet the settings of before or of after, never some of each. It may be called at any time and by several goroutines at
// once: what one sets, another keeps or replaces. It takes the lock that those take who wait, and calls that find a permit do not notice. A
// bulkhead that package keyed forgets is made anew by the program's function, which must know what was tuned.
func (b *Bulkhead) Update(options ...Option) error {
	for {
		old := b.settings.Load()
		c := old.config
		err := refuse.Apply("bulkhead", &c, options)
		if c.name != old.name {
			err = errors.Join(err, fmt.Errorf("bulkhead: Name(%q): %q is in use under its name: make another bulkhead", c.name, old.name))
		}
		if err != nil {
			return err
		}
		if b.tune(old, c.settle()) {
			return nil
		}
		// Another Update was faster. This one is done on top of it, since options are not run under a lock.
	}
}

// tune replaces the settings, and gives the permits that are new to those who wait. It does nothing if the settings are no longer the
// old ones.
func (b *Bulkhead) tune(old, next *settings) bool {
	b.mu.Lock()
	if b.settings.Load() != old {
		b.mu.Unlock()
		return false
	}
	b.settings.Store(next)
	admitted := b.admit(b.resize(int(next.limit)))
	if next.limit > old.limit {
		b.pace = pace{from: b.now()}
	}
	b.mu.Unlock()
	for _, w := range admitted {
		close(w.ready)
	}
	return true
}

// resize changes the limit, and gives what permits that makes free to those who wait: to how many it returns. It does so in one step, since
// calls come and go without the lock. The caller holds mu.
func (b *Bulkhead) resize(limit int) (admitted int) {
	for {
		s := b.state.Load()
		admitted = min(waiting(s), max(limit-inFlight(s), 0))
		if b.state.CompareAndSwap(s, s-s%oneCall+uint64(limit)-uint64(admitted)*(oneWaiter-oneCall)) {
			return admitted
		}
	}
}

// admit takes the first n out of the queue, who are in flight already, and returns them. The caller holds mu.
func (b *Bulkhead) admit(n int) (admitted []*waiter) {
	for range n {
		w := b.line.first
		b.part(w)
		admitted = append(admitted, w)
	}
	return admitted
}
