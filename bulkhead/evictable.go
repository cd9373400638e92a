package bulkhead

// Evictable reports whether the bulkhead can be forgotten, and a new one made when it is next needed, as package keyed does it: while no call is
// in flight.
func (b *Bulkhead) Evictable(bool) bool { return b.state.Load() < oneCall }
