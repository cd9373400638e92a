package ductile

import (
	"context"
	"time"
)

// runHedger makes the call, and further copies of it when the hedger says so.
func (s *segment) runHedger(ctx context.Context, c *call, v cell) error {
	hedger := s.cut.hedger
	wait, more := hedger.Delay(1)
	if !more || c.once || c.single {
		return s.runAlone(ctx, c, v)
	}
	r := newRace(ctx, c, s, v)
	r.delay = wait
	outermost := c.copies == nil
	if outermost {
		r.counter.Store(int64(c.copy))
		c.copies, r.part.copies = &r.counter, &r.counter
	}
	r.mu.Lock()
	r.arm(wait)
	r.mu.Unlock()
	err := r.run(c)
	if outermost {
		c.copies = nil
	}
	return err
}

// runAlone makes a call that is not hedged, for the hedger to learn from.
func (s *segment) runAlone(ctx context.Context, c *call, v cell) (err error) {
	started, begin := c.started, time.Now()
	end, ended := error(nil), false
	defer func() {
		if !ended {
			end = abnormalEnd(c.started > started)
		}
		if c.owed {
			c.deposit()
		}
		s.cut.hedger.Observe(c.since(begin), end)
	}()
	c.now = time.Time{}
	if err = s.rest.run(ctx, c, v); err != nil {
		end = c.seen(ctx, started, err)
	}
	ended = true
	return err
}

// since returns the time since begin until fn last returned, if that is known, or until now.
func (c *call) since(begin time.Time) time.Duration {
	if c.now.IsZero() {
		return time.Since(begin)
	}
	return c.now.Sub(begin)
}

// arm sets the timer for the next copy, if that can start before the deadline. The caller holds mu.
func (r *race) arm(wait time.Duration) {
	if wait >= remaining(r.ctx) {
		return
	}
	r.due = time.Now().Add(wait)
	if r.timer == nil {
		r.timer = time.AfterFunc(wait, r.overdue)
	} else {
		r.timer.Reset(wait)
	}
}

// overdue starts a copy because those that run take long. It is the timer's function, and the copy's goroutine.
func (r *race) overdue() {
	r.guard(func() *copied {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.due.IsZero() || time.Now().Before(r.due) {
			return nil // another copy started, or the timer was set anew, while this began
		}
		return r.launch(nil)
	})
}

// launch decides about another copy, because one failed or, where that is nil, because they take long. The goroutine that asks is to
// make it. None means that there are no further ones. The caller holds mu, so that a race is never over between the withdrawal from
// the budget and the start.
func (r *race) launch(failed *copied) *copied {
	if r.closed {
		return nil
	}
	r.close()           // unless all goes well: the hedger may panic, too
	r.due = time.Time{} // the timer may have fired already, for the copy that starts now
	hedger, started := r.segment.cut.hedger, 1+len(r.others)
	if failed != nil { // one that takes long was asked about when the timer was set
		if _, more := hedger.Delay(started); !more {
			return nil
		}
	}
	left := remaining(r.ctx)
	if left <= 0 || r.ctx.Err() != nil || !hedger.Launch(started, left) {
		return nil
	}
	cp := new(copied)
	cp.begin(r.ctx, int(r.part.copies.Add(1)), r.values.fork())
	cp.hedge = &HedgeStarted{Policy: r.segment.cut.name, Attempt: r.part.attempt, Copy: cp.number, After: cp.start.Sub(r.first.start)}
	if failed != nil {
		cp.hedge.Cause, cp.hedge.Class = failed.err, failed.class
	}
	r.others = append(r.others, cp)
	r.running++
	if wait, more := hedger.Delay(started + 1); more {
		r.arm(wait)
	}
	r.closed = false
	return cp
}
