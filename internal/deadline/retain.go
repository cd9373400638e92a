package deadline

import (
	"context"
	"slices"
	"sync/atomic"
)

// Retain keeps every context of this package that ctx descends from alive until release is called, though their calls have ended
// meanwhile: for a value that is still read through its context, such as the body of a response. Deadlines go on running, and so
// does the parents' cancellation. Calling release again does nothing.
func Retain(ctx context.Context) (release func()) {
	if _, ok := ctx.Value(contextKey{}).(*Context); !ok {
		return func() {}
	}
	r := new(Retained)
	r.Hold(ctx)
	return r.Release
}

// A Retained is what one [Retain] holds: for who has a place for it, and saves two allocations. It must not be copied. An empty one holds
// nothing.
type Retained struct {
	released atomic.Bool
	held     []*Context
	few      [2]*Context // where held is, as a rule
}

// Hold makes an empty Retained what Retain keeps, until Release.
func (r *Retained) Hold(ctx context.Context) {
	held := r.few[:0]
	for c, ok := ctx.Value(contextKey{}).(*Context); ok; c, ok = c.parent.Value(contextKey{}).(*Context) {
		held = append(held, c)
	}
	// The outermost is held first and let go of last, as the driver does: who holds one can rely on those around it.
	slices.Reverse(held)
	r.held = slices.DeleteFunc(held, func(c *Context) bool { return !c.hold() })
}

// Release lets go of what is held. Releasing again does nothing.
func (r *Retained) Release() {
	if r.released.CompareAndSwap(false, true) {
		for _, c := range slices.Backward(r.held) {
			c.End()
		}
	}
}
