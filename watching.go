package ductile

import (
	"context"
	"slices"
)

// With returns a copy of p that the observers watch, besides those that watch p. It shares p's policies, and so their state. It
// panics on a nil observer.
func (p *Pipeline) With(observers ...Observer) *Pipeline {
	watched := *p
	watched.observers = slices.Clone(p.observers)
	watched.detach = nil
	for _, o := range observers {
		if o == nil {
			panic("ductile: With was given a nil Observer: leave it out instead")
		}
		watched.observers = append(watched.observers, o)
	}
	for _, o := range observers {
		if a, ok := o.(Attacher); ok {
			if detach := a.Attach(&watched); detach != nil {
				watched.detach = append(watched.detach, detach)
			}
		}
	}
	return &watched
}

// Detach tells the observers that this copy was made With that they need not look at it any more. Calls through it go on, watched.
// Pipelines that live as long as the program need no Detach. It is called once.
func (p *Pipeline) Detach() {
	for _, detach := range p.detach {
		detach()
	}
}

// begin tells the observers of a call, and returns the context and the watch they want for it: nil where none is interested.
func (p *Pipeline) begin(ctx context.Context, report *Report) (context.Context, Watch) {
	var one Watch
	var all watches
	add := func(w Watch) {
		switch {
		case w == nil:
		case one == nil:
			one = w
		case all == nil:
			all = watches{one, w}
		default:
			all = append(all, w)
		}
	}
	for _, o := range p.observers {
		var w Watch
		ctx, w = o.Begin(ctx, p.name)
		add(w)
	}
	if report != nil {
		add(&record{report: report, account: account{pipeline: p.name}})
	}
	if all != nil {
		return ctx, all
	}
	return ctx, one
}

// runWatched makes one call that somebody watches.
func (p *Pipeline) runWatched(ctx context.Context, c *call, fn body) (err error) {
	ended := false
	defer func() {
		end := err
		if !ended {
			end = abnormalEnd()
		}
		c.watch.Ended(ctx, Ended{Class: classAt(ctx, c.started > 0, end), Err: end})
	}()
	err = p.head.run(ctx, c, fn)
	ended = true
	return err
}

// watches is several as one: starts are told in order, and so is everything else.
type watches []Watch

func (ws watches) AttemptStarted(ctx context.Context, e AttemptStarted) context.Context {
	for _, w := range ws {
		ctx = w.AttemptStarted(ctx, e)
	}
	return ctx
}

func (ws watches) AttemptEnded(ctx context.Context, e AttemptEnded) {
	for _, w := range ws {
		w.AttemptEnded(ctx, e)
	}
}

func (ws watches) Rejected(ctx context.Context, e Rejected) {
	for _, w := range ws {
		w.Rejected(ctx, e)
	}
}

func (ws watches) RetryScheduled(ctx context.Context, e RetryScheduled) {
	for _, w := range ws {
		w.RetryScheduled(ctx, e)
	}
}

func (ws watches) RetryStopped(ctx context.Context, e RetryStopped) {
	for _, w := range ws {
		w.RetryStopped(ctx, e)
	}
}

func (ws watches) TimedOut(ctx context.Context, e TimedOut) {
	for _, w := range ws {
		w.TimedOut(ctx, e)
	}
}

func (ws watches) FellBack(ctx context.Context, e FellBack) {
	for _, w := range ws {
		w.FellBack(ctx, e)
	}
}

func (ws watches) Ended(ctx context.Context, e Ended) {
	for _, w := range ws {
		w.Ended(ctx, e)
	}
}

func (ws watches) embedNopWatch() {}
