package ductile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Report tells the caller of one call what happened in it: whether the answer is a fallback's, how many attempts it took and what
// each met, who refused, and why there was no further attempt. Ask for one by [WithReport].
//
// It is about the last call that ended under its context, and empty before: see Ended. Calls within that call are not in it. It is safe
// for concurrent use.
type Report struct {
	outer *Report // asked for around this one: it gets the same

	mu    sync.Mutex
	ended bool
	last  account
}

// WithReport returns a context to make a call with, and the report of that call. It costs the call some allocations: ask where the
// answer is used.
func WithReport(ctx context.Context) (context.Context, *Report) {
	s := within(ctx)
	s.report = &Report{outer: s.report}
	return s, s.report
}

// Ended reports whether a call has ended that the report is about.
func (r *Report) Ended() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

// Degraded reports whether the call's answer is a fallback's.
func (r *Report) Degraded() bool { return r.snapshot().answeredBy != "" }

// AnsweredBy returns the name of the fallback that answered, empty if none did.
func (r *Report) AnsweredBy() string { return r.snapshot().answeredBy }

// Attempts returns how each attempt that reached the function ended, in the order of their ends: those that had when the call did. A copy
// that lost may end later.
func (r *Report) Attempts() []AttemptEnded { return slices.Clone(r.snapshot().attempts) }

// Copies returns how many copies of an attempt were started at most: 1 where nothing was hedged, 0 where the function was not called.
func (r *Report) Copies() int { return r.snapshot().copies }

// WonBy returns the number of the copy that won the last hedge, 0 where nothing was hedged or all copies failed.
func (r *Report) WonBy() int { return r.snapshot().wonBy }

// Rejections returns which policies refused an attempt, in order.
func (r *Report) Rejections() []Rejected { return slices.Clone(r.snapshot().rejections) }

// Stopped returns why there was no further attempt though the last had failed, nil if that was never a question.
func (r *Report) Stopped() error { return r.snapshot().stopped }

// End returns how the call ended.
func (r *Report) End() Ended { return r.snapshot().end }

// String returns the report in a few lines: classes and names, and no error's text.
func (r *Report) String() string {
	if !r.Ended() {
		return "no call has ended"
	}
	last := r.snapshot()
	var b strings.Builder
	fmt.Fprintf(&b, "pipeline %q: %s", last.pipeline, last.end.Class)
	if last.answeredBy != "" {
		fmt.Fprintf(&b, ", degraded: answered by %s", last.answeredBy)
	}
	for _, a := range last.attempts {
		fmt.Fprintf(&b, "\n  attempt %d", a.Attempt)
		if last.copies > 1 {
			fmt.Fprintf(&b, ", copy %d", a.Copy)
		}
		fmt.Fprintf(&b, ": %s", a.Class)
	}
	if last.wonBy > 0 {
		fmt.Fprintf(&b, "\n  %d copies, won by copy %d", last.copies, last.wonBy)
	}
	for _, r := range last.rejections {
		fmt.Fprintf(&b, "\n  rejected by %s", r.Policy)
	}
	if last.stopped != nil {
		b.WriteString("\n  gave up")
	}
	return b.String()
}

func (r *Report) snapshot() account {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// account is what a report says of a call.
type account struct {
	pipeline   string
	answeredBy string
	attempts   []AttemptEnded
	rejections []Rejected
	copies     int // that were started
	wonBy      int // zero where nothing was hedged
	stopped    error
	end        Ended
}

// record is the watch that fills a report: privately while the call runs, so that two calls under one context do not mix, and
// published at its end.
type record struct {
	NopWatch
	report *Report

	mu sync.Mutex // copies of a call end on goroutines of their own
	account
}

func (w *record) AttemptStarted(ctx context.Context, e AttemptStarted) context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = nil // an outer retry goes on
	w.copies = max(w.copies, e.Copy)
	return ctx
}

func (w *record) AttemptEnded(_ context.Context, e AttemptEnded) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts = append(w.attempts, e)
}

func (w *record) HedgeStarted(_ context.Context, e HedgeStarted) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.copies = max(w.copies, e.Copy)
}

func (w *record) HedgeWon(_ context.Context, e HedgeWon) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wonBy = e.Copy
}

func (w *record) Rejected(_ context.Context, e Rejected) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rejections = append(w.rejections, e)
}

func (w *record) RetryStopped(_ context.Context, e RetryStopped) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = e.Reason
}

func (w *record) FellBack(_ context.Context, e FellBack) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answeredBy = e.By
}

func (w *record) Ended(_ context.Context, e Ended) {
	w.mu.Lock()
	w.end = e
	done := w.account
	done.attempts, done.rejections = slices.Clone(w.attempts), slices.Clone(w.rejections) // a late copy may still add
	w.mu.Unlock()
	for r := w.report; r != nil; r = r.outer {
		r.mu.Lock()
		r.last, r.ended = done, true
		r.mu.Unlock()
	}
}
