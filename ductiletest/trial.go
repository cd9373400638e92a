package ductiletest

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile"
)

// patience is how long a gate may take to recover.
const patience = 48 * time.Hour

// A trial is one story told of a gate, in virtual time. It ends with what was found first.
type trial struct {
	kit  *kit
	owed string
	ctx  context.Context // of everything in the story; ends with it

	stopped chan struct{} // closed when something is found

	leaves bool // the story leaves calls waiting where they are, and nobody minds

	mu      sync.Mutex
	step    string // what was done last, as a person would tell it
	verdict verdict
	callers []*caller
	gates   []ductile.Gate
}

// A verdict is how a trial ended: with a finding, because there was nothing to find out, or well.
type verdict struct {
	found *finding
	moot  string
}

// A finding is a promise not kept, as it is told to people.
type finding struct{ did, happened, owed, stack string }

func (f *finding) String() string {
	text := fmt.Sprintf("\n  done:     %s\n  happened: %s\n  owed:     %s", f.did, f.happened, f.owed)
	if f.stack != "" {
		text += "\n\n" + f.stack
	}
	return text
}

// judge tries whether a promise is kept.
func (k *kit) judge(t *testing.T, p promise) verdict {
	t.Helper()
	for _, other := range p.needs {
		if k.broken[other] {
			return verdict{moot: "says nothing new of a gate that fails in: " + other}
		}
	}
	v := k.try(t, p.owed, p.kept)
	k.broken[p.name] = v.found != nil
	return v
}

// try tells a story in a bubble. The story has a goroutine of its own, and this one watches: a call that never returns is a finding,
// and no deadlock of the test.
func (k *kit) try(t *testing.T, owed string, story func(*trial)) verdict {
	t.Helper()
	x := &trial{kit: k, owed: owed, step: "called build"}
	x.bubble(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		x.ctx, x.stopped = ctx, make(chan struct{})
		done := x.spawn(func(*caller) { story(x) })
		for over := false; !over; {
			select {
			case <-done:
				over = true
			case <-time.After(2 * patience):
				over = x.stuck()
			}
		}
		cancel()
		x.close()
		time.Sleep(time.Hour) // for what ends by itself
	})
	return x.verdict
}

// bubble runs f in a bubble. What is blocked for good at its end makes synctest panic, which is contained, and is a finding unless
// there is another.
func (x *trial) bubble(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if err, ok := r.(error); !ok || !strings.HasPrefix(err.Error(), "deadlock") {
			panic(r)
		}
		if x.verdict.found == nil && !x.leaves {
			x.verdict.found = &finding{did: "let an hour pass after the last call", happened: "goroutines of the gate are still there", owed: owesBubble}
		}
	}()
	synctest.Test(t, func(*testing.T) { f() })
}

// build returns a new gate.
func (x *trial) build() ductile.Gate {
	gate := x.kit.build()
	if gate == nil || reflect.ValueOf(gate).Kind() == reflect.Pointer && reflect.ValueOf(gate).IsNil() {
		x.did("called build")
		x.findBy(owesMeasure, "it returned nil")
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.gates = append(x.gates, gate)
	return gate
}

// close closes the gates that can be closed.
func (x *trial) close() {
	for _, gate := range x.gates {
		switch closing := gate.(type) {
		case interface{ Close() error }:
			_ = closing.Close()
		case interface{ Close() }:
			closing.Close()
		}
	}
}

// did says what is done with the gate now.
func (x *trial) did(format string, args ...any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.step = fmt.Sprintf(format, args...)
}

// find ends the story with what happened after what was done last.
func (x *trial) find(format string, args ...any) { x.findBy(x.owed, format, args...) }

// findBy is find for another promise than that of the story.
func (x *trial) findBy(owed, format string, args ...any) {
	x.note(fmt.Sprintf(format, args...), owed, "")
	runtime.Goexit()
}

// note keeps a finding, if it is the first, of what was done last.
func (x *trial) note(happened, owed, stack string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.verdict.found == nil {
		x.verdict.found = &finding{x.step, happened, owed, stack}
		close(x.stopped)
	}
}

// moot ends the story where the gate gives no occasion to find anything out.
func (x *trial) moot(why string) {
	x.mu.Lock()
	x.verdict.moot = why
	x.mu.Unlock()
	runtime.Goexit()
}

// over reports whether something has been found.
func (x *trial) over() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.verdict.found != nil
}
