package hedge

import (
	"errors"
	"fmt"

	"github.com/ductile-go/ductile/budget"
)

// Update changes the options given, all at once, and leaves the others as they are: what comes of it is what New would make of all
// options in the order in which they were given. It returns the error that [Validate] has for them, and then changes nothing. It changes
// the hedge in all pipelines that it stands in. Calls never wait for it.
//
//   - Percentile, MinSamples: what is slow is worked out anew at once, from the answers that are remembered.
//   - Window: answers of the time that the old window and the new one have in common are kept, to a third of the old; with every change
//     some are remembered up to that third longer. One that comes in the very instant may be counted in another third, or left out.
//   - After, Percentile: answers are observed while the delay is fixed, too. Back to a percentile, what is slow is known at once.
//   - Extra, On, Classify: for the next decision of each call, also of one that is under way. Copies that run go on, and how many a
//     call has had is kept. A call that began when there were no copies to come has none.
//   - After, MinDelay, MaxDelay: for the next wait. One that has begun goes on.
//
// The name and the budget of its own that it has already are fine. Another of either is refused: other pipelines have a copy of the hedge
// with a budget of theirs. Each decision is by the settings of before or of after, with what they say is slow, never by some of each.
//
// It may be called at any time and by several goroutines at once: what one sets, another keeps or replaces. Of two that meet, one applies
// its options again.
func (p *Policy) Update(options ...Option) error {
	for {
		before := p.memory.current.Load()
		c := before.config
		c.budget = p.budget // a copy for a pipeline has its own
		if err := errors.Join(c.apply(options), c.keeps(before.name, p.budget)); err != nil {
			return err
		}
		c.budget = nil
		if p.memory.tune(before, c) {
			return nil
		}
		// Another Update was faster. This one is done on top of it, since options are not run under a lock.
	}
}

// keeps returns what an Update may not change and has changed.
func (c *config) keeps(name string, b *budget.Budget) (err error) {
	if c.name != name {
		err = fmt.Errorf("hedge: Name(%q): %q is in use under its name: make another hedge", c.name, name)
	}
	if c.budget != b {
		err = errors.Join(err, fmt.Errorf("hedge: Budget(another): %q is in pipelines with the budgets that they have: make another hedge", name))
	}
	return err
}

// tune puts another state in the place of the one before, unless another Update was faster.
func (m *memory) tune(before *state, c config) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current.Load() != before {
		return false
	}
	next, now := &state{config: c}, m.now()
	if c.window != before.window {
		m.window.Resize(c.window, now)
	}
	m.workOut(next, now) // before anybody has it
	m.current.Store(next)
	return true
}
