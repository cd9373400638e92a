// Package bulkhead limits how many calls are in flight at once.
//
// A dependency that becomes slow fills the service that calls it. Every call that waits for an answer holds a goroutine, memory and a
// connection, and soon none are left for calls to what still works. A bulkhead gives each dependency a number of permits. A call takes
// one and gives it back at its end; where none is left it is refused at once. One compartment may fill, and the ship stays afloat: the
// name is Nygard's ("Release It!", 2007), who has it from ship builders.
//
// # No queue unless asked for
//
// A queue hides overload. Where calls arrive faster than they end, every queue fills; from then on each call waits for the whole length
// of it, no more calls get through than without, and the refusals come all the same, only later. Refused at once, a caller has the time
// for something else: a fallback, another replica. A queue is right for bursts that are over soon: see [Queue].
//
// # How large
//
// Little's law: on average there are as many calls in flight as calls arrive a second, times the seconds that each takes. 200 a second of
// 50 ms each are 10 in flight. Calls do not arrive evenly, so 10 permits would refuse a fifth of them. If they arrive independently of each
// other, Erlang's formula B says which limit leaves how many refused, however the times of the calls are distributed:
//
//	in flight on     limit, for one call refused in
//	average          100    1,000    10,000
//	   1               5        6         7
//	   2               7        8        10
//	   5              11       14        16
//	  10              18       21        24
//	  20              30       35        39
//	  50              64       71        77
//	 100             117      128       137
//	 200             221      238       249
//	 500             527      555       574
//
// Take the calls of the busiest minute, and the seconds of a dependency that is slow but still of use. Where callers come in bursts, or
// come back after a refusal, it needs more. It can be tuned while it runs: see [Bulkhead.Update].
//
// # Where in a pipeline
//
// Inside a retry: each attempt takes a permit of its own, and the wait before the next holds none. Inside a breaker: an open one refuses
// before a permit is taken, and it counts no refusal by what is inside it. Outside the timeout of the attempt, which is for the
// dependency and not for the queue; inside the timeout of the whole call, which is for both.
package bulkhead

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A Bulkhead limits how many calls are in flight at once. It is made by [New], which needs the limit and in most cases nothing else. Use
// one for each dependency, and share it between all pipelines that call it. It serves calls with values of any type, is safe for concurrent
// use, and can be tuned while it runs, by [Bulkhead.Update].
//
// Most programs put it into a pipeline and read [Bulkhead.Snapshot]. A bulkhead can also be driven by hand: Acquire before a call, and
// Release with the token exactly once after it, in a deferred function.
//
// A call that finds a permit costs two atomic operations, one that finds neither a permit nor a place in the queue costs one; neither takes
// a lock or allocates. To wait takes a lock, a timer and a few allocations.
type Bulkhead struct {
	settings atomic.Pointer[settings] // what Update changes; replaced under mu, never written
	base     time.Time                // what now counts from

	// state is how many wait, in the upper 22 bits, how many are in flight, in the next 21, and the limit, in the last: one word, so
	// that whoever takes or gives back a permit knows in the same instant that nobody waits, and that the limit is what it was. While
	// somebody waits, all permits are out and the word is written under mu only. So a permit that comes back is handed to the first
	// waiter, unless it is one too many since the limit was lowered, and nobody who comes later can take it; and the permits that a
	// higher limit makes go to those who wait in the same step.
	state atomic.Uint64

	mu   sync.Mutex // held to wait, to leave, to give a permit to who waits, and to tune; never while user code runs
	line line
	pace pace
	past waits

	rejected atomic.Uint64
	gaveUp   atomic.Uint64 // of them, after a wait
}

const (
	oneCall   uint64 = 1 << 21
	oneWaiter        = oneCall * oneCall
	// permit is the token of a call that was admitted. It has nothing to remember; but it is not zero, as that of a refused call is.
	permit uint64 = 1
)

// full reports whether all permits are out. Somebody who waits is far above any limit.
func full(s uint64) bool { return s/oneCall >= s%oneCall }

func waiting(s uint64) int  { return int(s / oneWaiter) }
func inFlight(s uint64) int { return int(s % oneWaiter / oneCall) }
func limitOf(s uint64) int  { return int(s % oneCall) }

// New returns a bulkhead that admits up to limit calls at once, from 1 to 1,048,576, and refuses the others. It panics on a limit or on
// options that make no sense; [Validate] says the same as an error.
func New(limit int, options ...Option) *Bulkhead {
	c, err := configure(limit, options)
	if err != nil {
		panic(err)
	}
	b := &Bulkhead{base: time.Now()}
	b.settings.Store(c.settle())
	b.state.Store(uint64(c.limit))
	return b
}

// Name returns the bulkhead's name.
func (b *Bulkhead) Name() string { return b.settings.Load().name }

// now is the time since the bulkhead was made: monotonic, and with a base of its own, so that it works inside a synctest bubble.
func (b *Bulkhead) now() time.Duration { return time.Since(b.base) }

// Acquire takes a permit, or returns why there is none: a [*FullError]. Where the bulkhead has a queue it may wait for one: not longer
// than the queue allows, and not beyond the end of ctx. The token is for Release.
//
// A permit that is free is given without a look at ctx, which has to be looked at before the call anyway: a pipeline does. One that was
// waited for is given only while ctx is alive.
func (b *Bulkhead) Acquire(ctx context.Context) (token uint64, err error) {
	for {
		s := b.state.Load()
		if full(s) {
			return b.wait(ctx)
		}
		if b.state.CompareAndSwap(s, s+oneCall) {
			return permit, nil
		}
	}
}

// Release gives the permit of a call back that Acquire admitted. How the call ended makes no difference to a bulkhead.
//
// It must be called once for each permit. A token has no memory of its own, so that a second Release gives away the permit of another
// call, and one call more than the limit may then be in flight. There are never fewer than zero: Release does nothing where no
// permit is out, nor with the token of a call that was refused.
func (b *Bulkhead) Release(token uint64, _ error) {
	if token == 0 {
		return
	}
	for {
		s := b.state.Load()
		switch {
		case s >= oneWaiter:
			if b.handOver() {
				return
			}
		case s < oneCall:
			return
		case b.state.CompareAndSwap(s, s-oneCall):
			return
		}
	}
}

// String returns what the bulkhead does, for Pipeline.String.
func (b *Bulkhead) String() string {
	c := b.settings.Load()
	if c.queue == 0 {
		return fmt.Sprintf("at most %d at once", c.limit)
	}
	return fmt.Sprintf("at most %d at once; %d more wait up to %v", c.limit, c.queue, c.maxWait)
}
