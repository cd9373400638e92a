package main

import (
	"os"
	"slices"
	"sync"
	"time"

	"github.com/ductile-go/ductile/hedge"
)

const (
	callsPerSecond = 300
	watchAtLeast   = time.Second      // connections are opened meanwhile, too
	watchAtMost    = 10 * time.Second // for percentiles that it takes too many answers to know
)

// results are what became of the calls.
type results struct {
	waiting, hedging outcome
	hedge            hedge.Snapshot // at the end
	delays           latencies      // the hedge's at each call; empty where it knew none

	// What was before the calls of the outcomes: the hedge watched until it knew what slow is.
	watched  int
	watching time.Duration
	found    hedge.Snapshot

	sent int64 // requests of the hedging client for all calls, those watched included: what the budget is about
}

// An outcome is what one client got for its calls.
type outcome struct {
	took     latencies // of all calls
	stalled  latencies // of those whose first copy met a stall
	smooth   latencies // of the others
	failed   int
	second   int   // answered by the second copy
	requests int64 // that reached the replicas
}

// run has the clients make their calls. The hedge needs to see some before it makes copies, and those are left out of the outcomes.
func run(s settings, clients []*client, slow *hedge.Policy) (r results) {
	line := newProgress(os.Stderr)
	r.found = slow.Snapshot()
	before := load(clients, 0, func(made int) bool {
		r.watching = dueAt(made)
		line.say("the hedge watches: %d calls", made)
		if r.watching < watchAtLeast {
			return true
		}
		r.found = slow.Snapshot()
		return !r.found.Known && r.watching < watchAtMost
	})
	r.watched = len(before[0].took)
	line.clear()
	watched(os.Stdout, s, r)

	measured := load(clients, r.watched, func(made int) bool {
		line.say("%d of %d calls", made, s.calls)
		if now := slow.Snapshot(); now.Known {
			r.delays = append(r.delays, now.Delay)
		}
		return made < s.calls
	})
	slices.Sort(r.delays)
	line.clear()
	r.waiting, r.hedging = measured[0], measured[1]
	r.hedge = slow.Snapshot()
	r.sent = before[1].requests + measured[1].requests
	return r
}

// dueAt returns when a call is due, from the first on.
func dueAt(call int) time.Duration { return time.Duration(call) * time.Second / callsPerSecond }

// load has all clients make the same calls while there are more, and waits for their ends. It is open-loop: each call is made when it is
// due, whether or not those before have ended. Otherwise a client that is kept waiting would ask less, and measure its waits less often.
func load(clients []*client, first int, more func(made int) bool) []outcome {
	outcomes := make([]outcome, len(clients))
	for i, c := range clients {
		outcomes[i].requests = -c.reached()
	}
	var mu sync.Mutex
	var calls sync.WaitGroup
	began := time.Now()
	for made := 0; more(made); made++ {
		time.Sleep(time.Until(began.Add(dueAt(made))))
		for n := range clients {
			i := (made + n) % len(clients) // in turn the first
			c := clients[i]
			calls.Go(func() {
				start := time.Now()
				second, err := c.call(first + made)
				took := time.Since(start)
				mu.Lock()
				defer mu.Unlock()
				outcomes[i].add(took, c.stalls(first+made), second, err)
			})
		}
	}
	calls.Wait()
	for i, c := range clients {
		outcomes[i].requests += c.reached()
		outcomes[i].sort()
	}
	return outcomes
}

func (o *outcome) add(took time.Duration, stalled, second bool, err error) {
	o.took = append(o.took, took)
	if stalled {
		o.stalled = append(o.stalled, took)
	} else {
		o.smooth = append(o.smooth, took)
	}
	if err != nil {
		o.failed++
	}
	if second {
		o.second++
	}
}

func (o *outcome) sort() {
	slices.Sort(o.took)
	slices.Sort(o.stalled)
	slices.Sort(o.smooth)
}
