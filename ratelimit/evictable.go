package ratelimit

// Evictable reports whether the limiter can be forgotten, and a new one made when it is next needed, as package keyed does it: when it admits
// as many calls at once as a new one would, and none waits.
func (l *Limiter) Evictable(bool) bool {
	s := l.Snapshot()
	return s.Waiting == 0 && s.Tokens >= float64(s.Burst)
}
