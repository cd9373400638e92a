package hedge

import (
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// A Snapshot is what a hedge has seen and done, at one moment.
type Snapshot struct {
	Name  string        // the hedge's
	Delay time.Duration // what a call waits before its next copy
	Known bool          // false while the delay is not known for want of answers, and there are no copies
	// Samples is how many copies the window holds: those that answered, and those that were slow without an answer.
	Samples uint64
	// P50, P95 and P99 are how long it took to the answer of a copy, up to a sixteenth too long; zero without samples. Beyond the delay
	// it took longer than they say: of copies that were overtaken nobody knows how long they would have taken.
	P50, P95, P99 time.Duration
	// Launched, Refused and Late are how many extra copies were started since the hedge was made, how many the budget refused, and how
	// many could not have answered before the caller's deadline.
	Launched, Refused, Late uint64
}

// Snapshot returns what the hedge has seen and done, the pipelines that it stands in taken together. Reading changes nothing.
func (p *Policy) Snapshot() Snapshot {
	m := p.memory
	m.mu.Lock()
	c := m.current.Load()
	delay, known := c.delay()
	counts := m.window.Read(m.now())
	m.mu.Unlock()
	s := Snapshot{
		Name: c.name, Delay: delay, Known: known,
		Launched: m.launched.Load(), Refused: m.refused.Load(), Late: m.late.Load(),
	}
	s.Samples = counts.Total
	_, s.P50 = counts.Quantile(refuse.Parts(0.50))
	_, s.P95 = counts.Quantile(refuse.Parts(0.95))
	_, s.P99 = counts.Quantile(refuse.Parts(0.99))
	return s
}
