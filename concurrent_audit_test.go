package ductile_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// audit returns what does not balance, when all that the call started is over.
func (st *stage) audit() []string {
	st.auditValues()
	st.auditPermits()
	st.auditContexts()
	st.auditPanics()
	st.auditBudget()
	st.auditWatches()
	st.auditEnd()
	if st.virtual() {
		st.auditTimes()
	}
	return st.wrongs
}

// Every value is returned or discarded, exactly once.
func (st *stage) auditValues() {
	st.mu.Lock()
	values := st.values // goroutines wrote them that are over by now, and told nobody so
	st.mu.Unlock()
	for i, v := range values {
		if d, r := v.discarded.Load(), v.returned.Load(); d+r != 1 {
			st.wrong("value %d of %d was discarded %d times and returned %d times", i, len(values), d, r)
		}
	}
	if st.came && st.v == nil && st.err == nil && !st.has("middleware") {
		st.wrong("neither a value nor an error")
	}
}

// Every permit comes back.
func (st *stage) auditPermits() {
	for _, l := range st.ledgers {
		if l.inside.Load() != 0 || l.admitted.Load() != l.released.Load() {
			st.wrong("%d permits went out, and %d came back", l.admitted.Load(), l.released.Load())
		}
	}
}

// The context of a retained value lives until it is released, and no other outlives the call.
func (st *stage) auditContexts() {
	if st.v != nil && st.v.release != nil {
		if !st.alive && st.only("hedge", "gate", "retry", "fallback") && st.leaves == "" && st.trap.way == "" {
			st.wrong("the value's context has ended: %v", context.Cause(st.v.ctx))
		}
		st.v.release()
	}
	for _, ctx := range st.contexts {
		if ctx.Err() == nil && (st.when%2 == 0 || st.cuts()) {
			st.wrong("a context goes on")
		}
	}
	st.cancel()
}

// cuts reports whether a policy makes contexts for all that is inside of it.
func (st *stage) cuts() bool {
	return slices.ContainsFunc(st.layers, func(l layer) bool {
		return l.kind == "middleware" || l.kind == "detached" && l.ticks > 0 || l.kind == "hedge" && !st.once && (l.n > 1 || l.manner == "forever")
	})
}

// Every panic is raised in the caller, recovered by a middleware, or contained: unless another takes its place, or an exit.
func (st *stage) auditPanics() {
	var raised int64
	if st.raised != nil {
		st.ours(st.raised)
		raised = 1
	}
	heard := raised + st.recovered.Load() + st.contained.Load()
	if st.trap.way == "" && st.exits.Load() == 0 && st.panics.Load() != heard {
		st.wrong("of %d panics, %d were raised, %d recovered and %d contained", st.panics.Load(), raised, st.recovered.Load(), st.contained.Load())
	}
	if heard > st.panics.Load() {
		st.wrong("%d panics were heard of, and there were %d", heard, st.panics.Load())
	}
	if !st.came && raised == 0 && st.exits.Load() == 0 {
		st.wrong("it exited, and nobody had")
	}
}

// The budget has a share of each call that reached the function, once.
func (st *stage) auditBudget() {
	var reached uint64
	for _, call := range st.calls {
		if call.Load() {
			reached++
		}
	}
	if earned := st.extra.Snapshot().Earned; st.has("retry", "hedge") && earned != reached {
		st.wrong("%d calls reached the function, and the budget has had %d shares", reached, earned)
	}
}

// Those who watch hear of the end of all that they heard of the start of.
func (st *stage) auditWatches() {
	for _, w := range st.watches {
		w.mu.Lock()
		over, attempts := w.over, maps.Clone(w.attempts)
		w.mu.Unlock()
		if over != 1 {
			st.wrong("the call ended %d times", over)
		}
		for at, n := range attempts {
			if n.started != n.ended {
				st.wrong("attempt %d, copy %d started %d times and ended %d times", at[0], at[1], n.started, n.ended)
			}
			if n.started > 1 && !st.async && !st.has("middleware", "detached") {
				st.wrong("there are %d attempts %d, copy %d", n.started, at[0], at[1])
			}
		}
	}
}

// The error is somebody's, and an answer that came before the end is the end.
func (st *stage) auditEnd() {
	if st.once && st.began > 1 && !st.has("middleware") {
		st.wrong("called %d times, and it was to be called once", st.began)
	}
	if !st.came || st.err == nil {
		return
	}
	known := []error{errUser, context.Canceled, context.DeadlineExceeded, timeout.ErrExceeded}
	if !slices.ContainsFunc(known, func(err error) bool { return errors.Is(st.err, err) }) {
		st.wrong("an error of nobody: %v", st.err)
	}
	if st.err.Error() == "" || !fault.Of(st.err).Valid() {
		st.wrong("a strange error: %v", st.err)
	}
	if !st.only("hedge", "gate", "retry") || st.manner("stubborn", "eager") || st.leaves != "" || st.trap.way != "" ||
		slices.ContainsFunc(st.acts, func(a act) bool { return a.within != "" }) || fault.Of(st.err) != fault.ClassTransient {
		return
	}
	for _, v := range st.values {
		if v.err == nil && v.at < st.took {
			st.wrong("failed after %v, and had an answer after %v", st.took, v.at)
		}
	}
}

// A caller who leaves waits for nothing, where the first copy is not his to make.
func (st *stage) auditTimes() {
	if st.leaves != "cancel" && st.leaves != "deadline" || len(st.layers) == 0 {
		return
	}
	first, left := st.layers[0], time.Duration(st.when)*st.tick
	free := first.kind == "hedge" && st.async && !st.once && (first.n > 1 || first.manner == "forever") || first.kind == "detached" && first.ticks > 0
	if free && st.took > left {
		st.wrong("the caller left after %v and was let go after %v", left, st.took)
	}
}
