package retry

import (
	"errors"
	"time"
)

// book is what one call's schedule remembers, besides the settings that the call began with.
type book struct {
	settings  *config
	start     time.Time
	previous  time.Duration // of decorrelated
	backoff   BackOff
	restarted int // the attempt after which the schedule began anew, zero if it has not
}

// Start returns what must be remembered of one call: the settings that it began with, so that an Update in its midst leaves it one
// schedule from end to end. That is a pointer, which costs nothing to keep; only a schedule that remembers something itself costs an
// allocation.
func (p *Policy) Start() any {
	c := p.settings.Load()
	if c.elapsed == 0 && !c.schedule.remembers() {
		return c
	}
	return c.open()
}

// open returns the book of a call that begins now.
func (c *config) open() *book {
	b := &book{settings: c, start: time.Now()}
	if c.schedule.backoff != nil {
		if b.backoff = c.schedule.backoff(); b.backoff == nil {
			panic(errors.New("retry: the function given to FromBackOff returned nil"))
		}
		b.backoff.Reset()
	}
	return b
}

// recall returns the settings that a call began with, and its book, nil where it has none. A call that nothing was remembered of begins now.
func (p *Policy) recall(remembered any) (*config, *book) {
	switch is := remembered.(type) {
	case *config:
		return is, nil
	case *book:
		return is.settings, is
	default:
		return p.recall(p.Start())
	}
}
