package keyed

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile"
)

// A member is a key with its pipeline. What is not atomic is under the set's mutex, or does not change once the member is built.
type member[K comparable, P ductile.Composed] struct {
	key   K
	place int          // in the ring
	used  atomic.Int64 // when it was last asked for, or a little before

	mu       sync.Mutex // held to build
	failed   bool       // under mu: building has begun and has not succeeded, and nobody tries again
	built    atomic.Bool
	pipeline P
	holds    []held
}

// held is a policy of a member.
type held struct {
	evictable
	counted bool // in members; what cannot be compared is not, and has to be a member's own
}

// evictable is a policy with a memory. Evictable reports whether it may be forgotten: because nobody has asked for its pipeline for a long
// time, where idle is true, or else to make room for another. It is called under a lock: it must not call the set.
type evictable interface{ Evictable(idle bool) bool }

func (s *Pipelines[K, P]) member(key K) *member[K, P] { return &member[K, P]{key: key} }

// ready reports whether a member has its pipeline, and waits where that is being made.
func (m *member[K, P]) ready() bool {
	if m.built.Load() {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.built.Load()
}

// equip gives a member its pipeline.
func (m *member[K, P]) equip(p P) {
	if v := reflect.ValueOf(p); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic(fmt.Errorf("keyed: the function given to New returned a nil pipeline for key %v", m.key))
	}
	for _, policy := range p.Policies() {
		if e, ok := policy.(evictable); ok {
			m.holds = append(m.holds, held{e, reflect.ValueOf(e).Comparable()})
		}
	}
	m.pipeline = p
}

// register makes a member that has its pipeline known to be built.
func (s *Pipelines[K, P]) register(m *member[K, P]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, policy := range m.holds {
		if policy.counted {
			s.members[policy.evictable]++
		}
	}
	m.built.Store(true)
}

// resolution is how exact the time of the last use is: those who use one pipeline on many cores need not all write to the same word.
const resolution = 50 * time.Millisecond

func (m *member[K, P]) use(now, resolution time.Duration) {
	if last := m.used.Load(); int64(now)-last > int64(resolution) {
		m.used.Store(int64(now))
	}
}

// mayLeave reports whether nothing is lost that must not be.
func (s *Pipelines[K, P]) mayLeave(m *member[K, P], idle bool) bool {
	if !m.built.Load() {
		return false // somebody is about to
	}
	for _, policy := range m.holds {
		if (!policy.counted || s.members[policy.evictable] < 2) && !policy.Evictable(idle) {
			return false
		}
	}
	return true
}

// detach tells the observers of a pipeline that it is gone.
func (m *member[K, P]) detach() {
	if d, ok := any(m.pipeline).(interface{ Detach() }); ok {
		d.Detach()
	}
}
