// Package notify delivers events to a listener in order, once each, one at a time, and outside the locks of whoever makes them.
//
// A listener called under a lock deadlocks as soon as it looks at the object that called it; one called without any order hears of
// the closing before the opening. Here an event is queued under its maker's lock and delivered after, by whichever goroutine comes
// by; while one delivers, the others leave theirs to it. A listener that hangs holds up one goroutine, and the queue is bounded.
package notify

import "sync"

// Capacity is how many events wait for a listener that does not keep up. The oldest give way.
const Capacity = 64

// A Queue holds events for a listener. The zero Queue is empty.
type Queue[E any] struct {
	mu      sync.Mutex
	waiting []E
	missed  uint64 // events that gave way since the last delivery
	busy    bool   // somebody is delivering
}

// Push queues an event. The caller may hold locks, and delivers when it has let go of them.
func (q *Queue[E]) Push(event E) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == Capacity {
		q.waiting = append(q.waiting[:0], q.waiting[1:]...)
		q.missed++
	}
	q.waiting = append(q.waiting, event)
}

// Deliver calls listener with each event that waits, and with how many gave way before it, unless another goroutine is at it. A panic
// or a Goexit of the listener passes through, after the events behind it have been delivered.
func (q *Queue[E]) Deliver(listener func(event E, missed uint64)) {
	for {
		event, missed, ok := q.take()
		if !ok {
			return
		}
		q.call(listener, event, missed)
	}
}

func (q *Queue[E]) call(listener func(E, uint64), event E, missed uint64) {
	returned := false
	defer func() {
		q.mu.Lock()
		q.busy = false
		q.mu.Unlock()
		if !returned {
			q.Deliver(listener)
		}
	}()
	listener(event, missed)
	returned = true
}

// take returns the next event, and makes the caller the one who delivers.
func (q *Queue[E]) take() (event E, missed uint64, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.busy || len(q.waiting) == 0 {
		return event, 0, false
	}
	event, missed = q.waiting[0], q.missed
	q.waiting, q.missed, q.busy = q.waiting[1:], 0, true
	if len(q.waiting) == 0 {
		q.waiting = nil // let go of what was delivered
	}
	return event, missed, true
}
