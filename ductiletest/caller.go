package ductiletest

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile"
)

// A caller is a goroutine that uses gates. It contains their panics, and lets itself be seen from outside while it is in one. Callers share
// nothing that would order their calls and so hide a race.
type caller struct {
	x     *trial
	moves atomic.Uint64 // counts entries and exits: odd inside
	ends  atomic.Bool   // it is in Release, not in Acquire
	seen  uint64        // what moves was when the watcher last looked
}

// spawn runs f as another caller, and returns a channel that is closed when it has ended.
func (x *trial) spawn(f func(*caller)) <-chan struct{} {
	c := &caller{x: x}
	x.mu.Lock()
	x.callers = append(x.callers, c)
	x.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil { // of build, of Name, of an error's methods
				x.note(fmt.Sprintf("it panicked: %v", r), x.owed, string(debug.Stack()))
			}
		}()
		f(c)
	}()
	return done
}

// stuck is called when a long time has passed, and reports whether a gate has kept a call for all of it.
func (x *trial) stuck() bool {
	kept := x.kept()
	if kept != nil {
		method, owed := kept.method()
		if method == "Acquire" {
			owed = owesHeed
		}
		x.note(method+" has not returned in two days", owed, "")
	}
	return kept != nil
}

// kept returns a caller that has not moved since the last time.
func (x *trial) kept() *caller {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range x.callers {
		moves := c.moves.Load()
		if moves%2 == 1 && moves == c.seen {
			return c
		}
		c.seen = moves
	}
	return nil
}

// join waits for callers, and ends the story where one of them found something.
func (x *trial) join(done ...<-chan struct{}) {
	for _, d := range done {
		<-d
	}
	if x.over() {
		runtime.Goexit()
	}
}

func (c *caller) enter(release bool) {
	c.ends.Store(release)
	c.moves.Add(1)
}

// exit notes that the gate has returned.
func (c *caller) exit() { c.moves.Add(1) }

// leave is deferred after enter, for gates that do not return.
func (c *caller) leave() {
	if c.moves.Load()%2 == 0 {
		return
	}
	c.exit()
	method, owed := c.method()
	if r := recover(); r != nil { //nolint:revive // leave is deferred by whoever entered
		c.x.note(fmt.Sprintf("%s panicked: %v", method, r), owed, string(debug.Stack()))
		runtime.Goexit()
	}
	c.x.note(method+" ended its goroutine", owed, "")
}

// method returns the method in which the caller is, or was last, and what is expected of that.
func (c *caller) method() (name, owed string) {
	if c.ends.Load() {
		return "Release", owesRelease
	}
	return "Acquire", owesAcquire
}

func (c *caller) acquire(ctx context.Context, gate ductile.Gate) (uint64, error) {
	c.enter(false)
	defer c.leave()
	token, err := gate.Acquire(ctx)
	c.exit()
	return token, err
}

func (c *caller) release(gate ductile.Gate, token uint64, err error) {
	c.enter(true)
	defer c.leave()
	gate.Release(token, err)
	c.exit()
}

func (c *caller) releaseAt(gate timedGate, token uint64, err error) {
	c.enter(true)
	defer c.leave()
	gate.ReleaseAt(token, time.Now(), err)
	c.exit()
}

// timedGate is a gate with the optional method.
type timedGate interface {
	ductile.Gate
	ReleaseAt(token uint64, at time.Time, err error)
}

// contained is a gate as one caller uses it, for pipelines.
type contained struct {
	ductile.Gate
	by *caller
}

func (g contained) Acquire(ctx context.Context) (uint64, error) { return g.by.acquire(ctx, g.Gate) }
func (g contained) Release(token uint64, err error)             { g.by.release(g.Gate, token, err) }
