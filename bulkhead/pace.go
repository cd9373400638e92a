package bulkhead

import "time"

// A pace is how fast the queue has moved lately, so that a call is not made to wait for what it cannot get before its deadline.
//
// Nobody can know how long the calls in flight will take. But a queue that is longer than the limit moves with the ends of many calls,
// and a caller who has less than half of the time that this takes will not be served. It is better to say so at once, while there is time
// for a fallback. The estimate errs to the side of waiting:
//
//   - it needs two stretches of 32 exits each since the queue was last empty, and believes the faster: so no single stall of the
//     dependency counts, and where calls end in step, many at once, it knows nothing;
//   - an exit is anybody's who leaves the queue, served or not;
//   - it expects the queue to go twice as fast as that, and all calls in flight and [spare] waiters besides to be gone in a moment.
//
// With a steady dependency it is wrong once in a thousand refusals at most. It is wrong more often where a sudden overload fills the
// queue with callers who will not wait for long, until the first of them leave. That costs no capacity: for every permit there is
// somebody who waits, so another call is made in place of one that is refused wrongly. Nor can it last: if all are refused the queue is
// soon empty, and the estimate begins anew.
type pace struct {
	from  time.Duration    // when the current stretch began
	exits int              // in it
	spans [2]time.Duration // how long the last two took, the newer first; zero where there was none
}

const (
	stretch = 32 // exits, whose number varies by a sixth or so where they are random
	// spare makes up for chance where only few exits are expected: with x expected there are more than 2x+4 once in a thousand times,
	// by Poisson's distribution.
	spare = 4
)

// exit notes that a waiter has left the queue, served or not.
func (p *pace) exit(now time.Duration) {
	if p.exits++; p.exits == stretch {
		*p = pace{from: now, spans: [2]time.Duration{now - p.from, p.spans[0]}}
	}
}

// hopeless reports whether a place in the queue (1 is the first) is too far back for the time that is left.
func (p *pace) hopeless(place, limit int, left time.Duration) bool {
	faster := min(p.spans[0], p.spans[1])
	return float64(place-limit-spare)*float64(faster) > 2*float64(left)*stretch
}
