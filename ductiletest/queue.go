package ductiletest

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile"
)

// givesUp: who gave up waiting left nothing behind.
func givesUp(x *trial) {
	gate, held := x.exhausted()
	const often = 100
	x.did("%s, and canceled %d calls one after another while they waited", x.kit.is.full(), often)
	for range often {
		x.giveUp(gate, 1, 0)
	}
	if x.kit.is.holds {
		x.did("%s, and canceled calls while they waited, several at once, in every order", x.kit.is.full())
		for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}} {
			x.giveUp(gate, 3, order...)
		}
	}
	w := x.wait(x.ctx, gate)
	if !w.waits() && w.err != nil {
		x.find("the next call does not wait, but is refused: %v", w.err)
	}
	held = append(held, x.leave(w)...)
	x.did("canceled calls while they waited, and released the others")
	x.put(gate, held, nil)
	x.asFresh(gate)
}

// giveUp makes n calls that wait, and cancels them in an order.
func (x *trial) giveUp(gate ductile.Gate, n int, order ...int) {
	var queue []*waiting
	for range n {
		queue = append(queue, x.wait(x.ctx, gate))
	}
	for _, i := range order {
		x.put(gate, x.leave(queue[i]), nil)
	}
}

// givesUpAtTurn: the cancellation of who waits meets the end of a call, whose place must be with one of them, or free.
func givesUpAtTurn(x *trial) {
	gate, held := x.exhausted()
	if len(held) == 0 {
		x.moot("admits no call at once")
	}
	if !x.kit.is.holds {
		x.givesUpInTime(gate, held)
		return
	}
	for round := range 300 {
		x.did("%s, and released one when the call that waited for it was canceled; in turn %d", x.kit.is.full(), round+1)
		first, second := x.wait(x.ctx, gate), x.wait(x.ctx, gate)
		if !first.waits() {
			x.find("the call does not wait, as one did before, but returns: %v", first.err)
		}
		place := &held[round%len(held)]
		x.coincide(round%3, first, func(c *caller) { c.release(gate, *place, nil) })
		synctest.Wait()
		switch {
		case first.err == nil:
			*place = first.token
			if len(x.leave(second)) > 0 {
				x.find("it was admitted, and so was the call behind it: two calls in one place")
			}
		case second.waits():
			x.find("it gave up, and the call behind it goes on waiting, though there is a place")
		case second.err == nil:
			*place = second.token
		default: // there was no queue for it
			again := x.take(gate, 1)
			if len(again) == 0 {
				x.find("it gave up, and its place is gone")
			}
			*place = again[0]
		}
	}
	x.did("%s, released them one by one when the call that waited was canceled, and then released all", x.kit.is.full())
	x.put(gate, held, nil)
	x.asFresh(gate)
}

// coincide cancels a call that waits and does something else, in one order or the other or at once, so that the call finds both done.
func (x *trial) coincide(way int, w *waiting, other func(*caller)) {
	switch way {
	case 0:
		x.join(x.spawn(func(c *caller) { other(c); w.cancel() }), w.done)
	case 1:
		x.join(x.spawn(func(c *caller) { w.cancel(); other(c) }), w.done)
	default:
		start := make(chan struct{})
		cancels := x.spawn(func(*caller) { <-start; w.cancel() })
		others := x.spawn(func(c *caller) { <-start; other(c) })
		close(start)
		x.join(cancels, others, w.done)
	}
}

// givesUpInTime is givesUpAtTurn where it is time that makes places.
func (x *trial) givesUpInTime(gate ductile.Gate, held []uint64) {
	x.put(gate, held, nil)
	if x.kit.is.forever {
		x.moot("lets calls wait for hours, and not for each other's places")
	}
	x.did("made calls that wait, and whose deadline passes after %v, when their turn comes", x.kit.is.wait)
	for range 100 {
		x.take(gate, x.kit.is.room)
		ctx, cancel := context.WithTimeout(x.ctx, x.kit.is.wait)
		w := x.wait(ctx, gate)
		x.join(w.done)
		cancel()
		if w.err == nil {
			x.put(gate, []uint64{w.token}, nil)
		}
	}
	x.asFresh(gate)
}

// serves: whoever goes on waiting gets a place, though others gave up.
func serves(x *trial) {
	gate, held := x.exhausted()
	x.did("%s, made four calls that wait, canceled the second, and released all", x.kit.is.full())
	var queue []*waiting
	for range 4 {
		w := x.wait(x.ctx, gate)
		x.spawn(func(c *caller) {
			if <-w.done; w.err == nil {
				c.release(gate, w.token, nil)
			}
		})
		queue = append(queue, w)
	}
	gaveUp := queue[1]
	gaveUp.cancel()
	x.join(gaveUp.done)
	var waiters []*waiting
	for _, w := range queue {
		if w.waits() {
			waiters = append(waiters, w)
		}
	}
	x.put(gate, held, nil)
	for _, w := range waiters {
		select {
		case <-w.done:
		case <-time.After(patience):
			x.find("two days later one of the %d that went on waiting still does", len(waiters))
		}
		if x.kit.is.holds && w.err != nil {
			x.find("one of the %d that went on waiting was refused after %v, though there were places: %v", len(waiters), w.after, w.err)
		}
	}
	x.asFresh(gate)
}
