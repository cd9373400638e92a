package telemetry

import (
	"context"
	"errors"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/safemode"
)

// Rejected implements ductile.Watch.
func (c *call) Rejected(ctx context.Context, e ductile.Rejected) {
	c.mu.Lock()
	c.rejected = note(c.rejected, e.Policy)
	if by, ok := e.Err.(*safemode.EngagedError); ok { //nolint:errorlint // the gate's own: what wraps another's was refused by another
		c.mode = by.Level
	}
	c.mu.Unlock()
	if m := c.observer.instruments; m != nil {
		m.rejections.Add(ctx, 1, c.series.tags(labels{policy: e.Policy}).add...)
	}
}

// RetryScheduled implements ductile.Watch.
func (c *call) RetryScheduled(ctx context.Context, e ductile.RetryScheduled) {
	c.mu.Lock()
	c.wait += e.Wait
	c.stopped = "" // an outer retry goes on
	c.planned = append(c.planned, plan{number: e.Attempt, reason: repeated, delay: e.Wait, cause: e.Class})
	c.mu.Unlock()
	if m := c.observer.instruments; m != nil {
		m.waits.Record(ctx, e.Wait.Seconds(), c.series.tags(labels{policy: e.Policy}).record...)
	}
}

// RetryStopped implements ductile.Watch.
func (c *call) RetryStopped(ctx context.Context, e ductile.RetryStopped) {
	why := stopReason(e.Reason)
	c.mu.Lock()
	c.stopped = why
	c.mu.Unlock()
	if m := c.observer.instruments; m != nil {
		m.stops.Add(ctx, 1, c.series.tags(labels{policy: e.Policy, one: label{keyStopReason, why}}).add...)
	}
}

// stopReason returns why there are no more attempts, in a word.
func stopReason(err error) string {
	for _, known := range [...]struct {
		err  error
		word string
	}{
		{retry.ErrBudget, "budget"},
		{retry.ErrAttempts, "attempts"},
		{retry.ErrDeadline, "deadline"},
		{retry.ErrElapsed, "elapsed"},
		{retry.ErrHint, "hint"},
		{retry.ErrPushback, "pushback"},
		{retry.ErrSchedule, "schedule"},
	} {
		if errors.Is(err, known.err) {
			return known.word
		}
	}
	switch class := fault.Of(err); class {
	case fault.ClassCanceled, fault.ClassRejected, fault.ClassTimeout:
		return class.String()
	default:
		return "other"
	}
}

// HedgeStarted implements ductile.Watch.
func (c *call) HedgeStarted(ctx context.Context, e ductile.HedgeStarted) {
	p := plan{number: e.Attempt, copy: e.Copy, reason: hedged, delay: e.After}
	why := "slow"
	if e.Cause != nil {
		p.cause, why = e.Class, "failed"
	}
	c.mu.Lock()
	c.copies = max(c.copies, e.Copy)
	c.planned = append(c.planned, p)
	c.mu.Unlock()
	if m := c.observer.instruments; m != nil {
		m.hedges.Add(ctx, 1, c.series.tags(labels{policy: e.Policy, one: label{keyHedgeCause, why}}).add...)
	}
}

// HedgeWon implements ductile.Watch.
func (c *call) HedgeWon(ctx context.Context, e ductile.HedgeWon) {
	c.mu.Lock()
	c.wonBy = e.Copy
	c.mu.Unlock()
	if m := c.observer.instruments; m != nil {
		winner := "copy"
		if e.Copy == 1 {
			winner = "first"
		}
		m.hedgeWon.Add(ctx, 1, c.series.tags(labels{policy: e.Policy, one: label{keyWinner, winner}}).add...)
	}
}

// Contained implements ductile.Watch.
func (c *call) Contained(ctx context.Context, e ductile.Contained) {
	c.mu.Lock()
	c.contained++
	c.mu.Unlock()
	if m := c.observer.instruments; m != nil {
		m.contained.Add(ctx, 1, c.series.tags(labels{policy: e.Policy}).add...)
	}
	c.observer.logContained(ctx, c.series, e)
}

// TimedOut implements ductile.Watch.
func (c *call) TimedOut(ctx context.Context, e ductile.TimedOut) {
	c.mu.Lock()
	c.timedOut = note(c.timedOut, e.Policy)
	c.mu.Unlock()
	if m := c.observer.instruments; m != nil {
		m.timeouts.Add(ctx, 1, c.series.tags(labels{policy: e.Policy}).add...)
	}
}

// FellBack implements ductile.Watch.
func (c *call) FellBack(ctx context.Context, e ductile.FellBack) {
	c.mu.Lock()
	if e.Err == nil {
		c.fallback, c.answeredFor = e.By, e.Class
	} else {
		c.fallback, c.fallbackFailed = "", note(c.fallbackFailed, e.Policy)
	}
	c.mu.Unlock()
	if m := c.observer.instruments; m != nil {
		class := outcomeOf(e.Class).String()
		m.fallbacks.Add(ctx, 1, c.series.tags(labels{policy: e.Policy, one: label{keyAnsweredBy, e.By}, two: label{keyError, class}}).add...)
	}
}
