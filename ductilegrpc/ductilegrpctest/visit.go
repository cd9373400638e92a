package ductilegrpctest

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// A visit is one story told of interceptors, in real time and with real servers. It ends with what was found first.
type visit struct {
	paces
	options func() []grpc.DialOption
	owed    string
	ctx     context.Context // of every call; it ends after the story
	stopped chan struct{}   // closed when something is found

	mu    sync.Mutex
	step  string // what was done last, as a person would tell it
	after []func()
	outcome
}

// An outcome is what a story has found, or why it could not.
type outcome struct{ found, why string }

func newVisit(e *examination, p pledge) *visit {
	x := &visit{paces: e.paces, options: e.options, owed: p.owed, step: "made a connection", stopped: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	x.ctx = ctx
	x.later(cancel)
	return x
}

// apart runs f on a goroutine.
func apart(f func()) { go f() }

// spawn runs f on a goroutine of the story, whose panic is a finding. What is returned is closed when it has ended.
func (x *visit) spawn(f func()) <-chan struct{} {
	ended := make(chan struct{})
	apart(func() {
		defer close(ended)
		defer func() {
			if r := recover(); r != nil {
				x.note(fmt.Sprintf("it panicked: %v\n\n%s", r, debug.Stack()))
			}
		}()
		f()
	})
	return ended
}

// together does something n times at once.
func (x *visit) together(n int, f func(i int)) {
	ends := make([]<-chan struct{}, n)
	for i := range n {
		ends[i] = x.spawn(func() { f(i) })
	}
	for _, ended := range ends {
		<-ended
	}
	x.check()
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
	x.check()
}

// eventually waits until something is so, and finds that it is not.
func (x *visit) eventually(is func() bool, happened string) {
	for until := time.Now().Add(x.patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			x.find("%s in %v", happened, x.patience)
		}
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
	x.note(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// note keeps a finding, if it is the first, of what was done last.
func (x *visit) note(happened string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.outcome == (outcome{}) {
		x.found = fmt.Sprintf("\n  done:     %s\n  happened: %s\n  owed:     %s", x.step, happened, x.owed)
		close(x.stopped)
	}
}

// moot ends the story where the interceptors give no occasion to find anything out.
func (x *visit) moot(why string) {
	x.mu.Lock()
	if x.outcome == (outcome{}) {
		x.why = why
	}
	x.mu.Unlock()
	runtime.Goexit()
}

// check ends a goroutine of the story when another has found something.
func (x *visit) check() {
	x.mu.Lock()
	found := x.found != ""
	x.mu.Unlock()
	if found {
		runtime.Goexit()
	}
}

// later runs f after the story, before what was to be run later.
func (x *visit) later(f func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.after = append(x.after, f)
}

// close ends what the story began.
func (x *visit) close() {
	x.mu.Lock()
	after := x.after
	x.after = nil
	x.mu.Unlock()
	for _, f := range slices.Backward(after) {
		f()
	}
}
