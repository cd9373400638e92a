package ductiletest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile"
)

// many is the number of calls at once from which on a gate counts as one without a limit.
const many = 1000

// longest is the wait from which on it counts as one without an end.
const longest = time.Hour

// measured is what a gate does when nothing goes wrong. Everything else is compared with it.
type measured struct {
	name    string
	room    int           // how many calls a fresh gate admits at once, many at most
	waits   bool          // whether the next one waits; otherwise it is refused
	wait    time.Duration // how long it does if nothing happens
	forever bool          // it does so for longer than the longest
	holds   bool          // its places are held by calls: they come back at once with Release, never by themselves, and are never more
	shuts   bool          // it refuses after failures
	calls   int           // how many calls show what it makes of their end
}

// String says it after "a fresh gate".
func (m measured) String() string {
	text := fmt.Sprintf("(%q) admits %d at once, then ", m.name, m.room)
	switch {
	case m.room == many:
		text = fmt.Sprintf("(%q) admits all", m.name)
	case !m.waits:
		text += "refuses"
	case m.forever:
		text += "lets calls wait"
	default:
		text += fmt.Sprintf("lets calls wait for %v", m.wait)
	}
	if m.shuts {
		text += "; it refuses after failures"
	}
	return text
}

// limited reports whether there is a number of calls that it admits at once, and no more.
func (m measured) limited() bool { return m.room > 0 && m.room < many }

// measure finds out what the gate is like. It cancels nothing, and so does not depend on what becomes of that.
func (k *kit) measure(t *testing.T) *finding {
	t.Helper()
	if v := k.try(t, owesBubble, func(x *trial) { x.build() }); v.found != nil {
		return v.found
	}
	for _, story := range []func(*trial){measureRoom, measureWait, measureHold, measureShut} {
		v := k.try(t, owesMeasure, func(x *trial) {
			x.leaves = true
			story(x)
		})
		if v.found != nil {
			return v.found
		}
	}
	return nil
}

// measureRoom compares three, because a build that returns one gate again and again, and a gate that throws dice, show in that.
func measureRoom(x *trial) {
	var first ductile.Gate
	for i := range 3 {
		gate := x.build()
		x.did("built a gate, and called Acquire until it admitted no more")
		if i == 0 {
			first, x.kit.is.name = gate, gate.Name()
		} else if t := reflect.TypeOf(gate); t.Kind() == reflect.Pointer && t.Elem().Size() > 0 && gate == first {
			x.find("build returned the same gate a second time")
		}
		tokens, waits := x.fill(gate, many)
		if i > 0 && len(tokens) != x.kit.is.room {
			x.find("one gate admitted %d at once, another %d", x.kit.is.room, len(tokens))
		}
		x.kit.is.room, x.kit.is.waits = len(tokens), waits
	}
}

// measureWait lets a call wait as long as it likes.
func measureWait(x *trial) {
	is := &x.kit.is
	if !is.waits {
		return
	}
	gate := x.build()
	x.take(gate, is.room)
	x.did("%s, and called Acquire", is.full())
	begun := time.Now()
	done := x.spawn(func(c *caller) { _, _ = c.acquire(x.ctx, gate) })
	select {
	case <-done:
		is.wait = time.Since(begun)
	case <-time.After(longest):
		is.forever = true
	}
}

func measureHold(x *trial) {
	is := &x.kit.is
	if !is.limited() {
		return
	}
	gate := x.build()
	for range 3 { // a limit that adapts would grow
		tokens := x.take(gate, is.room)
		if len(tokens) < is.room {
			return // what was taken comes back with time, if at all
		}
		x.put(gate, tokens, nil)
	}
	x.take(gate, is.room)
	time.Sleep(longest)
	is.holds = len(x.take(gate, 1)) == 0
}

func measureShut(x *trial) {
	is := &x.kit.is
	is.calls = 50
	if never, _ := x.shut(x.build(), success()); never || is.room == 0 {
		return
	}
	if shuts, after := x.shut(x.build(), failing()); shuts {
		is.shuts, is.calls = true, max(is.calls, 2*after)
	}
}

// take takes up to n places, as long as Acquire returns at once and admits.
func (x *trial) take(gate ductile.Gate, n int) (tokens []uint64) {
	tokens, _ = x.fill(gate, n)
	return tokens
}

// fill is take that also reports whether the last call would have had to wait.
func (x *trial) fill(gate ductile.Gate, n int) (tokens []uint64, waits bool) {
	waits = x.atOnce(func(ctx context.Context, c *caller) {
		for len(tokens) < n && ctx.Err() == nil {
			token, err := c.acquire(ctx, gate)
			if err != nil {
				return
			}
			tokens = append(tokens, token)
		}
	})
	return tokens, waits
}

// put gives places back.
func (x *trial) put(gate ductile.Gate, tokens []uint64, err error) {
	x.join(x.spawn(func(c *caller) {
		for _, token := range tokens {
			c.release(gate, token, err)
		}
	}))
}

// calls makes up to n calls that end alike, one after another, as long as they are admitted at once, and returns how many were.
func (x *trial) calls(gate ductile.Gate, e end, n int) int {
	admitted := 0
	x.atOnce(func(ctx context.Context, c *caller) {
		for admitted < n && ctx.Err() == nil && !x.over() && e.call(ctx, c, gate) {
			admitted++
		}
	})
	return admitted
}

// atOnce runs f, and cancels its context if it has to wait. It reports whether it had to.
func (x *trial) atOnce(f func(context.Context, *caller)) (waited bool) {
	var w waiting
	ctx := w.begin(x.ctx) // and it lives on, as a caller's does
	w.done = x.spawn(func(c *caller) { f(ctx, c) })
	synctest.Wait()
	if waited = w.waits(); waited {
		if x.leaves {
			return waited
		}
		w.cancel()
	}
	x.join(w.done)
	return waited
}
