package breaker

import (
	"context"
	"time"
)

// A token is what a breaker remembers of a call, in one word:
//
//	63 ........ 42   41     40         39 ............................ 0
//	generation       timed  impatient  start of the call, or the probe's lease
//
// The generation changes with each state, so that late results are known as such. It comes around after 4 million changes of state,
// and the start, in microseconds, after 12 days. A call has a start only where slow calls counted when it began.
const (
	lowBits             = 40
	lowMask             = 1<<lowBits - 1
	impatient    uint64 = 1 << lowBits
	timed               = impatient << 1
	tagShift            = lowBits + 2
	tagMask      uint64 = (1<<64 - 1) &^ (1<<tagShift - 1)
	tickDuration        = time.Microsecond
)

// tagOf returns the part of a token that a generation has.
func tagOf(generation uint64) uint64 { return generation << tagShift }

// token returns the token of a call that begins now, in a phase that admits all.
func (b *Breaker) token(p *phase, haste uint64) uint64 {
	token := p.tag | haste
	if p.settings.slow > 0 {
		token |= timed | uint64(b.now()/tickDuration)&lowMask
	}
	return token
}

// haste returns the bit of a caller who gives the dependency less than the time that MinPatience sets. The context is the user's own
// code, so it is never asked under mu.
func (c *config) haste(ctx context.Context) uint64 {
	if c.patience > 0 {
		if at, ok := ctx.Deadline(); ok && time.Until(at) < c.patience {
			return impatient
		}
	}
	return 0
}

// since returns how long ago the call of a token began, zero where it does not say: SlowCalls was switched on later.
func since(token uint64, now time.Duration) time.Duration {
	if token&timed == 0 {
		return 0
	}
	ticks := (uint64(now/tickDuration) - token) & lowMask
	return time.Duration(ticks) * tickDuration
}
