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

// finish ends the race and returns the copies that still run. The caller holds mu.
func (r *race) finish() (losers []*copied) {
	r.over = true
	r.close()
	if r.done != nil {
		close(r.done)
	}
	if !r.first.ended {
		losers = append(losers, &r.first)
	}
	for _, cp := range r.others {
		if !cp.ended {
			losers = append(losers, cp)
		}
	}
	return losers
}

// supersede cancels the copies that lost to a faster one.
func (r *race) supersede(losers []*copied) {
	if len(losers) == 0 {
		return
	}
	now := time.Now()
	ends := make([]error, len(losers))
	for i, cp := range losers {
		ends[i] = fault.Superseded(r.delay > 0 && now.Sub(cp.start) >= r.delay)
		cp.ctx.Cancel(ends[i])
	}
	for i, cp := range losers {
		r.observe(now.Sub(cp.start), ends[i])
	}
}

// cancel cancels copies of a call that is over without a winner.
func cancel(losers []*copied) {
	for _, cp := range losers {
		cp.ctx.Cancel(nil)
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
	end := seenAt(r.ctx, r.reach.reached.Load(), endOf(r.ctx))
	for _, cp := range losers { // their contexts ended with the race's
		r.observe(time.Since(cp.start), end)
	}
}

// broke ends the race on a goroutine of ours that panicked, or exited where there is no value, unless it was over already.
func (r *race) broke(value any) {
	var p *Panic
	if value != nil {
		p = caught(value)
	}
	r.mu.Lock()
	var losers []*copied
	late := r.over
	if !late {
		r.panicked, r.exited = p, p == nil
		losers = r.finish()
	}
	r.mu.Unlock()
	cancel(losers)
	if late && p != nil && r.part.watch != nil {
		defer func() { _ = recover() }() // there is nobody left to tell
		r.part.watch.Contained(r.ctx, Contained{Policy: r.segment.cut.name, Panic: p})
	}
}

// abandon ends a race whose caller panics or exits, and discards the values that are the caller's.
func (r *race) abandon() {
	r.mu.Lock()
	var losers []*copied
	if !r.over {
		losers = r.finish()
	}
	r.mu.Unlock()
	cancel(losers)
	r.drop(nil)
}

// drop discards the values that are the caller's, but for one copy's.
func (r *race) drop(but *copied) {
	if cp := &r.first; cp != but && cp.ended && (cp.values != r.values || but == nil) {
		defer cp.values.drop()
	}
	for _, cp := range r.others {
		if cp != but && cp.ended {
			defer cp.values.drop() // deferred, so that one that panics does not keep the others
		}
	}
}

// settle takes the winner's value and returns its error, or raises what ended the race. It runs on the caller's goroutine when the
// race is over.
func (r *race) settle(c *call) error {
	switch {
	case r.panicked != nil:
		r.panicked.raise()
	case r.exited:
		runtime.Goexit()
	case r.left:
		c.now = time.Time{}
		r.drop(&r.first)
		if r.first.ended {
			r.values.take(r.first.values)
		}
		return r.gone(endOf(r.ctx))
	}
	w := r.winner
	if w != &r.first {
		c.now = time.Time{}
	}
	if len(r.others) > 0 {
		if c.watch != nil && r.won {
			c.watch.HedgeWon(r.ctx, HedgeWon{Policy: r.segment.cut.name, Attempt: r.part.attempt, Copy: w.number, Class: w.class})
		}
		r.drop(w)
	}
	r.values.take(w.values)
	if !r.won && errors.Is(w.err, r.ctx.Err()) {
		return r.gone(w.err)
	}
	return w.err
}

// gone returns the error of a call whose context has ended, together with a copy's failure before, if there was one.
func (r *race) gone(err error) error {
	for _, cp := range append([]*copied{&r.first}, r.others...) {
		if cp.ended && cp != r.winner && cp.err != nil && cp.class != fault.ClassRejected {
			return &contextError{err, cp.err}
		}
	}
	return err
}
