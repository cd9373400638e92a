package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// examine runs an experiment.
func (l *Lab) examine(e Experiment) *Findings {
	begin := time.Now()
	l.say("%s: %s …\n", e.Name, e.Title)
	l.used = 0
	f := e.Run(l)
	f.Took = time.Since(begin)
	f.Seeds = [2]uint64{l.first, l.first + uint64(max(l.used, e.Seeds)) - 1}
	return f
}

func (l *Lab) say(format string, a ...any) { fmt.Fprintf(l.progress, format, a...) }

// advance says how far a part is: on one line of a terminal, and elsewhere when it is done.
func (l *Lab) advance(what string, done, of int, took time.Duration) {
	line := fmt.Sprintf("  %s: %d of %d seeds, %v", what, done, of, took.Round(100*time.Millisecond))
	switch {
	case l.terminal && done == of:
		l.say("\r\033[K%s\n", line)
	case l.terminal:
		l.say("\r\033[K%s", line)
	case done == of:
		l.say("%s\n", line)
	}
}

// seeds runs f once for each of so many seeds, each in a bubble of virtual time of its own, on all cores, and returns what came out, in the
// order of the seeds.
func seeds[T any](l *Lab, what string, n int, f func(seed uint64) T) []T {
	n /= max(l.thin, 1)
	l.used = max(l.used, n)
	out := make([]T, n)
	var done atomic.Int64
	begin := time.Now()
	l.t.Run(what, func(t *testing.T) {
		for i := range n {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(*testing.T) { out[i] = f(l.first + uint64(i)) })
				l.advance(what, int(done.Add(1)), n, time.Since(begin))
			})
		}
	})
	if l.t.Failed() {
		panic(fmt.Sprintf("%s: a bubble has failed", what))
	}
	return out
}

// A source is a source of random numbers for policies and models, safe for concurrent use.
type source struct {
	mu  sync.Mutex
	pcg *rand.PCG
}

// newSource returns the source of a seed, and of a purpose, so that no two draw the same.
func newSource(seed, purpose uint64) *source { return &source{pcg: rand.NewPCG(seed, purpose)} }

// Uint64 implements rand.Source.
func (s *source) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pcg.Uint64()
}
