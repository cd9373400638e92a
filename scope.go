package ductile

import (
	"context"
	"sync/atomic"

	"github.com/ductile-go/ductile/internal/deadline"
)

// A scope is what a context says to pipelines. There is one key for all of it, so that a call makes one look-up.
type scope struct {
	context.Context
	once   bool
	single bool         // no copies
	sent   *atomic.Bool // once from then on; nil where that is not the question
	report *Report      // waits for its call
	at     position
}

// position is where a call of a pipeline is: its attempt and copy. outer is that of enclosing calls.
type position struct {
	pipeline      *identity
	attempt, copy int
	outer         *position
}

// scopeKey is what a scope returns itself for.
type scopeKey struct{}

// Value implements context.Context.
func (s *scope) Value(key any) any {
	if key == (scopeKey{}) {
		return s
	}
	return s.Context.Value(key)
}

// String returns the context as those of the standard library print.
func (s *scope) String() string { return deadline.Name(s.Context) + ".WithDuctile" }

// scopeOf returns what ctx says to pipelines, or nil.
func scopeOf(ctx context.Context) *scope {
	s, _ := ctx.Value(scopeKey{}).(*scope)
	return s
}

// within returns a scope of ctx that says the same as the one around it.
func within(ctx context.Context) *scope {
	s := &scope{Context: ctx}
	if outer := scopeOf(ctx); outer != nil {
		s.once, s.single, s.sent, s.report, s.at = outer.once, outer.single, outer.sent, outer.report, outer.at
	}
	return s
}

// Once says that the calls made with the returned context are not to be repeated: no policy asks for a second attempt or another
// copy. Whether a call can be repeated is a property of the call and not of its error: a POST that met a 503 counts for the
// breaker, and is not sent again. It holds for pipelines within the call, too.
func Once(ctx context.Context) context.Context {
	s := within(ctx)
	s.once = true
	return s
}

// OnceSent is [Once] from the moment when sent is called: a request that provably never left may be repeated, whatever it is, and one
// that may have arrived must not be. Until then the call has no copies, either.
func OnceSent(ctx context.Context) (_ context.Context, sent func()) {
	s := within(ctx)
	flag := new(atomic.Bool)
	s.single, s.sent = true, flag
	return s, func() { flag.Store(true) }
}

// Sequential says that calls with the returned context have no copies while they run, so that hedges leave them alone; they may be
// repeated after they have failed. It is for what is safe to do twice, but not twice at once.
func Sequential(ctx context.Context) context.Context {
	s := within(ctx)
	s.single = true
	return s
}

// Attempt returns which attempt and which copy of a call of p ctx belongs to, both from 1: 1, 1 where ctx does not say otherwise.
// Each pipeline counts for itself.
func (p *Pipeline) Attempt(ctx context.Context) (attempt, copy int) {
	if s := scopeOf(ctx); s != nil {
		if at := s.at.of(p.identity); at != nil {
			return at.attempt, at.copy
		}
	}
	return 1, 1
}

func (at *position) of(pipeline *identity) *position {
	for ; at != nil && at.pipeline != nil; at = at.outer {
		if at.pipeline == pipeline {
			return at
		}
	}
	return nil
}

// atAttempt returns ctx with the attempt and copy that c is at. First attempts go without, and so without an allocation.
func atAttempt(ctx context.Context, c *call) context.Context {
	s := within(ctx)
	outer := s.at
	s.at = position{pipeline: c.pipeline.identity, attempt: c.attempt, copy: c.copy, outer: &outer}
	return s
}

// enter takes from ctx what is meant for the call that begins: a report, and the position of an enclosing call of the same pipeline,
// which is not this one's.
func (s *scope) enter(ctx context.Context, c *call) (context.Context, *Report) {
	c.once, c.single, c.sent = s.once, s.single, s.sent
	if at := s.at.of(c.pipeline.identity); at != nil {
		ctx = atAttempt(ctx, c)
	}
	report := s.report
	if report != nil {
		inner := within(ctx)
		inner.report = nil
		ctx = inner
	}
	return ctx, report
}
