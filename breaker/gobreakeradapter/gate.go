package gobreakeradapter

import (
	"context"
	"fmt"
)

// A Gate is a two-step breaker as a gate, made by [NewGate]. Several pipelines may share one, and what is not in a pipeline may go on
// using the breaker itself. It is safe for concurrent use.
//
// The breaker hears the end of every call: also of one that panicked (fault.ErrAborted), ended its goroutine (fault.ErrExited), lost
// against a faster copy, was refused by a policy inside, or whose caller had gone before it began. So a half-open breaker never waits for
// a call that is over. What it makes of each is for its Settings to say: see [Excluded].
//
// The functions of its Settings get the call's own error, as without a pipeline, except where it would mislead them: where the caller has
// gone meanwhile, say, and the call returned some other error. Then they get it with the driver's mark, which fault.Of reads; errors.Is
// and errors.As look through it, a comparison by == does not.
//
// A call costs what the breaker makes of it, and a mutex that is taken twice for a few nanoseconds; it allocates what Allow does.
// For as many calls as were ever in flight at once the gate keeps about 16 bytes each, and uses them again.
type Gate struct {
	name     string
	breaker  TwoStep
	refusals refusals
	calls    ledger
}

// NewGate returns a breaker as a gate. Its name is the breaker's, or "gobreaker" where that has none. A nil breaker panics.
func NewGate(breaker TwoStep) *Gate {
	name := nameOf("NewGate", breaker)
	return &Gate{name: name, breaker: breaker, refusals: refusalsBy(name)}
}

// Name returns the breaker's name.
func (g *Gate) Name() string { return g.name }

// String says whose decisions these are, for Pipeline.String.
func (g *Gate) String() string { return fmt.Sprintf("as a %T decides", g.breaker) }

// Acquire admits a call, or returns why not: a [*RefusedError]. The token is for Release.
func (g *Gate) Acquire(context.Context) (token uint64, err error) {
	done, err := g.breaker.Allow()
	if err != nil {
		return 0, g.refusals.of(err)
	}
	return g.calls.enter(done), nil
}

// Release tells the breaker how a call ended that Acquire admitted. A second time for the same token says nothing.
func (g *Gate) Release(token uint64, err error) {
	if done := g.calls.leave(token); done != nil {
		done(unmarked(err))
	}
}
