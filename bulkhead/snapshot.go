package bulkhead

import (
	"math"
	"time"
)

// A Snapshot is what a bulkhead was at one moment, and what it has done since it was made. Calls that found a free permit are not counted:
// that would cost each of them half as much again, and whoever observes a pipeline hears of all calls.
type Snapshot struct {
	Name     string // the bulkhead's
	Limit    int    // how many calls may be in flight
	InFlight int    // how many are; for a while more than may, where the limit was lowered
	Queue    int    // how many calls may wait, zero for no queue
	Queued   int    // how many do; for a while more than may, where the queue was shortened

	Rejected    uint64        // calls refused, for whatever reason
	GaveUp      uint64        // of them, those that had waited: for as long as they could, or until they were canceled
	Waits       uint64        // waits that have ended; all but those that gave up were admitted
	WaitTime    time.Duration // how long they took together
	LongestWait time.Duration // how long the longest took
}

// Snapshot returns what the bulkhead is now. Reading changes nothing, and takes the lock that those take who wait.
func (b *Bulkhead) Snapshot() Snapshot {
	// Read in the order opposite to that of writing, so that no part is ever more than its whole.
	gaveUp := b.gaveUp.Load()
	b.mu.Lock()
	c, s, past := b.settings.Load(), b.state.Load(), b.past
	b.mu.Unlock()
	return Snapshot{
		Name: c.name, Limit: int(c.limit), InFlight: inFlight(s), Queue: int(c.queue), Queued: waiting(s),
		Rejected: b.rejected.Load(), GaveUp: gaveUp, Waits: past.ended, WaitTime: past.total, LongestWait: past.longest,
	}
}

// waits sums up the time that calls have spent in the queue. Under mu.
type waits struct {
	ended   uint64
	total   time.Duration
	longest time.Duration
}

func (w *waits) add(waited time.Duration) {
	w.ended++
	w.longest = max(w.longest, waited)
	if w.total += waited; w.total < 0 { // 292 years: a thousand waiters take four months
		w.total = math.MaxInt64
	}
}
