package breaker

// Isolate refuses all calls, until ForceClosed or Reset, for a reason that callers and listeners are told: a dependency that is known
// to be down, or that a person wants left alone.
func (b *Breaker) Isolate(reason string) { b.order(Isolated, CauseIsolated, reason) }

// ForceClosed admits all calls, until Isolate or Reset, however they end. They are counted.
func (b *Breaker) ForceClosed() { b.order(ForcedClosed, CauseForcedClosed, "") }

// Reset closes the breaker as if it were new, from any state: nothing is counted, and the open time begins anew. Isolate, ForceClosed and Reset tell
// listeners even where the state is the same already.
func (b *Breaker) Reset() { b.order(Closed, CauseReset, "") }

// order changes the state by a person's word.
func (b *Breaker) order(to State, cause Cause, reason string) {
	b.mu.Lock()
	now := b.now()
	b.advance(now)
	b.enter(&phase{state: to, since: now, cause: cause}, nil, reason)
	b.mu.Unlock()
	b.deliver()
}
