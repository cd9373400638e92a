package ratelimit

import (
	"errors"
	"fmt"

	"github.com/ductile-go/ductile/internal/refuse"
)

// Update changes the options given, all at once, and leaves the others as they are. The outcome is what [New] or [From] would make of all
// options so far and these, in order. Where that makes no sense nothing changes, and the error says what [Validate] would. The name
// stays: an Update takes only the one that the limiter has. Nor does it take [Limit] or [Burst] for a limiter made by From: use SetLimit
// and SetBurst of the rate.Limiter, which is the program's own.
//
// The tokens, the turns of those who wait, and all that was counted are kept:
//
//   - The tokens that there are, or that are promised, stay as many at another limit, and those to come are earned at the new one. While
//     there is no limit, though, the bucket fills at once.
//   - A smaller burst takes away the tokens above it. A greater one adds none: the room is filled by what is earned.
//   - Who waits goes when it was promised, no sooner where the limit is raised and no later where it is lowered, and whatever [Wait] or
//     [NoWait] says now. So after a limit was raised, who comes later may go sooner.
//   - A turn that somebody gave up keeps its time too, and is taken by the next caller who would have to wait for longer.
//
// All other calls meet the settings of before or of after, never some of each. It may be called at any time and by several goroutines at
// once: what one sets, another keeps or replaces. It takes the lock that calls take. A limiter that package keyed forgets is made anew by
// the program's function, which must know what was tuned.
func (l *Limiter) Update(options ...Option) error {
	for {
		old := l.settings.Load()
		c := *old
		err := refuse.Apply("ratelimit", &c, options)
		if c.name != old.name {
			err = errors.Join(err, fmt.Errorf("ratelimit: Name(%q): %q is in use under its name: make another limiter", c.name, old.name))
		}
		if err != nil {
			return err
		}
		if l.tune(old, &c) {
			return nil
		}
		// Another Update was faster. This one is done on top of it, since options are not run under a lock.
	}
}

// tune replaces the settings, and does nothing if they are no longer the old ones.
func (l *Limiter) tune(old, next *config) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.settings.Load() != old {
		return false
	}
	l.settings.Store(next)
	at := l.base.Add(l.now())
	if next.limit != old.limit {
		l.bucket.SetLimitAt(at, next.limit)
	}
	if next.burst != old.burst {
		l.bucket.SetBurstAt(at, next.burst)
	}
	return true
}
