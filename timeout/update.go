package timeout

import "github.com/ductile-go/ductile/internal/refuse"

// Update changes the options given while calls go through the timeout, all at once, and leaves the others as they are: the result is what
// [New] would make of all options so far, in their order. It returns the error that [Validate] would, and then changes nothing.
//
//   - After holds for calls that begin later, and for later attempts where the timeout is inside a retry. A call that is under way keeps
//     the limit that it began with, and its [Error] says that limit.
//   - Classify is asked about what returns too late from now on, of calls that are under way too.
//   - Name and Detached are what pipelines were made with, and cannot change: make another timeout. What it has already is fine.
//   - A timeout of [From] refuses After: change what its function returns.
//
// It may be called at any time and by several goroutines at once: what one sets, another keeps or replaces. It takes no lock; of two that
// meet, one applies its options again.
func (p *Policy) Update(options ...Option) error {
	for { // until no other Update comes between
		before := p.settings.Load()
		after := *before
		if err := refuse.Apply("timeout", &after, options); err != nil {
			return err
		}
		if p.settings.CompareAndSwap(before, &after) {
			return nil
		}
	}
}
