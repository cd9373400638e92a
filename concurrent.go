package ductile

import (
	"context"
	"fmt"
)

// A ConcurrentPipeline is a [Pipeline] that takes policies of every shape: those that call a function twice at once ([Hedger]), or may leave it
// running ([Middleware], a detached [Deadline]), besides those of a Pipeline. It is made by [NewConcurrent], and [DoConcurrent] makes
// calls through it. [Do] does not take it, for its functions need not be safe to be called so: the compiler keeps the two apart.
//
// It never changes and is safe for concurrent use. The zero ConcurrentPipeline has no policies.
type ConcurrentPipeline struct{ core Pipeline }

// NewConcurrent is [New] for policies of every shape. What it refuses, and how, is the same.
//
//	p := ductile.NewConcurrent("inventory",
//		timeout.New(2*time.Second),
//		hedge.New(),         // a second copy of calls that are slower than 95 % of the others
//		breaker.New(),
//	)
func NewConcurrent(name string, policies ...Policy) *ConcurrentPipeline {
	return &ConcurrentPipeline{build(name, policies, true)}
}

// Composed is either kind of pipeline: a *[Pipeline] or a *[ConcurrentPipeline].
type Composed interface {
	fmt.Stringer
	// Name returns the pipeline's name.
	Name() string
	// Policies returns the pipeline's policies, outermost first.
	Policies() []Policy
	// Plan returns what a call can come to at worst.
	Plan() Plan
	// Attempt returns which attempt and which copy of a call of the pipeline ctx belongs to.
	Attempt(ctx context.Context) (attempt, copy int)

	composed() *Pipeline
}

func (p *Pipeline) composed() *Pipeline { return p }

func (p *ConcurrentPipeline) composed() *Pipeline {
	if p == nil {
		return nil
	}
	return &p.core
}

// Name returns the pipeline's name.
func (p *ConcurrentPipeline) Name() string { return p.core.Name() }

// Policies returns the pipeline's policies, outermost first.
func (p *ConcurrentPipeline) Policies() []Policy { return p.core.Policies() }

// String returns the pipeline as a line for itself and one for each policy: see [Pipeline.String].
func (p *ConcurrentPipeline) String() string { return p.core.String() }

// Plan returns what a call can come to at worst: see [Pipeline.Plan].
func (p *ConcurrentPipeline) Plan() Plan { return p.core.Plan() }

// Attempt returns which attempt and which copy of a call of p ctx belongs to, both from 1: see [Pipeline.Attempt]. No two copies
// of an attempt have the same number, and the first copy is 1. Choose a replica by the copy, and inside a retry by the sum of both.
func (p *ConcurrentPipeline) Attempt(ctx context.Context) (attempt, copy int) {
	return p.core.Attempt(ctx)
}

// With returns a copy of p that the observers watch, besides those that watch p: see [Pipeline.With].
func (p *ConcurrentPipeline) With(observers ...Observer) *ConcurrentPipeline {
	watched := &ConcurrentPipeline{p.core.with(observers)}
	watched.core.attach(watched, observers)
	return watched
}

// Detach tells the observers that this copy was made With that they need not look at it any more: see [Pipeline.Detach].
func (p *ConcurrentPipeline) Detach() { p.core.Detach() }
