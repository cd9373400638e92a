package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
)

// Ended implements ductile.Watch.
func (c *call) Ended(ctx context.Context, e ductile.Ended) {
	how := outcomeOf(e.Class)
	c.series.active.Add(-1)
	c.mu.Lock()
	if e.Class == fault.ClassSuccess && c.fallback != "" {
		how = degraded
	}
	var says []attribute.KeyValue
	if c.span != nil {
		says = c.summary(how)
	}
	said := c.said()
	c.mu.Unlock()
	var end time.Time
	if c.observer.instruments != nil || c.span != nil {
		end = time.Now()
	}
	if m := c.observer.instruments; m != nil {
		m.calls.Record(ctx, end.Sub(c.start).Seconds(), c.series.ofCall(how, isError(e.Class)).record...)
	}
	if c.span != nil {
		c.span.SetAttributes(says...)
		c.end(c.span, end, e.Class, e.Err, how)
	}
	c.observer.logEnd(ctx, c.series, e, how, said)
}

// summary returns what the span of a call says of what happened inside. The caller holds mu.
func (c *call) summary(how outcome) []attribute.KeyValue {
	says := []attribute.KeyValue{attribute.Int(keyAttempts, c.attempts)}
	if c.first != "" && (c.attempts > 1 || c.first != how.String()) {
		says = append(says, attribute.String(keyFirstOutcome, c.first))
	}
	if len(c.rejected) > 0 {
		says = append(says, attribute.StringSlice(keyRejectedBy, c.rejected))
	}
	if c.mode > safemode.Normal {
		says = append(says, attribute.String(keyModeLevel, c.mode.String()))
	}
	if len(c.timedOut) > 0 {
		says = append(says, attribute.StringSlice(keyTimedOut, c.timedOut))
	}
	if c.wait > 0 {
		says = append(says, attribute.Float64(keyRetryWait, c.wait.Seconds()))
	}
	if c.stopped != "" && how != outcome(fault.ClassSuccess) { // that of a copy that lost
		says = append(says, attribute.String(keyRetryStopped, c.stopped))
	}
	if c.copies > 1 {
		says = append(says, attribute.Int(keyCopies, c.copies))
	}
	if c.wonBy > 0 {
		says = append(says, attribute.Int(keyWonBy, c.wonBy))
	}
	if how == degraded {
		says = append(says, attribute.Bool(keyDegraded, true),
			attribute.String(keyFallback, c.fallback), attribute.String(keyAnsweredFor, outcomeOf(c.answeredFor).String()))
	}
	if len(c.fallbackFailed) > 0 {
		says = append(says, attribute.StringSlice(keyFallbackFailed, c.fallbackFailed))
	}
	if c.contained > 0 {
		says = append(says, attribute.Int(keyContained, c.contained))
	}
	return says
}
