package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ductile-go/ductile/breaker"
)

// A journal keeps what the breakers did.
type journal struct {
	mu      sync.Mutex
	start   time.Time
	entries []string
}

func (j *journal) begin() { j.start = time.Now() }

// write is told of a transition by the breaker of a host.
func (j *journal) write(host string, t breaker.Transition) {
	j.mu.Lock()
	defer j.mu.Unlock()
	line := fmt.Sprintf("%5.1fs  %-7s  %s → %s: %s", t.At.Sub(j.start).Seconds(), strings.TrimSuffix(host, domain("")), t.From, t.To, t.Cause)
	if t.To == breaker.Open && t.Counts.Calls > 0 {
		line += fmt.Sprintf(" (%d of %d)", t.Counts.Failures, t.Counts.Calls)
	}
	j.entries = append(j.entries, line)
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.entries
}
