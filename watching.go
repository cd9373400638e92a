package ductile

import (
	"context"
	"slices"
	"sync"

	"github.com/ductile-go/ductile/fault"
)

// With returns a copy of p that the observers watch, besides those that watch p. It shares p's policies, and so their state. It
// panics on a nil observer.
func (p *Pipeline) With(observers ...Observer) *Pipeline {
	watched := p.with(observers)
	watched.attach(&watched, observers)
	return &watched
}

// with returns a copy that the observers watch.
func (p *Pipeline) with(observers []Observer) Pipeline {
	watched := *p
	watched.observers = slices.Clone(p.observers)
	watched.detach = nil
	for _, o := range observers {
		if isNil(o) {
			panic("ductile: With was given a nil Observer: leave it out instead")
		}
		watched.observers = append(watched.observers, o)
	}
	return watched
}

// attach tells the observers of the pipeline, which the caller has as it is known outside.
func (p *Pipeline) attach(as Composed, observers []Observer) {
	for _, o := range observers {
		if a, ok := o.(Attacher); ok {
			if detach := a.Attach(as); detach != nil {
				p.detach = append(p.detach, sync.OnceFunc(detach))
			}
		}
	}
}

// Detach tells the observers that this copy was made With that they need not look at it any more. Calls through it go on, watched.
// Pipelines that live as long as the program need no Detach. Calling it again does nothing.
func (p *Pipeline) Detach() {
	for _, detach := range p.detach {
		detach()
	}
}

// begin tells the observers of a call, and returns the context and the watch they want for it: nil where none is interested.
func (p *Pipeline) begin(ctx context.Context, report *Report) (context.Context, Watch) {
	if len(p.observers) == 1 && report == nil { // the usual case, and nobody to tell if it panics
		return p.observers[0].Begin(ctx, p.name)
	}
	var ws watches
	begun := 0
	defer func() {
		if begun < len(p.observers) { // one panicked: for those before it the call has begun, and ends here
			end := whoUnwinds()
			ws.Ended(ctx, Ended{Class: fault.Of(end), Err: end})
		}
	}()
	for _, o := range p.observers {
		var w Watch
		if ctx, w = o.Begin(ctx, p.name); w != nil {
			ws = append(ws, w)
		}
		begun++
	}
	if report != nil {
		ws = append(ws, &record{report: report, account: account{pipeline: p.name}})
	}
	switch len(ws) {
	case 0:
		return ctx, nil
	case 1:
		return ctx, ws[0]
	default:
		return ctx, ws
	}
}

// runWatched makes one call that somebody watches.
func (p *Pipeline) runWatched(ctx context.Context, c *call, fn body) (err error) {
	var e Ended
	ended := false
	defer func() {
		if !ended {
			e.Err = whoUnwinds()
			e.Class = fault.Of(e.Err)
		}
		c.watch.Ended(ctx, e)
	}()
	err = p.head.run(ctx, c, fn)
	e = Ended{Class: classAt(ctx, c.started > 0, err), Err: err}
	ended = true
	return err
}

// watches is several as one. Each is told in order; where one panics, the others are told all the same.
type watches []Watch

func (ws watches) tell(event func(Watch)) {
	told := 0
	defer func() {
		if told < len(ws) {
			ws[told+1:].tell(event)
		}
	}()
	for _, w := range ws {
		event(w)
		told++
	}
}

func (ws watches) AttemptStarted(ctx context.Context, e AttemptStarted) context.Context {
	for _, w := range ws {
		ctx = w.AttemptStarted(ctx, e)
	}
	return ctx
}

func (ws watches) AttemptEnded(ctx context.Context, e AttemptEnded) {
	ws.tell(func(w Watch) { w.AttemptEnded(ctx, e) })
}

func (ws watches) Rejected(ctx context.Context, e Rejected) {
	ws.tell(func(w Watch) { w.Rejected(ctx, e) })
}

func (ws watches) RetryScheduled(ctx context.Context, e RetryScheduled) {
	ws.tell(func(w Watch) { w.RetryScheduled(ctx, e) })
}

func (ws watches) RetryStopped(ctx context.Context, e RetryStopped) {
	ws.tell(func(w Watch) { w.RetryStopped(ctx, e) })
}

func (ws watches) TimedOut(ctx context.Context, e TimedOut) {
	ws.tell(func(w Watch) { w.TimedOut(ctx, e) })
}

func (ws watches) HedgeStarted(ctx context.Context, e HedgeStarted) {
	ws.tell(func(w Watch) { w.HedgeStarted(ctx, e) })
}

func (ws watches) HedgeWon(ctx context.Context, e HedgeWon) {
	ws.tell(func(w Watch) { w.HedgeWon(ctx, e) })
}

func (ws watches) Contained(ctx context.Context, e Contained) {
	ws.tell(func(w Watch) { w.Contained(ctx, e) })
}

func (ws watches) FellBack(ctx context.Context, e FellBack) {
	ws.tell(func(w Watch) { w.FellBack(ctx, e) })
}

func (ws watches) Ended(ctx context.Context, e Ended) {
	ws.tell(func(w Watch) { w.Ended(ctx, e) })
}

func (ws watches) embedNopWatch() {}
