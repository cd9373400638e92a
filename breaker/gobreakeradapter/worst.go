package gobreakeradapter

import (
	"math"
	"time"
)

// Worst returns what a call through the gate can come to, for ductile's Plan: how many calls it lets in at once, which is any number
// (math.MaxInt) while the breaker is closed, and how long Acquire makes one wait: not at all.
func (g *Gate) Worst() (atOnce int, wait time.Duration) { return math.MaxInt, 0 }

// Worst returns what a call through the middleware can come to, for ductile's Plan: it makes what is inside it once, and takes no time
// of its own.
func (m *Middleware[T]) Worst() (calls, atOnce int, own time.Duration) { return 1, 1, 0 }
