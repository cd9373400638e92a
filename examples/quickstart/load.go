package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
)

const (
	callsPerSecond = 400
	deadline       = time.Second
	unknown        = "unknown" // an article that does not exist: one call in fifty asks for it
)

// client makes calls and remembers how they ended.
type client struct {
	name string
	get  func(context.Context, string) (Stock, error)

	mu    sync.Mutex
	calls []result
}

// result is how one call ended.
type result struct {
	phase    int
	at       time.Duration // since its phase began
	took     time.Duration // from when it was due, which is what a user waits
	answered bool
	degraded bool
	attempts int
}

// call makes one call that is due now.
func (c *client) call(ctx context.Context, phase int, at time.Duration, due time.Time, sku string) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	ctx, report := ductile.WithReport(ctx)
	_, err := c.get(ctx, sku)
	took := time.Since(due)
	r := result{
		phase: phase, at: at, took: took,
		answered: took <= deadline && (err == nil || errors.Is(err, ErrNotFound)),
		degraded: report.Degraded(),
		attempts: len(report.Attempts()),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, r)
}

// run lets the clients make their calls through a day: open-loop, each call when it is due, whether or not the ones before have ended.
func run(day []phase, clients []*client, s *server, seen *journal) {
	ctx := context.Background()
	var calls sync.WaitGroup
	seen.begin()
	for i, phase := range day {
		s.begin(i)
		seen.phase(phase.name)
		fmt.Printf("%-12s %s\n", phase.name, phase.about)
		began := time.Now()
		for n := 0; ; n++ {
			at := time.Duration(n) * time.Second / callsPerSecond
			if at >= phase.length {
				break
			}
			due := began.Add(at)
			time.Sleep(time.Until(due))
			sku := "4711"
			if n%50 == 49 {
				sku = unknown
			}
			for _, c := range clients {
				calls.Go(func() { c.call(ctx, i, at, due, sku) })
			}
			if n%callsPerSecond == callsPerSecond-1 {
				progress(clients, i, n+1)
			}
		}
	}
	fmt.Println("waiting for the last calls to end")
	calls.Wait()
}

// progress prints how many of the calls that a phase has seen so far are answered.
func progress(clients []*client, phase, calls int) {
	for _, c := range clients {
		t := c.tally(phase, 0)
		fmt.Printf("   %s %4d of %4d answered", c.name, t.answered, calls)
		if t.degraded > 0 {
			fmt.Printf(" (%d degraded)", t.degraded)
		}
	}
	fmt.Println()
}

// tally is what became of a client's calls.
type tally struct {
	calls, answered, degraded int
	first, extra              int // attempts
	p50, p99                  time.Duration
}

// tally sums a phase up, or, with -1, the day; from leaves the calls before out.
func (c *client) tally(phase int, from time.Duration) tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	var t tally
	var took []time.Duration
	for _, r := range c.calls {
		if phase >= 0 && r.phase != phase || r.at < from {
			continue
		}
		t.calls++
		took = append(took, r.took)
		if r.answered {
			t.answered++
		}
		if r.answered && r.degraded {
			t.degraded++
		}
		if r.attempts > 0 {
			t.first++
			t.extra += r.attempts - 1
		}
	}
	if slices.Sort(took); len(took) > 0 {
		t.p50, t.p99 = took[len(took)/2], took[len(took)*99/100]
	}
	return t
}

// journal keeps the breaker's transitions.
type journal struct {
	mu      sync.Mutex
	start   time.Time
	current string
	entries []string
}

func (j *journal) begin() { j.start = time.Now() }

func (j *journal) phase(name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.current = name
}

func (j *journal) write(t breaker.Transition) {
	j.mu.Lock()
	defer j.mu.Unlock()
	line := fmt.Sprintf("%5.1fs  %-12s %s → %s: %s", t.At.Sub(j.start).Seconds(), j.current, t.From, t.To, t.Cause)
	if t.To == breaker.Open && t.Counts.Calls > 0 {
		line += fmt.Sprintf(" (%d of %d)", t.Counts.Failures, t.Counts.Calls)
	}
	j.entries = append(j.entries, line)
}
