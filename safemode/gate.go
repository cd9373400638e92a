package safemode

import (
	"context"
	"fmt"
	"time"
)

// A Gate is a mode as one piece of work sees it: see [Mode.For]. All gates of a mode share its level and what it has heard.
type Gate struct {
	mode   *Mode
	lowest Level
}

// Name returns the mode's name.
func (g *Gate) Name() string { return g.mode.name }

// Mode returns the mode whose gate it is.
func (g *Gate) Mode() *Mode { return g.mode }

// Lowest returns the lowest level that still does the work.
func (g *Gate) Lowest() Level { return g.lowest }

// Acquire admits a call, or returns why not: an [*EngagedError]. The token is for Release.
func (g *Gate) Acquire(context.Context) (token uint64, err error) {
	p := g.mode.current.Load()
	if p.level <= g.lowest {
		return p.tag, nil
	}
	return g.mode.attempt(p, g.lowest)
}

// Release says how a call ended that Acquire admitted, once for each token.
func (g *Gate) Release(token uint64, err error) { g.mode.release(token, unread, err) }

// ReleaseAt is Release for who has just read the clock.
func (g *Gate) ReleaseAt(token uint64, at time.Time, err error) { g.mode.ReleaseAt(token, at, err) }

// Evictable is that of the mode.
func (g *Gate) Evictable(idle bool) bool { return g.mode.Evictable(idle) }

// String returns what the gate does, for Pipeline.String.
func (g *Gate) String() string {
	if g.lowest == Safe {
		return fmt.Sprintf("refuses nothing; %s", g.mode.changes())
	}
	return fmt.Sprintf("refuses below %v; %s", g.lowest, g.mode.changes())
}
