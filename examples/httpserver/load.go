package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

const (
	patience = 300 * time.Millisecond  // a customer leaves then
	settles  = 700 * time.Millisecond  // a load is on for so long before its requests count
	counts   = 1800 * time.Millisecond // and they count for so long
)

// loads returns how much is asked of the servers, as multiples of what they can do.
func loads() []float64 { return []float64{0.5, 1, 1.5, 2, 3} }

// run has both servers meet all loads, one after the other, and prints a row for each server when a load is over.
func run(w io.Writer, bare, protected *server, limit int) results {
	r := results{limit: limit}
	line := newProgress(os.Stderr)
	heading(w)
	for i, load := range loads() {
		s := meet(load, arrivals(load, uint64(i)), bare, protected, func(passed time.Duration) {
			line.say("%.1f times what a server can do: %v of %v", load, passed.Round(time.Second/10), settles+counts)
		})
		line.clear()
		row(w, s)
		r.stages = append(r.stages, s)
	}
	fmt.Fprintln(w)
	return r
}

// arrivals returns when requests are made. Customers come independently of each other, and so never evenly; but at the same times in every
// run, and at both servers.
func arrivals(load float64, seed uint64) (at []time.Duration) {
	chance := rand.New(rand.NewPCG(seed, 1))
	mean := float64(time.Second) / (load * capacity)
	for next := 0.0; next < float64(settles+counts); next += mean * chance.ExpFloat64() {
		at = append(at, time.Duration(next))
	}
	return at
}

// meet has both servers get a load, and waits until it is over. It is open-loop: each request is made when it is due, whether or not those
// before have ended, for customers do not know of each other.
func meet(load float64, at []time.Duration, bare, protected *server, passed func(time.Duration)) stage {
	servers := []*server{bare, protected}
	outcomes := make([]outcome, len(servers))
	for i, s := range servers {
		outcomes[i].begin(s.shop)
	}
	result := stage{load: load}
	var mu sync.Mutex
	var requests sync.WaitGroup
	began := time.Now()
	for n, arrival := range at {
		due := began.Add(arrival)
		time.Sleep(time.Until(due))
		counted := arrival >= settles
		if counted {
			result.delays = append(result.delays, time.Since(due))
		}
		for k := range servers {
			i := (n + k) % len(servers) // in turn the first
			requests.Go(func() {
				a := servers[i].order(due)
				mu.Lock()
				defer mu.Unlock()
				if counted {
					outcomes[i].add(a)
				}
			})
		}
		passed(arrival)
	}
	requests.Wait()
	for i, s := range servers {
		outcomes[i].end(s.shop)
	}
	result.bare, result.protected = outcomes[0], outcomes[1]
	return result
}
