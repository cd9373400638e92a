package bulkhead

import (
	"context"
	"math"
	"time"
)

// A waiter is a call in the queue.
type waiter struct {
	before, behind *waiter
	queued         bool          // whether it is in the queue still; under mu
	since          time.Duration // when it came
	ready          chan struct{} // closed once it has been given a permit
}

// A line is a queue that anybody can leave from anywhere, in the same short time.
type line struct{ first, last *waiter }

func (l *line) push(w *waiter) {
	w.queued, w.before = true, l.last
	if l.last == nil {
		l.first = w
	} else {
		l.last.behind = w
	}
	l.last = w
}

func (l *line) remove(w *waiter) {
	if w.before == nil {
		l.first = w.behind
	} else {
		w.before.behind = w.behind
	}
	if w.behind == nil {
		l.last = w.before
	} else {
		w.behind.before = w.before
	}
	w.queued, w.before, w.behind = false, nil, nil
}

// wait is Acquire where no permit was free.
func (b *Bulkhead) wait(ctx context.Context) (token uint64, err error) {
	c, s := b.look()
	switch {
	case !full(s): // any more
		return b.Acquire(ctx)
	case waiting(s) >= int(c.queue):
		return b.refuse(c.noPlace()) // without the lock, of which those in the queue have need
	}
	// The context is the user's own code. It is asked here and where the call has gone, never while a place or a permit is held that
	// a panic would lose.
	done, left := ctx.Done(), time.Duration(math.MaxInt64)
	if at, ok := ctx.Deadline(); ok {
		left = time.Until(at)
	}
	if left <= 0 || ctx.Err() != nil {
		return b.refuse(c.gone(ctx, 0))
	}
	c, w, refusal := b.join(left)
	switch {
	case refusal != nil:
		return b.refuse(refusal)
	case w == nil:
		return permit, nil
	}

	longest := c.maxWait // its own, whatever an Update says meanwhile
	if left <= longest {
		longest = left + grace
	}
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-w.ready:
	case <-timer.C:
	case <-done:
	}
	waited, dead := b.now()-w.since, isClosed(done)
	switch admitted := !b.leave(w); {
	case admitted && !dead:
		return permit, nil
	case admitted:
		b.Release(permit, nil) // to the next in the queue, to whom it is of use
	}
	defer b.gaveUp.Add(1)
	if dead || left <= c.maxWait {
		return b.refuse(c.gone(ctx, waited))
	}
	return b.refuse(c.late(ReasonWaited, waited))
}

// grace is how long after its deadline a context has to say that it has ended, before it is taken for one that never will. The standard
// library's need a few microseconds; they know the cause.
const grace = time.Millisecond

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// look returns the settings and the state of one moment, without the lock but in the middle of an Update.
func (b *Bulkhead) look() (*settings, uint64) {
	c := b.settings.Load()
	if s := b.state.Load(); limitOf(s) == int(c.limit) && b.settings.Load() == c {
		return c, s
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.settings.Load(), b.state.Load()
}

// refuse counts a refusal.
func (b *Bulkhead) refuse(e *FullError) (token uint64, err error) {
	b.rejected.Add(1)
	return 0, e
}

// join takes the last place in the queue; or a permit, where one has come free meanwhile, and returns nil; or it returns why the call is
// refused. The settings are those of that moment, which the call keeps.
func (b *Bulkhead) join(left time.Duration) (*settings, *waiter, *FullError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.settings.Load()
	for {
		s := b.state.Load()
		switch {
		case !full(s):
			if b.state.CompareAndSwap(s, s+oneCall) {
				return c, nil, nil
			}
		case waiting(s) >= int(c.queue):
			refusal := c.noPlace()
			return c, nil, refusal
		case b.pace.hopeless(waiting(s)+1, int(c.limit), left):
			return c, nil, &c.hopeless
		case b.state.CompareAndSwap(s, s+oneWaiter): // or a permit came free: look again
			w := &waiter{since: b.now(), ready: make(chan struct{})}
			if waiting(s) == 0 {
				b.pace = pace{from: w.since}
			}
			b.line.push(w)
			return c, w, nil
		}
	}
}

// leave takes a waiter out of the queue, and reports whether it was still there: if not, it has been given a permit.
func (b *Bulkhead) leave(w *waiter) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !w.queued {
		return false
	}
	b.remove(w)
	return true
}

// handOver gives a permit that comes back to the first in the queue, or to nobody while there are more out than the limit has; unless they
// have all left meanwhile.
func (b *Bulkhead) handOver() bool {
	b.mu.Lock()
	w := b.line.first
	switch s := b.state.Load(); {
	case w == nil:
		b.mu.Unlock()
		return false
	case inFlight(s) > limitOf(s):
		b.state.Add(^(oneCall - 1)) // minus one call
		b.mu.Unlock()
		return true
	}
	b.remove(w)
	b.mu.Unlock()
	close(w.ready)
	return true
}

// remove takes a waiter out of the queue, from anywhere. The caller holds mu.
func (b *Bulkhead) remove(w *waiter) {
	b.state.Add(^(oneWaiter - 1)) // minus one waiter
	b.part(w)
}

// part does what is to be done for a waiter who waits no more, as state says already. The caller holds mu.
func (b *Bulkhead) part(w *waiter) {
	now := b.now()
	b.line.remove(w)
	b.pace.exit(now)
	b.past.add(now - w.since)
}
