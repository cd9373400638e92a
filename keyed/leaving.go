package keyed

import (
	"slices"
	"time"

	"github.com/ductile-go/ductile"
)

// sample is how many members are looked at for the one that was used the longest ago. It need not be the very one of all: Redis, which
// evicts in the same way, looks at 5, and finds 10 close to the exact order.
const sample = 16

// leastUsed removes a member to make room, and returns it, or nil where none of those it looked at may leave: the next who needs room looks at
// others. The caller holds mu, and detaches it.
func (s *Pipelines[K, P]) leastUsed() *member[K, P] {
	var least *member[K, P]
	for range min(sample, len(s.ring)) {
		s.hand = (s.hand + 1) % len(s.ring)
		if m := s.ring[s.hand]; (least == nil || m.used.Load() < least.used.Load()) && s.mayLeave(m, false) {
			least = m
		}
	}
	if least != nil {
		s.remove(least)
	}
	return least
}

// remove takes a member out. The caller holds mu.
func (s *Pipelines[K, P]) remove(m *member[K, P]) {
	last := s.ring[len(s.ring)-1]
	s.ring[m.place], last.place = last, m.place
	s.ring[len(s.ring)-1] = nil
	s.ring = s.ring[:len(s.ring)-1]
	delete(s.served, m.key)
	if m.built.Load() {
		for _, policy := range m.holds {
			if !policy.counted {
				continue
			}
			if s.members[policy.evictable]--; s.members[policy.evictable] == 0 {
				delete(s.members, policy.evictable)
			}
		}
	}
}

// withdraw removes a member whose pipeline could not be built.
func (s *Pipelines[K, P]) withdraw(m *member[K, P]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m == s.shared {
		s.shared = nil
	} else {
		s.remove(m)
	}
}

// sweep lets the idle ones leave. Whoever comes first does it for all.
func (s *Pipelines[K, P]) sweep(now time.Duration) {
	before := s.swept.Load()
	if now-time.Duration(before) < s.idle/4 || !s.swept.CompareAndSwap(before, int64(now)) {
		return
	}
	var gone []*member[K, P]
	defer func() {
		s.expired.Add(uint64(len(gone)))
		detachAll(gone)
	}()
	s.mu.Lock()
	defer s.mu.Unlock()                         // deferred: Evictable may be the user's, and panic
	for _, m := range slices.Backward(s.ring) { // what is removed gives its place to one that was looked at
		if int64(now)-m.used.Load() >= int64(s.idle) && s.mayLeave(m, true) {
			s.remove(m)
			gone = append(gone, m)
		}
	}
	if len(s.served) == 0 {
		s.served, s.ring = map[K]*member[K, P]{}, nil // maps never shrink
	}
}

// detachAll detaches members. Where an observer panics, which is the user's code, the others are detached all the same.
func detachAll[K comparable, P ductile.Composed](gone []*member[K, P]) {
	for i, m := range gone {
		returned := false
		func() {
			defer func() {
				if !returned {
					detachAll(gone[i+1:])
				}
			}()
			m.detach()
			returned = true
		}()
	}
}
