package hedge

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile/internal/latency"
)

// memory is what a hedge knows of its dependency: how long answers took lately, and what the user wants. The copies of a policy that
// pipelines make share it.
//
// The delay is to be the time that a share of all copies outlast. But of those that are overtaken for being slow nobody learns how long
// they would have taken. Leave them out, and the slow ones are missing: the percentile falls, more copies are overtaken, and so on,
// until a hedge at the 95th percentile makes a copy of almost every tenth call. Take their time for an answer's, and those that were
// overtaken soon after their start count as fast. What is known of such a copy is a lower bound. One that is not below the delay says all that
// matters: the copy was slow, and it counts with its bound, so that the share of the slow is right, whatever the delay is. One below
// it says nothing, and is left out.
//
// The same holds for every other end without an answer. A timeout took so long at least; a refusal that came fast says nothing of how
// long answers take.
type memory struct {
	base    time.Time
	current atomic.Pointer[state]
	due     atomic.Int64 // when what is slow is to be worked out again, since base

	launched, refused, late atomic.Uint64

	mu     sync.Mutex // held by the one who works it out, or replaces the state
	window *latency.Window
}

// state is what a hedge is set to, together with what that says is slow, so that a decision, which loads it once, never has one without
// the other. Each Update puts another in its place; until then its durations are stored anew when they are due.
type state struct {
	config                  // without a budget, which each copy of the policy has of its own
	slow, fast atomic.Int64 // durations: what is slow, and what only the fastest stay below; zero for not known
}

const (
	// A reading of the clock costs some 40 ns, which nobody minds after a call of a thousand times that. After shorter calls there is
	// one for each sixteenth of a length.
	worthReading = 50 * time.Microsecond
	readEach     = 16

	fastShare = 50_000 // the fastest twentieth, in millionths
)

func newMemory(c config) *memory {
	m := &memory{base: time.Now(), window: latency.NewWindow(c.window)}
	c.budget = nil
	m.current.Store(&state{config: c})
	return m
}

// answered notes how long an answer took.
func (m *memory) answered(took time.Duration) {
	if took >= worthReading {
		m.refresh()
		m.window.Record(took)
	} else if m.window.Record(took)%readEach == 1 {
		m.refresh()
	}
}

// unanswered notes a copy that ended without an answer, if it took so long that it was slow.
func (m *memory) unanswered(took time.Duration, s *state) {
	m.refresh()
	if bar, known := s.bar(); known {
		m.overdue(took, bar)
	}
}

// bar returns how long a copy without an answer must have taken to count; false where that is not known. Where the delay is kept below what
// was observed, copies are overtaken from there on.
func (s *state) bar() (time.Duration, bool) {
	observed := time.Duration(s.slow.Load())
	switch {
	case s.fixed && observed == 0:
		return s.after, true
	case s.fixed:
		return min(observed, s.after), true
	default:
		return min(observed, s.maxDelay), observed > 0
	}
}

// overdue notes a copy that took so long without an answer, if that is not below the bar. What is in one bucket with it is not told apart
// from it.
func (m *memory) overdue(took, bar time.Duration) {
	if took >= latency.Floor(bar) {
		m.window.Record(took)
	}
}

// refresh works out what is slow if that is due and nobody else is at it.
func (m *memory) refresh() {
	now := m.now()
	if now < time.Duration(m.due.Load()) || !m.mu.TryLock() {
		return
	}
	defer m.mu.Unlock()
	m.workOut(m.current.Load(), now) // the latest, whatever the call has that it is for
}

// workOut works out what is slow by the settings of a state. The caller holds mu.
func (m *memory) workOut(s *state, now time.Duration) {
	m.due.Store(int64(now + min(s.window/30, time.Second)))
	m.window.Advance(now)
	var slow, fast time.Duration
	if counts := m.window.Read(now); counts.Total >= s.samples {
		_, slow = counts.Quantile(s.share)
		fast, _ = counts.Quantile(fastShare)
	}
	s.slow.Store(int64(slow))
	s.fast.Store(int64(fast))
}

func (m *memory) now() time.Duration { return time.Since(m.base) }
