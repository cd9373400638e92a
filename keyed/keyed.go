// Package keyed has a pipeline for each key: for each host, tenant, shard or method.
//
// A breaker that stands before several hosts opens for all of them when one fails. One pipeline for each isolates the fault to the host
// that has it:
//
//	hosts := keyed.New(func(host string) *ductile.Pipeline {
//		return standard.Client("upstream")
//	})
//	answer, err := ductile.Do(ctx, hosts.Get(host), call)
//
// Where keys come from outside, there may be any number of them, so there are never more pipelines than [Max], 1000 unless told otherwise. One that was not used
// for the time of [Idle], 10 minutes, leaves; where there is no room for another, one that was not used lately leaves early. It takes with it what
// its policies have learned. So a pipeline stays as long as one of its policies has something that must not be forgotten, or whoever
// has many keys could have a new breaker, closed, for each call:
//
//	breaker             while it is not closed; for an idle one that has time for its probes, see breaker.Breaker.Evictable
//	bulkhead            while a call is in flight
//	limiter             until it admits as many calls at once as a new one
//	a policy of yours   where it has a method Evictable(idle bool) bool, while that reports false
//
// A policy that several pipelines have comes from outside, and nothing of it is lost with one of them. Evictable is called under a lock: it must
// not ask the set for anything. (A breaker of gobreaker may report a change of state when it is asked for its state; its OnStateChange must
// not, either.)
//
// Where none can be found that may leave, further keys share one more pipeline, so that their calls are protected, though not from each other.
// Sixteen are looked at each time, and the next ones the next time.
//
// A pipeline's name is what telemetry calls it. Give the same to all, or each key has series of its own.
package keyed

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile"
)

// Pipelines is a bounded set of pipelines, each of which serves one key. It is made by [New], and safe for concurrent use. Most callers want
// [Pipelines.Get].
type Pipelines[K comparable, P ductile.Composed] struct {
	config
	build func(key K) P
	base  time.Time // what now counts from

	mu      sync.RWMutex
	served  map[K]*member[K, P]
	ring    []*member[K, P]   // the same in an order of no meaning
	hand    int               // which of them is looked at next for one that may leave
	shared  *member[K, P]     // of the keys for which there is no room; nil until there is one
	members map[evictable]int // how many have a policy: one that several have comes from outside, and is not forgotten with any of them

	resolution time.Duration

	swept                           atomic.Int64 // when idle ones were looked for
	made, evicted, expired, crowded atomic.Uint64
}

// New returns an empty set. build makes the pipeline of a key when it is first asked for: once, and again after it had to leave. It
// returns a *ductile.Pipeline or a *ductile.ConcurrentPipeline, never nil, and must not ask the set for the same key, nor for all. A policy that is put
// into all of them, such as a bulkhead around everything, counts the calls of all keys. For keys without room build is called with the
// zero key.
//
// New panics where build is nil, and on options that make no sense; [Validate] says the same of options as an error.
func New[K comparable, P ductile.Composed](build func(key K) P, options ...Option) *Pipelines[K, P] {
	if build == nil {
		panic(errors.New("keyed: New was given a nil function"))
	}
	c, err := configure(options)
	if err != nil {
		panic(err)
	}
	return &Pipelines[K, P]{
		config: c, build: build, base: time.Now(), served: map[K]*member[K, P]{}, members: map[evictable]int{},
		resolution: min(resolution, c.idle/8),
	}
}

// now is the time since the set was made: monotonic, and with a base of its own, so that it works inside a synctest bubble.
func (s *Pipelines[K, P]) now() time.Duration { return time.Since(s.base) }

// Get returns the pipeline of a key. Ask for it before each call, and do not keep it: one that nobody asks for counts as idle, however
// many calls go through it.
//
// It costs a reading of the clock and a look into a map under a lock that readers share, and does not allocate. A key that is new costs what
// the pipeline does.
func (s *Pipelines[K, P]) Get(key K) P {
	now := s.now()
	if now-time.Duration(s.swept.Load()) >= s.idle/4 {
		s.sweep(now)
	}
	for {
		m := s.find(key, now)
		if m == nil {
			if p, ok := s.join(key, now); ok {
				return p
			}
		} else if p, ok := s.pipeline(m); ok {
			return p
		}
	}
}

// find returns the member of a key, or nil. To look for one that cannot be compared panics.
func (s *Pipelines[K, P]) find(key K, now time.Duration) *member[K, P] {
	s.mu.RLock()
	defer s.mu.RUnlock()
	m := s.served[key]
	if m != nil {
		m.use(now, s.resolution)
	}
	return m
}

// join makes a key a member, or takes the one that keys share for which there is no room, and returns its pipeline. Whoever left for it is
// detached after that: observers may panic.
func (s *Pipelines[K, P]) join(key K, now time.Duration) (P, bool) {
	m, gone := s.enter(key, now)
	if gone != nil {
		s.evicted.Add(1)
		defer gone.detach()
	}
	return s.pipeline(m)
}

// enter returns the member of a key, and the one that left for it, if one did.
func (s *Pipelines[K, P]) enter(key K, now time.Duration) (m, gone *member[K, P]) {
	s.mu.Lock()
	defer s.mu.Unlock() // deferred: Evictable may be the user's, and panic
	nan := key != key   //nolint:gocritic // it is never found again
	if m = s.served[key]; m == nil {
		if !nan && len(s.ring) >= s.max {
			gone = s.leastUsed()
		}
		if nan || len(s.ring) >= s.max {
			s.crowded.Add(1)
			if s.shared == nil {
				s.shared = s.member(*new(K))
			}
			m = s.shared
		} else {
			m = s.member(key)
			m.place = len(s.ring)
			s.served[key], s.ring = m, append(s.ring, m)
		}
	}
	m.use(now, s.resolution)
	return m, gone
}

// pipeline returns that of a member, which the first who asks builds. Where that fails, by a panic, the key is no member any more, and ok is
// false for those who waited for it.
func (s *Pipelines[K, P]) pipeline(m *member[K, P]) (p P, ok bool) {
	if m.built.Load() {
		return m.pipeline, true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failed {
		return p, false
	}
	if !m.built.Load() {
		m.failed = true
		defer func() {
			if m.failed {
				s.withdraw(m)
			}
		}()
		m.equip(s.build(m.key))
		s.register(m)
		m.failed = false
		s.made.Add(1)
	}
	return m.pipeline, true
}
