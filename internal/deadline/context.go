// Package deadline has the context under which a timeout runs a call: a deadline that costs one allocation until somebody waits
// for it.
//
// context.WithTimeout makes a timer, and registers itself with its parent, for every call; most calls end long before, and many
// functions never look at their context's Done channel. This one does that work when Done is first asked for. From then on a
// standard context made at that moment answers for it, so that children, AfterFunc and Cause meet nothing but the standard library.
package deadline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// An Excuse says what to give as the cause of the context's end.
type Excuse interface {
	// Exceeded returns the cause; the argument of that name is nil.
	Exceeded(after time.Duration, cause error) error
}

// A Context ends with its parent or at a time, whichever comes first, or when it has been ended and every holder has let go, or when
// it is canceled.
type Context struct {
	parent context.Context
	at     time.Time // zero where it has no time of its own
	reason reason

	// made is set once standard and cancel are, under mu, and they do not change after. No lock is taken where Done is never asked
	// for: whoever sets made reads holders afterwards, and whoever lets go last reads made afterwards, so one of the two cancels.
	made     atomic.Bool
	holders  atomic.Int32
	mu       sync.Mutex
	standard context.Context
	cancel   context.CancelFunc
	give     context.CancelCauseFunc // in place of cancel, where it has no time of its own
}

// New returns a context of parent that ends at a time, which is after from now. The caller holds it, until End. The parent's own
// deadline must not be sooner: there is no use for this context then.
func New(parent context.Context, at time.Time, after time.Duration, excuse Excuse) *Context {
	c := &Context{parent: parent, at: at, reason: reason{excuse, after}}
	c.holders.Store(1)
	return c
}

// NewCopy returns a context of parent without a time of its own, for a copy of a call that may be canceled for a reason. The caller
// holds it, until End.
func NewCopy(parent context.Context) *Context {
	c := new(Context)
	c.Copy(parent)
	return c
}

// Copy makes an empty Context what NewCopy returns, for who has a place for it.
func (c *Context) Copy(parent context.Context) {
	c.parent = parent
	c.holders.Store(1)
}

// Cancel ends a context without a time of its own at once, whoever holds it, and gives the cause; nil is context.Canceled.
func (c *Context) Cancel(cause error) {
	c.make()
	c.give(cause)
}

// End lets go of the context. The last holder to let go cancels it.
func (c *Context) End() {
	if c.holders.Add(-1) == 0 && c.made.Load() {
		c.stop()
	}
}

// hold makes the caller another holder, unless the context has ended already.
func (c *Context) hold() bool {
	for {
		n := c.holders.Load()
		if n == 0 {
			return false
		}
		if c.holders.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Expired reports whether the context's own time is up, by the clock: the standard context's timer may fire a little later.
func (c *Context) Expired() bool { return !c.at.IsZero() && time.Until(c.at) <= 0 }

// Deadline returns when the context ends.
func (c *Context) Deadline() (time.Time, bool) {
	if c.at.IsZero() {
		return c.parent.Deadline()
	}
	return c.at, true
}

// Done returns the channel that is closed when the context ends.
func (c *Context) Done() <-chan struct{} {
	c.make()
	return c.standard.Done()
}

// Err returns why the context has ended, or nil.
func (c *Context) Err() error {
	if !c.made.Load() && c.holders.Load() > 0 && c.parent.Err() == nil && !c.Expired() {
		return nil
	}
	c.make() // so that Err, Done and Cause agree from now on
	return c.standard.Err()
}

// Value returns the parent's value for key, or, once Done has been asked for, the standard context's: context.WithCancel and its
// siblings find their parent by a key of their own.
func (c *Context) Value(key any) any {
	if key == (contextKey{}) {
		return c
	}
	if c.made.Load() {
		return c.standard.Value(key)
	}
	return c.parent.Value(key)
}

// make makes the standard context where there is none, and cancels it where the last holder let go before there was one to cancel.
func (c *Context) make() {
	if !c.made.Load() {
		c.makeOnce()
	}
	if c.holders.Load() == 0 {
		c.stop()
	}
}

// stop cancels the standard context.
func (c *Context) stop() {
	if c.give != nil {
		c.give(nil)
	} else {
		c.cancel()
	}
}

func (c *Context) makeOnce() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made.Load() {
		return
	}
	switch {
	case c.at.IsZero():
		c.standard, c.give = context.WithCancelCause(c.parent)
	case c.holders.Load() > 0:
		c.standard, c.cancel = context.WithDeadlineCause(c.parent, c.at, &c.reason)
	default: // it has ended, and whether its time is up by now is not the question
		c.standard, c.cancel = context.WithCancel(c.parent)
	}
	if c.standard.Err() == nil && c.parent.Err() != nil {
		c.stop() // a parent that says it has ended before it closes Done: nothing is to start on it
	}
	c.made.Store(true)
}

// RanOut reports whether the context's own time was up before its parent ended.
func (c *Context) RanOut() bool {
	if !c.Expired() {
		return false
	}
	if err := c.parent.Err(); err == nil || errors.Is(err, context.DeadlineExceeded) {
		return true // the parent's deadline is the later one
	}
	return c.made.Load() && errors.Is(c.standard.Err(), context.DeadlineExceeded)
}

// String returns the context as those of the standard library print. Without it, printing a context would read what others write.
func (c *Context) String() string {
	if c.at.IsZero() {
		return Name(c.parent) + ".WithCancel"
	}
	return Name(c.parent) + ".WithTimeout(" + c.reason.after.String() + ")"
}

// Name returns what a context prints as, without reading into it.
func Name(ctx context.Context) string {
	if s, ok := ctx.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", ctx)
}

// reason is the cause of a context that ran out of time. It lives within its context: one allocation less for each call.
type reason struct {
	excuse Excuse
	after  time.Duration
}

func (r *reason) Unwrap() error { return r.excuse.Exceeded(r.after, nil) }
func (r *reason) Error() string { return r.Unwrap().Error() }
func (r *reason) Timeout() bool { return true }

// contextKey is what a Context returns itself for.
type contextKey struct{}
