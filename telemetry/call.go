package telemetry

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
)

// A call is what is known of one call. Copies of a hedged one are heard on goroutines of their own, and after it has ended. Nothing but its
// fields is touched under mu: an SDK calls what the program gave it.
type call struct {
	ductile.NopWatch
	observer *Observer
	series   *series
	start    time.Time    // zero without metrics
	tracer   trace.Tracer // nil where there are no spans
	span     trace.Span   // nil where it is not recorded

	mu             sync.Mutex
	running        []attempt
	room           [1]attempt // where running begins
	planned        []plan
	attempts       int
	first          string // how the attempt ended that has no span
	rejected       []string
	mode           safemode.Level // at which a safe mode refused, the last to do so
	timedOut       []string
	wait           time.Duration
	stopped        string
	copies         int
	wonBy          int
	fallback       string
	answeredFor    fault.Class
	fallbackFailed []string
	contained      int
}

// An attempt is one call of the function.
type attempt struct {
	number, copy int
	reason       reason
	start        time.Time
	span         trace.Span // nil where it has none
	lean         bool       // it has none because it is the first
}

// A plan is why an attempt is about to be made, and after what.
type plan struct {
	number, copy int
	reason       reason
	delay        time.Duration
	cause        fault.Class // success where nothing has failed
}

// mostNames is how many names of policies a span lists.
const mostNames = 8

// note adds a name to a list, once.
func note(list []string, name string) []string {
	if len(list) >= mostNames || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// AttemptStarted implements ductile.Watch.
func (c *call) AttemptStarted(ctx context.Context, e ductile.AttemptStarted) context.Context {
	a := attempt{number: e.Attempt, copy: e.Copy}
	c.mu.Lock()
	p := c.plan(e)
	c.attempts++
	c.copies = max(c.copies, e.Copy)
	a.reason, a.lean = p.reason, c.observer.lean && c.attempts == 1
	c.mu.Unlock()
	if c.span == nil && c.observer.instruments == nil {
		return ctx // nobody asks how long it takes
	}
	a.start = time.Now()
	if c.span != nil && !a.lean {
		ctx, a.span = c.tracer.Start(ctx, c.series.attemptSpan, trace.WithTimestamp(a.start), trace.WithAttributes(c.about(p)...)) //nolint:spancheck // AttemptEnded ends it
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil {
		c.running = c.room[:0]
	}
	c.running = append(c.running, a)
	return ctx
}

// plan takes out why an attempt is made. The caller holds mu.
func (c *call) plan(e ductile.AttemptStarted) plan {
	for i, p := range c.planned {
		if p.number == e.Attempt && (p.copy == e.Copy || p.copy == 0) {
			c.planned = slices.Delete(c.planned, i, i+1)
			p.copy = e.Copy
			return p
		}
	}
	p := plan{number: e.Attempt, copy: e.Copy}
	switch { // a middleware that calls next again says nothing before
	case e.Copy > 1:
		p.reason = hedged
	case e.Attempt > 1:
		p.reason = repeated
	}
	return p
}

// about returns what a span says of an attempt from the start.
func (c *call) about(p plan) []attribute.KeyValue {
	says := []attribute.KeyValue{
		c.series.name, attribute.Int(keyAttempt, p.number), attribute.Int(keyCopy, p.copy), attribute.String(keyReason, p.reason.String()),
	}
	if p.reason != first {
		says = append(says, attribute.Float64(keyDelay, p.delay.Seconds()))
	}
	if p.cause != fault.ClassSuccess {
		says = append(says, attribute.String(keyCause, p.cause.String()))
	}
	return says
}

// AttemptEnded implements ductile.Watch.
func (c *call) AttemptEnded(ctx context.Context, e ductile.AttemptEnded) {
	if c.span == nil && c.observer.instruments == nil {
		return
	}
	end, how := time.Now(), outcomeOf(e.Class)
	c.mu.Lock()
	i := slices.IndexFunc(c.running, func(a attempt) bool { return a.number == e.Attempt && a.copy == e.Copy })
	if i < 0 {
		c.mu.Unlock()
		return
	}
	a := c.running[i]
	c.running = slices.Delete(c.running, i, i+1)
	if a.lean {
		c.first = how.String()
	}
	c.mu.Unlock()
	if m := c.observer.instruments; m != nil {
		m.attempts.Record(ctx, end.Sub(a.start).Seconds(), c.series.ofAttempt(a.reason, how, isError(e.Class)).record...)
	}
	if a.span != nil {
		c.end(a.span, end, e.Class, e.Err, how)
	}
}

// end ends a span.
func (c *call) end(span trace.Span, at time.Time, class fault.Class, err error, how outcome) {
	span.SetAttributes(attribute.String(keyOutcome, how.String()))
	if isError(class) {
		span.SetAttributes(attribute.String(keyError, class.String()))
		span.SetStatus(codes.Error, c.observer.text(err))
	}
	span.End(trace.WithTimestamp(at))
}

// text returns an error's text if it was asked for. It survives an error whose method panics.
func (o *Observer) text(err error) string {
	if !o.errorText || err == nil {
		return ""
	}
	return fmt.Sprint(err)
}
