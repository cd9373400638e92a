package main

import (
	"context"
	"os"
	"sync"
	"time"
)

// perSecond is how many requests each client makes to each host.
const perSecond = 50

// A result is how one request ended.
type result struct {
	phase int // in which it was due
	host  string
	at    time.Duration // since its phase began
	took  time.Duration // from when it was due, which is what a user waits
	err   error
	said  string // by err, at once: a breaker's says when the next probe is, from now
}

// end notes how the request ended.
func (r *result) end(err error, took time.Duration) {
	r.took, r.err = took, err
	if err != nil {
		r.said = err.Error()
	}
}

// run has the clients make the same requests through the day, and returns what each got. It is open-loop: a request is made when it is due,
// whether or not those before have ended.
func run(day []phase, clients []*client, begin func(phase)) [][]result {
	line := newProgress(os.Stderr)
	defer line.clear()
	results := make([][]result, len(clients))
	var mu sync.Mutex
	var requests sync.WaitGroup
	next := 0
	for i, p := range day {
		for _, c := range clients {
			for _, h := range c.hosts {
				h.begin(i)
			}
		}
		line.clear()
		begin(p)
		began := time.Now()
		for at := time.Duration(0); at < p.length; at += time.Second / perSecond {
			due := began.Add(at)
			time.Sleep(time.Until(due))
			line.say("%v of %v", at.Round(time.Second/10), p.length)
			number := next
			next++
			for n := range clients {
				k := (number + n) % len(clients) // in turn the first
				for _, host := range hostNames() {
					requests.Go(func() {
						err := clients[k].ask(context.Background(), host, number)
						r := result{phase: i, host: host, at: at}
						r.end(err, time.Since(due))
						mu.Lock()
						defer mu.Unlock()
						results[k] = append(results[k], r)
					})
				}
			}
		}
		time.Sleep(time.Until(began.Add(p.length)))
	}
	line.say("waiting for the last requests to end")
	requests.Wait()
	return results
}
