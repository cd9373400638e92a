package gobreakeradapter

import "github.com/sony/gobreaker/v2"

// Evictable reports whether the breaker can be forgotten, and a new one made when it is next needed, as package keyed does it: while it is
// closed, and half-open where nobody has needed it for a long time. One without a State of this gobreaker's is not known to be either.
func (g *Gate) Evictable(idle bool) bool { return evictable(g.breaker, idle) }

// Evictable reports whether the breaker can be forgotten: see [Gate.Evictable].
func (m *Middleware[T]) Evictable(idle bool) bool { return evictable(m.breaker, idle) }

func evictable(breaker any, idle bool) bool {
	b, ok := breaker.(interface{ State() gobreaker.State })
	if !ok {
		return false
	}
	state := b.State()
	return state == gobreaker.StateClosed || idle && state == gobreaker.StateHalfOpen
}
