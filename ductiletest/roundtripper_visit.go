package ductiletest

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"sync"
	"time"
)

// A visit is one story told of a transport, in real time and with real servers. It ends with what was found first.
type visit struct {
	paces
	wrap func(http.RoundTripper) http.RoundTripper
	over protocol
	owed string
	ctx  context.Context // of every request; it ends after the story

	labels  context.Context // what marks each goroutine that the story starts, and that those start
	label   string
	stopped chan struct{} // closed when something is found

	mu      sync.Mutex
	step    string // what was done last, as a person would tell it
	verdict verdict
	after   []func() // what is closed after the story
	closed  bool
}

// try tells a story. It has a goroutine of its own, and this one watches: a call that never returns is a finding.
func (e *examination) try(p pledge, over protocol) verdict {
	x := &visit{paces: e.paces, wrap: e.wrap, over: over, owed: p.owed, step: "called wrap", stopped: make(chan struct{})}
	x.label = fmt.Sprintf("%p %d", x, time.Now().UnixNano())
	x.labels = pprof.WithLabels(context.Background(), pprof.Labels(labeled, x.label))
	ctx, cancel := context.WithCancel(x.labels)
	x.ctx = ctx
	told := x.spawn(func() { p.kept(x) })
	watch := time.NewTimer(x.watch)
	defer watch.Stop()
	select {
	case <-told:
	case <-x.stopped:
	case <-watch.C:
		x.note(fmt.Sprintf("the transport has not come to an end in %v", x.watch), "")
	case <-e.finished:
	}
	cancel()
	x.close()
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.verdict
}

// labeled is the key of the label that goroutines of a visit have.
const labeled = "ductiletest.RoundTripper"

// apart runs f on a goroutine.
func apart(f func()) { go f() }

// spawn runs f on a goroutine of the story, whose panic is a finding. What is returned is closed when it has ended.
func (x *visit) spawn(f func()) <-chan struct{} {
	ended := make(chan struct{})
	apart(func() {
		defer close(ended)
		defer func() {
			if r := recover(); r != nil {
				x.note(fmt.Sprintf("it panicked: %v", r), string(debug.Stack()))
			}
		}()
		pprof.SetGoroutineLabels(x.labels)
		f()
	})
	return ended
}

// soon runs f a moment later: after what comes next has begun.
func soon(f func()) { time.AfterFunc(10*time.Millisecond, f) }

// unmarked runs f without the label of the story: what it starts is the kit's own.
func (x *visit) unmarked(f func()) {
	pprof.SetGoroutineLabels(context.Background())
	defer pprof.SetGoroutineLabels(x.labels)
	f()
}

// await waits until something has ended, and finds that it has not.
func (x *visit) await(ended <-chan struct{}, happened string) {
	timer := time.NewTimer(x.patience)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		x.find("%s in %v", happened, x.patience)
	}
	if x.found() {
		runtime.Goexit() // by another goroutine of the story
	}
}

// eventually waits until something is so, and finds that it is not.
func (x *visit) eventually(is func() bool, format string, args ...any) {
	for until := time.Now().Add(x.patience); !is(); {
		if time.Now().After(until) {
			x.find("%s in %v", fmt.Sprintf(format, args...), x.patience)
		}
		time.Sleep(time.Millisecond)
	}
}

// did says what is done now.
func (x *visit) did(format string, args ...any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.step = fmt.Sprintf(format, args...)
}

// find ends the story with what happened after what was done last.
func (x *visit) find(format string, args ...any) {
	x.note(fmt.Sprintf(format, args...), "")
	runtime.Goexit()
}

// note keeps a finding, if it is the first, of what was done last.
func (x *visit) note(happened, stack string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.verdict.found == nil && x.verdict.moot == "" {
		x.verdict.found = &finding{x.step, happened, x.owed, stack}
		close(x.stopped)
	}
}

// moot ends the story where the transport gives no occasion to find anything out.
func (x *visit) moot(format string, args ...any) {
	x.mu.Lock()
	x.verdict.moot = fmt.Sprintf(format, args...)
	x.mu.Unlock()
	runtime.Goexit()
}

// found reports whether something has been found.
func (x *visit) found() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.verdict.found != nil
}

// later runs f after the story, before what was to be run later.
func (x *visit) later(f func()) {
	x.mu.Lock()
	closed := x.closed
	x.after = append(x.after, f)
	x.mu.Unlock()
	if closed { // of a story that took too long
		x.close()
	}
}

// close ends what the story began.
func (x *visit) close() {
	x.mu.Lock()
	after := x.after
	x.after, x.closed = nil, true
	x.mu.Unlock()
	for _, f := range slices.Backward(after) {
		f()
	}
}
