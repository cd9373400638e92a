package ductile

import (
	"context"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// An Observer watches calls: telemetry, logs, tests. Attach it by [Pipeline.With].
type Observer interface {
	// Begin is called when a call begins. The context it returns is the call's; it may carry a span. A nil Watch means that the
	// observer is not interested in this call.
	Begin(ctx context.Context, pipeline string) (context.Context, Watch)
}

// An Attacher is an observer that wants to know its pipelines before their first call, as gauges do. Attach is called by With; the
// function it returns, which may be nil, by Detach.
type Attacher interface {
	Attach(p Composed) (detach func())
}

// A Watch hears what happens in one call, on the goroutine where it happens and outside all locks. Embed [NopWatch], which does
// nothing, and write the methods you want: so a later version can tell of more, and break nobody.
//
// Copies of a hedged call run on goroutines of their own: a Watch of a [ConcurrentPipeline] is called concurrently, and may hear of a copy
// that lost after the call has ended.
//
// The errors are the peer's own and may hold what does not belong into a log; the classes never do.
type Watch interface {
	// AttemptStarted is called before the function is, with the attempt's context, and returns the function's.
	AttemptStarted(ctx context.Context, e AttemptStarted) context.Context
	// AttemptEnded is called when the function has returned, panicked or exited.
	AttemptEnded(ctx context.Context, e AttemptEnded)
	// Rejected is called when a gate refuses an attempt, or a middleware that has not called next.
	Rejected(ctx context.Context, e Rejected)
	// RetryScheduled is called before the wait for another attempt.
	RetryScheduled(ctx context.Context, e RetryScheduled)
	// RetryStopped is called when a retrier gives a failed call up.
	RetryStopped(ctx context.Context, e RetryStopped)
	// HedgeStarted is called on the goroutine of a further copy, before it begins.
	HedgeStarted(ctx context.Context, e HedgeStarted)
	// HedgeWon is called when one of several copies has answered; not when all have failed.
	HedgeWon(ctx context.Context, e HedgeWon)
	// Contained is called when a copy panics that has lost. Nobody else hears of it.
	Contained(ctx context.Context, e Contained)
	// TimedOut is called when a timeout of the pipeline has passed, once what it limits has returned, whatever it returned; at once where
	// the timeout is detached.
	TimedOut(ctx context.Context, e TimedOut)
	// FellBack is called when a fallback has answered, or has failed to.
	FellBack(ctx context.Context, e FellBack)
	// Ended is called when the call is over.
	Ended(ctx context.Context, e Ended)

	embedNopWatch()
}

// AttemptStarted tells of a call of the function.
type AttemptStarted struct {
	Attempt, Copy int // from 1
}

// AttemptEnded tells how a call of the function ended.
type AttemptEnded struct {
	Attempt, Copy int         // from 1
	Class         fault.Class // of its end
	Err           error       // what it returned; fault.ErrAborted for a panic, fault.ErrExited for Goexit
}

// Rejected tells of a policy that refused an attempt.
type Rejected struct {
	Policy string // its name
	Err    error  // what the caller will get for it
}

// RetryScheduled tells of an attempt to come.
type RetryScheduled struct {
	Policy  string        // the retrier's name
	Attempt int           // the number it will have
	Wait    time.Duration // until then
	Cause   error         // what the attempt before it returned
	Class   fault.Class   // of the cause
}

// RetryStopped tells of a retrier that gave up.
type RetryStopped struct {
	Policy   string // the retrier's name
	Attempts int    // how many reached the function
	Reason   error  // why there are no more
}

// HedgeStarted tells of a further copy of an attempt.
type HedgeStarted struct {
	Policy  string        // the hedger's name
	Attempt int           // of which it is a copy
	Copy    int           // its number, above 1
	After   time.Duration // since the first copy of this hedge started
	Cause   error         // what the copy returned that it replaces; nil where the others merely take long
	Class   fault.Class   // of the cause
}

// HedgeWon tells which copy's end is that of the attempt.
type HedgeWon struct {
	Policy  string      // the hedger's name
	Attempt int         // of which it is a copy
	Copy    int         // its number
	Class   fault.Class // of its end
}

// Contained tells of a panic that was kept from ending the program.
type Contained struct {
	Policy string // the hedger or the detached timeout that had the copy started
	Panic  *Panic // with its stack
}

// TimedOut tells of a timeout that has passed.
type TimedOut struct {
	Policy string        // the timeout's name
	After  time.Duration // what it allowed
	Err    error         // what the caller will get for it; nil, or an answer, if the function had one all the same
}

// FellBack tells of a fallback that answered, or failed to.
type FellBack struct {
	Policy string      // the fallback's name
	By     string      // the name of what answered: that of a link where the fallback is a chain; empty if it failed
	Cause  error       // what it answered for
	Class  fault.Class // of the cause
	Err    error       // why it failed, nil if it answered
}

// Ended tells how a call ended for its caller.
type Ended struct {
	Class fault.Class // of its end
	Err   error       // what the caller gets; fault.ErrAborted for a panic, fault.ErrExited for Goexit
}

// NopWatch is a [Watch] that does nothing: embed it in yours.
type NopWatch struct{}

// AttemptStarted implements [Watch] and returns ctx.
func (NopWatch) AttemptStarted(ctx context.Context, _ AttemptStarted) context.Context { return ctx }

// AttemptEnded implements [Watch].
func (NopWatch) AttemptEnded(context.Context, AttemptEnded) {}

// Rejected implements [Watch].
func (NopWatch) Rejected(context.Context, Rejected) {}

// RetryScheduled implements [Watch].
func (NopWatch) RetryScheduled(context.Context, RetryScheduled) {}

// RetryStopped implements [Watch].
func (NopWatch) RetryStopped(context.Context, RetryStopped) {}

// HedgeStarted implements [Watch].
func (NopWatch) HedgeStarted(context.Context, HedgeStarted) {}

// HedgeWon implements [Watch].
func (NopWatch) HedgeWon(context.Context, HedgeWon) {}

// Contained implements [Watch].
func (NopWatch) Contained(context.Context, Contained) {}

// TimedOut implements [Watch].
func (NopWatch) TimedOut(context.Context, TimedOut) {}

// FellBack implements [Watch].
func (NopWatch) FellBack(context.Context, FellBack) {}

// Ended implements [Watch].
func (NopWatch) Ended(context.Context, Ended) {}

func (NopWatch) embedNopWatch() {}
