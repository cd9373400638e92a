package ductile

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/deadline"
)

// A race is the copies of one call, of which one wins: those of a hedge, or the single one of a detached timeout, which races the clock.
//
// It is over when a copy has won, when all have failed, when one panicked or exited, or when the caller has left. What ends it is
// decided once, under mu; the copies that still run are canceled at that moment, and discard their values themselves when they end. The
// values of copies that had ended before are the caller's, who takes one and discards the others.
type race struct {
	segment *segment // of the cut: the copies run its rest
	ctx     context.Context
	part    call // what the call of each copy begins with
	reach   reach
	values  cell         // the caller's
	counter atomic.Int64 // numbers the copies, where this is the outermost hedge
	delay   time.Duration
	first   copied
	inline  bool // the first has called the function on the caller's goroutine, so that its value is in values

	mu       sync.Mutex
	timer    *time.Timer // nil where no copy was ever waited for
	due      time.Time   // when the timer is to fire
	others   []*copied
	running  int  // how many have not been judged
	attempt  int  // the highest that a copy has come to
	closed   bool // there are no further copies
	over     bool // nothing below changes any more
	won      bool // the winner's end is an answer
	left     bool // the caller did not wait for an end
	exited   bool // the caller exits
	winner   *copied
	panicked *Panic        // what is raised in the caller
	done     chan struct{} // closed when it is over; nil until the caller waits
}

// copied is one copy of a call.
type copied struct {
	number int
	ctx    deadline.Context
	start  time.Time
	values cell
	hedge  *HedgeStarted // nil for the first

	ended bool // before the race was over, so that the value is the caller's; under mu, as the rest
	err   error
	class fault.Class
	fails bool // by itself, and not because the race's context has ended
	// decides says that the failure tells whether and when the call may be repeated.
	decides bool
	lost    error // what is said of it where a faster one won
}

// newRace returns a race with its first copy, which nobody makes yet.
func newRace(ctx context.Context, c *call, s *segment, v cell) *race {
	r := &race{segment: s, ctx: ctx, values: v, running: 1, attempt: c.attempt}
	r.part = c.part(&r.reach)
	r.first.begin(ctx, c.copy, v)
	return r
}

// begin is at the start of a copy.
func (cp *copied) begin(ctx context.Context, number int, v cell) {
	cp.number, cp.start, cp.values = number, time.Now(), v
	cp.ctx.Copy(ctx)
}

// run makes the copies and returns the end of the call. The first runs on the caller's goroutine, unless the caller must be able to
// leave.
func (r *race) run(c *call) (err error) {
	started, finished := c.started, false
	defer func() {
		if !finished {
			r.abandon()
		}
		c.join(&r.reach, started, r.attempt)
	}()
	c.now = time.Time{}
	if c.joint.async || r.segment.cut.detached {
		r.first.values = r.values.fork()
		go r.guard(func() *copied { return &r.first })
	} else {
		next := r.make(c, &r.first)
		if c.started > started {
			r.reach.reached.Store(true)
			r.inline = true
		}
		for next != nil {
			next = r.makePart(next)
		}
	}
	r.wait()
	err = r.settle(c)
	finished = true
	return err
}

// guard is a goroutine of ours: it makes the copy that begin returns, and those that replace it. No panic leaves it.
func (r *race) guard(begin func() *copied) {
	deepen(0)
	returned := false
	defer func() {
		if !returned {
			r.broke(recover())
		}
	}()
	for cp := begin(); cp != nil; {
		cp = r.makePart(cp)
	}
	returned = true
}

// makePart makes a copy with a call of its own.
func (r *race) makePart(cp *copied) (next *copied) {
	c := r.part
	c.copy = cp.number
	return r.make(&c, cp)
}

// make makes one copy, and returns the next one to make on the same goroutine.
func (r *race) make(c *call, cp *copied) (next *copied) {
	started, end, returned := c.started, error(nil), false
	defer func() {
		cp.ctx.End()
		if returned {
			return
		}
		defer cp.values.drop() // deferred, for the hedger may panic, too
		if c.owed {
			c.deposit()
		}
		if !r.isOver() {
			r.observe(c.since(cp.start), abnormalEnd(c.started > started))
		}
	}()
	ctx := context.Context(&cp.ctx)
	if cp.hedge != nil {
		ctx = atAttempt(ctx, c)
		if c.watch != nil {
			c.watch.HedgeStarted(ctx, *cp.hedge)
		}
	}
	err := r.segment.rest.run(ctx, c, cp.values)
	if err != nil {
		end = c.seen(r.ctx, started, err)
	}
	class := fault.Of(end) // not under mu: it asks the user's error
	returned = true
	return r.ended(c, cp, err, end, class)
}

func (r *race) isOver() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.over
}

// observe tells the hedger of a copy's end. In a detached timeout any end is the call's.
func (r *race) observe(latency time.Duration, end error) (wins, next bool) {
	if r.segment.cut.hedger == nil {
		return true, false
	}
	return r.segment.cut.hedger.Observe(latency, end)
}

// ended takes a copy's end, which is err to the caller and end to the hedger, and returns a copy to make in its place.
func (r *race) ended(c *call, cp *copied, err, end error, class fault.Class) (next *copied) {
	_, pushed := fault.Pushback(err)
	decides := pushed || fault.IsFinal(err)
	r.mu.Lock()
	lost := r.over
	if !lost {
		cp.ended, cp.err, cp.class = true, err, class
		cp.fails = class.Failure() && !fault.DeadlinePassed(end)
		cp.decides = decides && class.Failure()
		r.attempt = max(r.attempt, c.attempt)
	}
	r.mu.Unlock()
	if lost {
		cp.values.drop()
		return nil
	}
	wins, again := r.observe(c.since(cp.start), end) // not under mu: it asks the user's code what an error is
	if class == fault.ClassCanceled || class == fault.ClassSuperseded {
		wins = false // the call is over, but nobody has won
	}
	next, losers := r.judge(cp, wins, again)
	r.tell(losers)
	return next
}

// judge decides what the end of a copy means for the race. The losers are to be told.
func (r *race) judge(cp *copied, wins, again bool) (next *copied, losers []*copied) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over { // meanwhile; the value is the caller's
		return nil, nil
	}
	r.running-- // not before: another's failure is not the last while this one may yet win
	switch {
	case wins, r.ctx.Err() != nil:
		r.winner, r.won = cp, wins
	case again:
		next = r.launch(cp)
	default:
		r.close()
	}
	if r.winner == nil && r.running == 0 {
		r.winner = r.firstFailure()
	}
	if r.winner != nil {
		losers = r.finish()
	}
	return next, losers
}

// firstFailure returns the copy whose failure is the call's where all have failed: the first by which the dependency has said something of
// a repeat, so that a retry around hears it; else the first that is not merely a refusal.
func (r *race) firstFailure() *copied {
	first, rejected := &r.first, r.first.class == fault.ClassRejected
	if first.decides {
		return first
	}
	for _, cp := range r.others {
		switch {
		case cp.decides:
			return cp
		case rejected && cp.class != fault.ClassRejected:
			first, rejected = cp, false
		}
	}
	return first
}
