package telemetry

import (
	"sync"
	"sync/atomic"
	"time"
)

// A subject is what a line of log is about.
type subject uint8

const (
	calls    subject = iota // that failed, or were answered by a fallback
	breakers                // that changed their state, and safe modes
	panics                  // that were contained
	subjects                // how many there are
)

// An outage must not become a storm of lines: so there are at most some of one name of pipelines in the time of quiet, and at most some of all in a
// breath. Quiet is longer, so that one pipeline does not take the place of the others for ever.
const (
	quiet  = time.Minute
	breath = 10 * time.Second
)

// most returns how many lines about a subject there are at most, of one name in the time of quiet, and of all in a breath. Those of all are
// 14, and a minute touches 7 breaths: 98.
func (about subject) most() (ofOne, ofAll int) {
	switch about {
	case calls:
		return 1, 5
	case breakers:
		return 4, 8
	default:
		return 1, 1
	}
}

// limited lets so many lines through in a time.
type limited struct {
	mu    sync.Mutex
	since time.Time     // when the time began
	more  int           // lines that it still lets through
	held  atomic.Uint64 // lines held back that nothing has said yet
}

// left returns how many lines there may still be, of most in a time. The caller holds mu.
func (l *limited) left(now time.Time, most int, in time.Duration) int {
	if l.since.IsZero() || now.Sub(l.since) >= in {
		l.since, l.more = now, most
	}
	return l.more
}

// let takes a line out of those of all, if there is one left.
func (l *limited) let(now time.Time, most int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left(now, most, breath) == 0 {
		return false
	}
	l.more--
	return true
}

// may reports whether a line about a subject may be written now, and how many were held back before it.
func (o *Observer) may(s *series, about subject, now time.Time) (held uint64, ok bool) {
	own := &s.lines[about]
	ofOne, ofAll := about.most()
	own.mu.Lock()
	defer own.mu.Unlock()
	if own.left(now, ofOne, quiet) > 0 && o.lines[about].let(now, ofAll) {
		own.more--
		return own.held.Swap(0), true
	}
	own.held.Add(1)
	return 0, false
}

// rest returns how many lines about a subject were held back that nothing else has said, once the time of quiet is over.
func (o *Observer) rest(s *series, about subject) uint64 {
	own := &s.lines[about]
	if own.held.Load() == 0 {
		return 0
	}
	own.mu.Lock()
	defer own.mu.Unlock()
	now := time.Now()
	if _, ofAll := about.most(); now.Sub(own.since) < quiet || !o.lines[about].let(now, ofAll) {
		return 0
	}
	return own.held.Swap(0)
}
