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
	base     time.Time
	settings atomic.Pointer[config] // as a whole; without a budget, which each copy has of its own

	slow, fast atomic.Int64 // durations: what is slow, and what only the fastest stay below; zero for not known
	due        atomic.Int64 // when that is to be worked out again, since base

	launched, refused, late atomic.Uint64

	updating sync.Mutex // held by Update, and by no call
	mu       sync.Mutex // held by the one who works it out
	window   *latency.Window
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
	m.settings.Store(&c)
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
func (m *memory) unanswered(took time.Duration, c *config) {
	m.refresh()
	if bar, known := m.bar(c); known {
		m.overdue(took, bar)
	}
}

// bar returns how long a copy without an answer must have taken to count; false where that is not known. Where the delay is kept below what
// was observed, copies are overtaken from there on.
func (m *memory) bar(c *config) (time.Duration, bool) {
	observed := time.Duration(m.slow.Load())
	switch {
	case c.fixed && observed == 0:
		return c.after, true
	case c.fixed:
		return min(observed, c.after), true
	default:
		return min(observed, c.maxDelay), observed > 0
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
	m.workOut(now)
}

// workOut works out what is slow. The caller holds mu.
func (m *memory) workOut(now time.Duration) {
	c := m.settings.Load() // the latest, whatever the call has that it is for
	m.due.Store(int64(now + min(c.window/30, time.Second)))
	m.window.Advance(now)
	var slow, fast time.Duration
	if counts := m.window.Read(now); counts.Total >= c.samples {
		_, slow = counts.Quantile(c.share)
		fast, _ = counts.Quantile(fastShare)
	}
	m.slow.Store(int64(slow))
	m.fast.Store(int64(fast))
}

func (m *memory) now() time.Duration { return time.Since(m.base) }
