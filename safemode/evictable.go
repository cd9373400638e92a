package safemode

// Evictable reports whether the mode can be forgotten, and a new one made when it is next needed: see package keyed, which has one for
// each host or tenant. One that is normal can. One that a person holds cannot. One that has engaged itself can where idle says that
// nobody has needed it for a long time; while its probes are out it cannot.
func (m *Mode) Evictable(idle bool) bool {
	switch s := m.Snapshot(); {
	case s.Held:
		return false
	case s.Level == Normal:
		return true
	default:
		return idle && s.Probing == 0
	}
}
