package ductile

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// runRetrier makes attempts for as long as the retrier grants them, and waits between them.
func (n *node) runRetrier(ctx context.Context, c *call, fn body) (err error) {
	book := n.retrier.Start()
	before := c.started // fn's starts before the current attempt
	first := before
	ran, granted := 0, 0
	var grant time.Time // of the last
	end, ended := error(nil), false
	defer func() {
		if !ended {
			end = abnormalEnd(c.started > first)
		}
		if c.started > before { // the last attempt, which succeeded or did not return
			ran++
		}
		if c.owed {
			c.deposit()
		}
		var since time.Duration
		if granted > 0 {
			since = time.Since(grant)
		}
		n.retrier.Settle(book, ran, granted, since, end)
	}()

	var last error // of the last attempt that reached fn
	at := ctx
	for attempt := 1; ; attempt++ {
		err = n.next.run(at, c, fn)
		if err == nil {
			break
		}
		seen := c.seen(ctx, before, err)
		reached := c.started > before
		if reached {
			ran, before, last = ran+1, c.started, err
		}
		left := remaining(ctx)
		wait, stop := time.Duration(0), fault.ErrFinal
		if !c.once && (c.sent == nil || !c.sent.Load()) {
			wait, stop = n.retrier.Next(book, attempt, seen, left)
		}
		if stop == nil {
			granted++
			grant = time.Now()
			if wait > 0 && wait >= left && left < math.MaxInt64 { // a retrier of one's own may not have looked
				stop = errNoTime
			}
		}
		if stop == nil {
			if c.watch != nil {
				c.watch.RetryScheduled(ctx, RetryScheduled{Policy: n.name, Attempt: c.attempt + 1, Wait: wait, Cause: err, Class: fault.Of(seen)})
			}
			c.now = time.Time{}
			stop = sleep(ctx, wait)
		}
		if stop != nil {
			err = n.stopped(ctx, c, ran, stop, err, last, reached)
			break
		}
		c.attempt++
		at = atAttempt(ctx, c)
	}
	if err != nil {
		end = c.seen(ctx, first, err)
	}
	ended = true
	return err
}

// stopped returns the error of a call that is not made again: the last one that says something of the dependency, with the reason
// for stopping, and what refused or ended a later attempt on its way. An error that was never one to repeat is returned as it is.
func (n *node) stopped(ctx context.Context, c *call, ran int, stop, err, last error, reached bool) error {
	switch {
	case !errors.Is(stop, fault.ErrFinal):
		if !reached && last != nil {
			stop = fmt.Errorf("%w; %w", stop, err)
		}
	case reached || last == nil:
		return err
	default:
		stop = err
	}
	if last == nil {
		last = err
	}
	if c.watch != nil {
		c.watch.RetryStopped(ctx, RetryStopped{Policy: n.name, Attempts: ran, Reason: stop})
	}
	return &RetryError{Pipeline: c.pipeline.name, Policy: n.name, Attempts: ran, Reason: stop, Last: last}
}

// errNoTime stops a retrier that would wait beyond the caller's deadline.
var errNoTime = errors.New("no time for another attempt before the deadline")

// remaining returns the time until the deadline of ctx, math.MaxInt64 where it has none.
func remaining(ctx context.Context) time.Duration {
	at, ok := ctx.Deadline()
	if !ok {
		return math.MaxInt64
	}
	return time.Until(at)
}

// sleep waits, and returns why the context ended if it did so first.
func sleep(ctx context.Context, wait time.Duration) error {
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return endOf(ctx)
	}
	return nil
}
