package keyed

import (
	"iter"
	"slices"
)

// A Snapshot is what a set was at one moment.
type Snapshot struct {
	Pipelines int    // at that moment, without the one that is shared
	Made      uint64 // since the set was made
	Evicted   uint64 // left to make room
	Expired   uint64 // left because they were idle
	Crowded   uint64 // how often a key had to share: if this grows, set a higher Max
}

// Snapshot returns what the set is now.
func (s *Pipelines[K, P]) Snapshot() Snapshot {
	s.mu.RLock()
	n := len(s.ring)
	s.mu.RUnlock()
	return Snapshot{Pipelines: n, Made: s.made.Load(), Evicted: s.evicted.Load(), Expired: s.expired.Load(), Crowded: s.crowded.Load()}
}

// All returns the keys and their pipelines as they are when the loop begins, in no order: for pages, for a person's word to all their
// breakers, and to tune them. It does not count as a use. The pipeline that keys share for which there is no room is the last, with the zero
// key. One that is being made at that moment is waited for, so the function that makes pipelines must not call it.
func (s *Pipelines[K, P]) All() iter.Seq2[K, P] {
	return func(yield func(K, P) bool) {
		s.mu.RLock()
		members := slices.Clone(s.ring)
		if s.shared != nil {
			members = append(members, s.shared)
		}
		s.mu.RUnlock()
		for _, m := range members {
			if m.ready() && !yield(m.key, m.pipeline) {
				return
			}
		}
	}
}
