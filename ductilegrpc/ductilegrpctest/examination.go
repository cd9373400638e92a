package ductilegrpctest

import (
	"fmt"
	"time"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile/ductiletest"
)

// An examination is what is known of the interceptors of one connection.
type examination struct {
	options func() []grpc.DialOption
	paces   paces
	unfit   bool // not even a reply arrives
}

// Paces are how long things take in real time.
type paces struct {
	patience time.Duration // until what has not happened is a finding
	watch    time.Duration // until a story that has not ended is one
	lull     time.Duration // how long a slow server takes, for which a hedge sends a copy
}

func usual() paces {
	return paces{patience: 3 * time.Second, watch: 15 * time.Second, lull: 150 * time.Millisecond}
}

// A pledge is one thing that every interceptor owes.
type pledge struct {
	name string
	owed string // what it asks, and the sentence that says so
	kept func(*visit)
}

func examine(options func() []grpc.DialOption, paces paces) *examination {
	return &examination{options: options, paces: paces}
}

// judge says whether a pledge is kept.
func (e *examination) judge(p pledge) Verdict {
	v := Verdict{Promise: p.name}
	if e.unfit {
		v.Outcome, v.Text = ductiletest.Moot, "says nothing new of interceptors that fail in: "+handsOnReply
		return v
	}
	x := e.try(p)
	switch {
	case x.found != "":
		v.Outcome, v.Text = ductiletest.Broken, x.found
		e.unfit = p.name == handsOnReply
	case x.why != "":
		v.Outcome, v.Text = ductiletest.Moot, x.why
	}
	return v
}

// try tells the story of a pledge. It has a goroutine of its own, and this one watches: a call that never returns is a finding.
func (e *examination) try(p pledge) outcome {
	x := newVisit(e, p)
	told := x.spawn(func() { p.kept(x) })
	watch := time.NewTimer(x.watch)
	defer watch.Stop()
	select {
	case <-told:
	case <-x.stopped:
	case <-watch.C:
		x.note(fmt.Sprintf("it has not come to an end in %v", x.watch))
	}
	x.close()
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.outcome
}
