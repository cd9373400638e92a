package retry

import (
	"math/rand/v2"

	"github.com/ductile-go/ductile/internal/refuse"
)

// Update changes the options given while calls go through the retry, all at once and in every pipeline that it stands in, and leaves the
// others as they are: the result is what [New] would make of all options so far, in their order. It returns the error that [Validate]
// would, and then changes nothing.
//
// A call that is under way goes to its end by what it began with: as many attempts, the same schedule, jitter and limits, the same
// opinion of errors. So one call never sees two schedules, and inside another retry or a hedge none of its attempts or copies does. New
// settings hold for calls that begin later.
//
//   - Attempts, UnlimitedAttempts, Elapsed, NoElapsed, MaxHint, On, Classify and OverloadBase replace what they set.
//   - A schedule (Exponential, Constant, Linear, Decorrelated, Schedule, FromBackOff) replaces the one before. A jitter that an option
//     has set stays with it; otherwise the new schedule comes with its own, as with New.
//   - A jitter replaces the one before. It is drawn from the same source, see [Policy.DrawFrom].
//   - The budget stays as it is, with what it has earned and spent. What calls under way have drawn is settled as ever.
//   - Name, Budget and OnRetry are what pipelines were made with, and cannot change: make another retry. The name and the budget that it
//     has already are fine.
//
// It may be called at any time and by several goroutines at once: what one sets, another keeps or replaces. It takes no lock; of two that
// meet, one applies its options again.
func (p *Policy) Update(options ...Option) error {
	return p.change(func(c *config) error {
		c.budget = p.budget // a copy for a pipeline has its own
		return refuse.Apply("retry", c, options)
	})
}

// DrawFrom makes the retry draw its jitter from a source in place of math/rand's, so that a simulation comes out the same each time:
// ductiletest.Simulate calls it. Calls that begin later draw from it, in every pipeline that the retry stands in and after each Update.
// The source must be safe for concurrent use.
func (p *Policy) DrawFrom(source rand.Source) {
	_ = p.change(func(c *config) error { // which cannot fail
		c.schedule.jitter.dice = rand.New(source)
		return nil
	})
}

// change puts a changed copy in the settings' place.
func (p *Policy) change(by func(*config) error) error {
	for { // until no other change comes between
		before := p.settings.Load()
		after := *before
		if err := by(&after); err != nil {
			return err
		}
		if p.settings.CompareAndSwap(before, &after) {
			return nil
		}
	}
}
