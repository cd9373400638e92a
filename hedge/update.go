package hedge

import (
	"errors"
	"fmt"

	"github.com/ductile-go/ductile/internal/refuse"
)

// Update changes the options given, all at once, and leaves the others as they are: what comes of it is what New would make of all
// options in the order in which they were given. It returns the error that [Validate] has for them, and then changes nothing. It changes
// the hedge in all pipelines that it stands in. Calls never wait for it.
//
//   - Percentile, MinSamples: what is slow is worked out anew at once, from the answers that are remembered.
//   - Window: answers of the time that the old window and the new one have in common are kept, to a third of the old; with every change
//     some are remembered up to that third longer. One that comes in the very instant of the change may be counted in another third.
//   - After, Percentile: answers are observed while the delay is fixed, too. Back to a percentile, what is slow is known at once.
//   - Extra, On, Classify: for the next decision of each call, also of one that is under way. Copies that run go on, and how many a
//     call has had is kept. A call that began when there were no copies to come has none.
//   - After, MinDelay, MaxDelay: for the next wait. One that has begun goes on.
//
// Name must be what it is. Budget is refused: other pipelines have a copy of the hedge with a budget of their own.
func (p *Policy) Update(options ...Option) error {
	m := p.memory
	m.updating.Lock()
	defer m.updating.Unlock()
	before := m.settings.Load()
	c := *before
	if err := errors.Join(c.apply(options), c.keeps(before.name)); err != nil {
		return err
	}
	m.tune(&c, before)
	return nil
}

// keeps returns what an Update may not change and has changed.
func (c *config) keeps(name string) (err error) {
	if c.name != name {
		err = refuse.Value("hedge", "Name", c.name, fmt.Sprintf("%s, as it is: for another name make another policy", name))
	}
	if c.budget != nil {
		err = errors.Join(err, refuse.Value("hedge", "Budget", "...",
			"left out of Update: for another budget make another policy, or change that one"))
	}
	return err
}

// tune puts settings in the place of those before.
func (m *memory) tune(c, before *config) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if c.window != before.window {
		m.window.Resize(c.window, now)
	}
	m.settings.Store(c)
	m.workOut(now)
}
