package ductile

import (
	"errors"
	"runtime"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// close lets no further copy start. The caller holds mu.
func (r *race) close() {
	r.closed = true
	if r.timer != nil {
		r.timer.Stop()
	}
}

// finish ends the race, cancels the copies that still run, and returns them. Whoever waits is told last: many callers cancel their context
// once they have the answer, and that would be what the losers hear. The caller holds mu.
func (r *race) finish() (losers []*copied) {
	r.over = true
	r.close()
	if !r.first.ended {
		losers = append(losers, &r.first)
	}
	for _, cp := range r.others {
		if !cp.ended {
			losers = append(losers, cp)
		}
	}
	for _, cp := range losers {
		switch {
		case r.won:
			cp.lost = fault.Superseded(r.delay > 0 && time.Since(cp.start) >= r.delay)
			cp.ctx.Cancel(cp.lost)
		case r.left, r.winner != nil: // their contexts ended with the race's
		default:
			cp.ctx.Cancel(nil)
		}
	}
	if r.done != nil {
		close(r.done)
	}
	return losers
}

// tell tells the hedger of the copies that still ran when one had won, or the race's context had ended.
func (r *race) tell(losers []*copied) {
	if len(losers) == 0 {
		return
	}
	now, end := time.Now(), error(nil)
	if !r.won {
		end = seenAt(r.ctx, r.reach.reached.Load(), endOf(r.ctx))
	}
	for _, cp := range losers {
		if r.won {
			end = cp.lost
		}
		r.observe(now.Sub(cp.start), end)
	}
}

// wait waits on the caller's goroutine until the race is over or its context ends.
func (r *race) wait() {
	r.mu.Lock()
	if r.over {
		r.mu.Unlock()
		return
	}
	r.done = make(chan struct{})
	r.mu.Unlock()
	select {
	case <-r.done:
	case <-r.ctx.Done():
		r.leave()
	}
}

// leave ends a race whose context has ended, unless it was over already.
func (r *race) leave() {
	r.mu.Lock()
	var losers []*copied
	if !r.over {
		r.left = true
		losers = r.finish()
	}
	r.mu.Unlock()
	r.tell(losers)
}

// broke ends the race on a goroutine of ours that panicked, or exited where there is no value, unless it was over already.
func (r *race) broke(value any) {
	var p *Panic
	if value != nil {
		p = caught(value)
	}
	r.mu.Lock()
	late := r.over
	if !late {
		r.panicked, r.exited = p, p == nil
		r.finish()
	}
	r.mu.Unlock()
	if late {
		r.contain(p)
	}
}

// contain tells those who watch of a panic that is not raised, if there is one.
func (r *race) contain(p *Panic) {
	if p != nil && r.part.watch != nil {
		defer func() { _ = recover() }() // there is nobody left to tell
		r.part.watch.Contained(r.ctx, Contained{Policy: r.segment.cut.name, Panic: p})
	}
}

// abandon ends a race whose caller panics or exits, and discards the values that are the caller's. A copy's panic that was to be raised gives
// way to the caller's own.
func (r *race) abandon() {
	r.mu.Lock()
	if !r.over {
		r.finish()
	}
	r.mu.Unlock()
	defer r.contain(r.panicked)
	r.drop(nil)
}

// drop discards the values that are the caller's, but for one copy's.
func (r *race) drop(but *copied) {
	var cells []cell
	if cp := &r.first; cp != but && cp.ended && (cp.values != r.values || but == nil) {
		cells = append(cells, cp.values)
	}
	for _, cp := range r.others {
		if cp != but && cp.ended {
			cells = append(cells, cp.values)
		}
	}
	dropAll(cells)
}

// dropAll discards values. Where that panics, which is the user's code, the others are discarded all the same.
func dropAll(cells []cell) {
	if len(cells) > 0 {
		defer dropAll(cells[1:])
		cells[0].drop()
	}
}

// settle takes the winner's value and returns its error, or raises what ended the race. It runs on the caller's goroutine when the
// race is over.
func (r *race) settle(c *call) error {
	switch {
	case r.panicked != nil:
		p := r.panicked
		r.panicked = nil
		p.raise()
	case r.exited:
		runtime.Goexit()
	case r.left:
		if c.sent != nil && r.reach.reached.Load() {
			c.sent.Store(true) // by what still runs, for all that is known
		}
		c.now = time.Time{}
		r.drop(&r.first)
		if r.first.ended {
			r.values.take(r.first.values, false)
		}
		return r.gone(endOf(r.ctx))
	}
	w := r.winner
	if len(r.others) > 0 {
		c.now = time.Time{} // of the first copy, which may have ended long before
		if c.watch != nil && r.won {
			c.watch.HedgeWon(r.ctx, HedgeWon{Policy: r.segment.cut.name, Attempt: r.part.attempt, Copy: w.number, Class: w.class})
		}
		r.drop(w)
		if r.inline && w != &r.first {
			r.values.drop() // the first copy's, which is in no cell of its own
		}
	}
	r.values.take(w.values, w.err == nil)
	if end := r.ctx.Err(); !r.won && end != nil && errors.Is(w.err, end) {
		return r.gone(w.err)
	}
	return w.err
}

// gone returns the error of a call whose context has ended, together with a copy's failure before, if there was one.
func (r *race) gone(err error) error {
	for _, cp := range append([]*copied{&r.first}, r.others...) {
		if cp.fails && cp != r.winner {
			return &contextError{err, cp.err}
		}
	}
	return err
}
