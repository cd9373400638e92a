package retry

import "time"

// pushedBack returns the time until the next attempt as the dependency has decided it, which knows its load and spreads its callers
// itself: no jitter, and no schedule below.
//
// Where there is a book the schedule begins anew after it, as gRFC A6 ("gRPC Retry Design") has it. Where there is none, to remember
// that would be an allocation for each call that succeeds.
func (c *config) pushedBack(b *book, attempt int, wait time.Duration) (time.Duration, error) {
	switch {
	case wait < 0:
		return 0, ErrPushback
	case wait > c.maxHint:
		return 0, ErrHint
	}
	if b != nil {
		b.restart(attempt)
	}
	return wait, nil
}

// restart begins the schedule anew for what comes after an attempt. A function given to Schedule goes on: it is promised the repeat's
// number.
func (b *book) restart(attempt int) {
	b.restarted, b.previous = attempt, 0
	if b.backoff != nil {
		b.backoff.Reset()
	}
}
