package breaker

// Evictable reports whether the breaker can be forgotten, and a new one made when it is next needed: see package keyed, which has one for
// each host or tenant. A closed breaker can. One that is open, isolated or forced closed cannot. One that is half-open can where idle says
// that nobody has needed it for a long time, so that hosts that are gone do not stay for ever; while its probes are out it cannot.
func (b *Breaker) Evictable(idle bool) bool {
	if b.current.Load().state == Closed {
		return true
	}
	switch s := b.Snapshot(); s.State {
	case Closed:
		return true
	case HalfOpen:
		return idle && s.Probing == 0
	default:
		return false
	}
}
