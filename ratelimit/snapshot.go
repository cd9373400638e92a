package ratelimit

import "golang.org/x/time/rate"

// A Snapshot is what a limiter was at one moment.
type Snapshot struct {
	Name    string     // the limiter's
	Limit   rate.Limit // tokens a second
	Burst   int        // how many tokens there can be at once
	Tokens  float64    // how many there are; below zero, how many are promised
	Waiting int        // calls that wait for their turn
	Refused uint64     // calls refused since the limiter was made
}

// Snapshot returns what the limiter is now. It changes nothing, and costs a few locks and a clock reading.
func (l *Limiter) Snapshot() Snapshot {
	c, seen := l.look()
	return Snapshot{
		Name: c.name, Limit: seen.limit, Burst: seen.burst, Tokens: seen.tokens,
		Waiting: int(l.waiting.Load()), Refused: l.refused.Load(),
	}
}
