package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ductile-go/ductile/breaker"
)

// A journal keeps what happened to the protected pair.
type journal struct {
	mu      sync.Mutex
	start   time.Time
	entries []string
}

func (j *journal) begin() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.start = time.Now()
}

// breaker is told of a transition by the breaker of a method.
func (j *journal) breaker(method string, t breaker.Transition) {
	said := fmt.Sprintf("%s → %s: %s", t.From, t.To, t.Cause)
	if t.To == breaker.Open && t.Counts.Calls > 0 {
		said += fmt.Sprintf(" (%d of %d)", t.Counts.Failures, t.Counts.Calls)
	}
	j.write(t.At, short(method), said)
}

// health is told when a probe sees another status than before.
func (j *journal) health(from, to string) { j.write(time.Now(), "health", from+" → "+to) }

func (j *journal) write(at time.Time, about, said string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, fmt.Sprintf("%5.1fs  %-7s  %s", at.Sub(j.start).Seconds(), about, said))
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.entries
}

// short returns a method's name without that of its service, and of the target where that is in front.
func short(method string) string { return method[strings.LastIndexByte(method, '/')+1:] }
