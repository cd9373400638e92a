package ductile

import (
	"math"
	"slices"
	"time"
)

// A Plan is what one call through a pipeline can come to at worst, made by [Pipeline.Plan] from what each policy says of itself. Its String
// is a table for people, with a line for each policy.
//
// It holds for the worst dependency there can be: one that hangs for as long as it may, fails after that, asks for the longest waits, or for
// none. It assumes that the function, and any other code of yours that a policy calls, heeds its context: returns when that ends. Of
// the caller's context it assumes no deadline; one that comes sooner makes calls shorter. Code that counts for nothing here (listeners,
// observers, classifiers) is taken to need no time, and each number is what holds where no machine is slow.
//
// math.MaxInt, math.MaxInt64 and an infinite load mean that there is no bound, or that none is known: a policy of another's that does not
// say is not guessed at.
type Plan struct {
	// Pipeline is the name of the pipeline.
	Pipeline string
	// Attempts is how often one call calls the function, all its attempts and copies together. It is also what a single call may load the
	// dependency with, where a call without a pipeline has 1.
	Attempts int
	// AtOnce is how many of these run at the same time.
	AtOnce int
	// Latency is how long the call takes: the function's time as far as timeouts bound it, the waits of retries, which the dependency may
	// ask to be longer, the waits for permits and tokens, and the fallbacks.
	Latency time.Duration
	// Deaf is the same where the function does not heed its context: only a detached timeout bounds it.
	Deaf time.Duration
	// Load is how often the function is called for each call in the long run, when every call fails: what budgets leave of Attempts. A
	// budget that several pipelines share bounds their load together, and one alone may use what the others have earned.
	Load float64
	// LoadFloor is how often it is called a second besides: by the floors of budgets, which are there for pipelines with little traffic.
	LoadFloor float64
	// Layers are the same from each policy inward, outermost first, and last the function.
	Layers []Layer
	// Warnings are what seems wrong with the pipeline, outermost first.
	Warnings []Warning
	// Notes are what an adapter knows of the calls that go through it, in sentences: which of them the numbers hold for.
	Notes []string
}

// A Layer is what a policy, and what is inside of it, comes to when it is reached once.
type Layer struct {
	// Policy is the policy's name, empty for the function.
	Policy string
	// Attempts, as in a [Plan], from here inward.
	Attempts int
	// AtOnce, as in a Plan, from here inward.
	AtOnce int
	// Latency, as in a Plan, from here inward: timeouts further out may cut it.
	Latency time.Duration
	// Deaf is Latency where the function does not heed its context.
	Deaf time.Duration
	// Known reports whether the policy says what it does at worst: see [Pipeline.Plan].
	Known bool
	// Text says what the policy adds, in words.
	Text string

	limits  bool // it is a timeout, which may be known only when it is asked
	repeats bool // it is a retry of more than one attempt
}

// Plan returns what one call through the pipeline can come to at worst, and what seems wrong with that. Nothing is called but the policies'
// own methods that say what they do. New warns of nothing: ductiletest.NoWarnings does, in a test.
//
// Policies say it by a method Worst, which depends on their shape. math.MaxInt and math.MaxInt64 are no bound. One without the method is
// unknown, and what it may do has no bound; but a Deadline around it still holds, for all shapes have to heed their context.
//
//	Retrier     Worst() (attempts int, backoff, waits, within time.Duration)   attempts in all; what is waited between them in all, by the
//	                                                                          retrier's own schedule and at worst; when the last may begin
//	Gate        Worst() (atOnce int, wait time.Duration)                       how many it lets in at once, and how long Acquire waits
//	Deadline    Worst() time.Duration                                          the longest time it allows
//	Fallback    Worst() time.Duration                                          how long an answer takes
//	Hedger      Worst() (copies int, shortest, longest time.Duration)          copies in all, and the time between two of them
//	Middleware  Worst() (calls, atOnce int, own time.Duration)                 how often it calls next, how many at once, its own time
func (p *Pipeline) Plan() Plan {
	steps := make([]step, len(p.policies))
	for i, policy := range p.policies {
		steps[i] = stepOf(policy)
	}
	enclose(steps)
	plan := Plan{Pipeline: p.name, Layers: make([]Layer, len(steps)+1)}
	inner := Layer{Attempts: 1, AtOnce: 1, Latency: math.MaxInt64, Deaf: math.MaxInt64, Known: true}
	usual := time.Duration(math.MaxInt64)
	plan.Layers[len(steps)] = inner
	for i, s := range slices.Backward(steps) {
		s.inside, s.usual = inner, usual
		steps[i] = s
		usual = s.latency(usual, s.backoff, s.shortest)
		inner = Layer{
			Policy: s.name, Known: s.known, limits: s.shape == deadlines, repeats: s.repeats(),
			Attempts: times(s.runs, inner.Attempts),
			Latency:  s.latency(inner.Latency, s.wait, s.longest),
			Deaf:     s.deaf(inner.Deaf),
		}
		plan.Layers[i] = inner
	}
	for i := range steps {
		plan.Layers[i].AtOnce = atOnce(steps[i:])
		plan.Layers[i].Text = steps[i].String()
	}
	whole := plan.Layers[0]
	plan.Attempts, plan.AtOnce, plan.Latency, plan.Deaf = whole.Attempts, whole.AtOnce, whole.Latency, whole.Deaf
	plan.Layers[len(steps)].Text = outward(steps)
	plan.Load, plan.LoadFloor = load(steps)
	plan.Warnings = warnings(steps)
	return plan
}

// atOnce returns how many functions run at the same time inside of the steps, of one call that comes to the first of them.
func atOnce(steps []step) int {
	n := 1
	for _, s := range steps {
		n = min(times(n, s.atOnce()), s.admits)
	}
	return n
}

// enclose notes for each step the deadlines around it.
func enclose(steps []step) {
	left, limited := time.Duration(math.MaxInt64), false
	for i := range steps {
		steps[i].left, steps[i].limited = left, limited
		if steps[i].shape == deadlines {
			left, limited = min(left, steps[i].limit), true
		}
	}
}
