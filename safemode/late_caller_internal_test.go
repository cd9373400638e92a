package safemode

// LateCaller returns an Acquire that has looked at the mode before it was called.
func LateCaller(m *Mode) func() (uint64, error) {
	p := m.current.Load()
	return func() (uint64, error) { return m.attempt(p, Normal) }
}
