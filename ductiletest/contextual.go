package ductiletest

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// deadContext: the driver may call Acquire with a context that has just ended. Either answer will do.
func deadContext(x *trial) {
	gate := x.build()
	x.did("called Acquire with a context that has ended, of a gate that has places")
	if x.kit.is.room == 0 {
		x.moot("admits no call at once")
	}
	dead, cancel := context.WithCancel(x.ctx)
	cancel()
	for range 50 {
		done := x.spawn(func(c *caller) {
			if token, err := c.acquire(dead, gate); err == nil {
				c.release(gate, token, fault.End(dead.Err(), fault.ClassCanceled))
			}
		})
		synctest.Wait()
		select {
		case <-done:
			x.join(done)
		default:
			x.find("it did not return at once")
		}
	}
	x.recovers(gate)
}

// waiting is a call that waits for a place, or was told.
type waiting struct {
	cancel context.CancelFunc
	done   <-chan struct{}
	token  uint64 // these three once it is done
	err    error
	after  time.Duration
}

// begin returns the context of the call.
func (w *waiting) begin(ctx context.Context) context.Context {
	ctx, w.cancel = context.WithCancel(ctx)
	return ctx
}

// wait makes a call, and returns when it has to wait or has an answer.
func (x *trial) wait(ctx context.Context, gate ductile.Gate) *waiting {
	w := &waiting{}
	ctx = w.begin(ctx)
	begun := time.Now()
	w.done = x.spawn(func(c *caller) {
		w.token, w.err = c.acquire(ctx, gate)
		w.after = time.Since(begun)
	})
	synctest.Wait()
	return w
}

// waits reports whether it still does.
func (w *waiting) waits() bool {
	select {
	case <-w.done:
		return false
	default:
		return true
	}
}

// leave cancels a call that waits, and returns its place if it got one.
func (x *trial) leave(w *waiting) []uint64 {
	w.cancel()
	x.join(w.done)
	if w.err != nil {
		return nil
	}
	return []uint64{w.token}
}

// exhausted returns a gate whose places are all taken, and that lets calls wait.
func (x *trial) exhausted() (ductile.Gate, []uint64) {
	if !x.kit.is.waits {
		x.moot("lets no call wait")
	}
	gate := x.build()
	x.did("%s", x.kit.is.full())
	return gate, x.take(gate, x.kit.is.room)
}

// heeds: a wait ends with its context.
func heeds(x *trial) {
	is := x.kit.is
	own, early := is.wait, is.wait/4
	if is.forever {
		own, early = longest, time.Second
	}
	for _, way := range []struct {
		what    string
		context func() (context.Context, context.CancelFunc)
	}{
		{"whose context had been canceled", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(x.ctx)
			cancel()
			return ctx, cancel
		}},
		{"whose deadline had passed", func() (context.Context, context.CancelFunc) {
			return context.WithDeadline(x.ctx, time.Now().Add(-time.Second))
		}},
		{"whose context was canceled while it waited", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(x.ctx)
			x.spawn(func(*caller) { time.Sleep(early); cancel() })
			return ctx, cancel
		}},
		{"whose deadline passed while it waited", func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(x.ctx, early)
		}},
	} {
		gate, held := x.exhausted()
		x.did("%s, and made a call %s", is.full(), way.what)
		ctx, cancel := way.context()
		w := x.wait(ctx, gate)
		if w.waits() {
			time.Sleep(own - 1)
			synctest.Wait()
		}
		if w.waits() {
			x.find("Acquire went on waiting, as if it had not ended")
		}
		cancel()
		x.join(w.done)
		if w.err == nil {
			if is.holds {
				x.find("it admitted the call, though there was no place")
			}
			held = append(held, w.token)
		}
		x.put(gate, held, nil)
	}
}
