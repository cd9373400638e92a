package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ductile-go/ductile/benchmarks/drawing"
	"github.com/ductile-go/ductile/retry"
)

// backoffAndJitter is the simulation in which clients compete for one row.
var backoffAndJitter = Experiment{
	Name:   "backoff",
	Title:  "backoff and jitter under contention",
	Source: "Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015; aws-samples/aws-arch-backoff-simulator",
	Setup: []string{
		"100 clients read a row, and write it if nobody else has meanwhile; each way over the network takes |N(10 ms, 2 ms)|.",
		"Waits from 10 ms, doubling to 2 s (decorrelated: from 5 ms), as in the simulator; any number of attempts, no budget, for all.",
		"References: the simulator's rules rerun, 20 seeds.",
		"ductile: retry.Exponential(10 ms, 2, 2 s) with FullJitter, EqualJitter or NoJitter; Decorrelated(5 ms, 2 s); Constant(0).",
		"failsafe-go: WithBackoff and WithJitterFactor; cenkalti/backoff: ExponentialBackOff with Multiplier 2 and RandomizationFactor. Full jitter",
		"  is 5 ms to 1 s ± 100 % to them, and equal jitter 7.5 ms to 1.5 s ± a third. They have no decorrelated jitter.",
	},
	Seeds: backoffSeeds,
	Run:   func(l *Lab) *Findings { return compareBackoffs(l, backoffKinds()) },
}

const (
	backoffSeeds     = 100
	backoffPeerSeeds = 20
	backoffBase      = 10 * time.Millisecond
	backoffLimit     = 2 * time.Second
)

// contention is what came of one run.
type contention struct {
	calls float64
	ended float64 // ms, when the last client was done
}

// backoffKinds are the ways to wait, with what the simulator says of each.
func backoffKinds() []backoffKind {
	return []backoffKind{
		{"full jitter", []retry.Option{retry.Exponential(backoffBase, 2, backoffLimit), retry.FullJitter()}, 793, 4676},
		{"equal jitter", []retry.Option{retry.Exponential(backoffBase, 2, backoffLimit), retry.EqualJitter()}, 814, 6709},
		{"decorrelated", []retry.Option{retry.Decorrelated(backoffBase/2, backoffLimit)}, 996, 4445},
		{"no jitter", []retry.Option{retry.Exponential(backoffBase, 2, backoffLimit), retry.NoJitter()}, 1857, 64023},
		{"no backoff", []retry.Option{retry.Constant(0)}, 2434, 2028},
	}
}

// compareBackoffs judges ours of some kinds, and then runs the peers.
func compareBackoffs(l *Lab, rows []backoffKind) *Findings {
	f := new(Findings)
	got := map[string][2]float64{}
	for _, r := range rows {
		outcomes := seeds(l, r.name, backoffSeeds, func(seed uint64) contention { return contend(seed, 100, persistent(seed, r.options)) })
		calls := over(outcomes, func(c contention) float64 { return c.calls })
		ended := over(outcomes, func(c contention) float64 { return c.ended })
		f.near("ductile", r.name+", calls", calls, r.calls, "simulator", 0.05)
		f.near("ductile", r.name+", ms", ended, r.ended, "simulator", 0.10)
		got[r.name] = [2]float64{calls.Mean, ended.Mean}
	}
	f.contendingPeers(l, rows)
	f.Plots = drawContention(l, rows)
	ordered := func(of int, names ...string) bool {
		for i := range names[1:] {
			if got[names[i]][of] >= got[names[i+1]][of] {
				return false
			}
		}
		return true
	}
	f.orders("calls: full < equal < decorrelated < no jitter < no backoff",
		ordered(0, "full jitter", "equal jitter", "decorrelated", "no jitter", "no backoff"))
	f.orders("time: no backoff < decorrelated < full < equal < no jitter",
		ordered(1, "no backoff", "decorrelated", "full jitter", "equal jitter", "no jitter"))
	return f
}

// contendingPeers adds what comes of the peers' waits.
func (f *Findings) contendingPeers(l *Lab, rows []backoffKind) {
	peers, said := persistentPeers(), jitters(backoffBase, backoffLimit)
	for _, who := range []string{failsafeGo, backoff4Version} {
		if !l.meets(who) {
			continue
		}
		for _, r := range rows {
			j, has := said[r.name]
			if !has {
				f.lacks(who, r.name)
				continue
			}
			outcomes := seeds(l, who+": "+r.name, backoffPeerSeeds, func(seed uint64) contention { return contend(seed, 100, peers[who](j)) })
			f.compares(who, r.name+", calls", over(outcomes, func(c contention) float64 { return c.calls }), number(r.calls), "simulator")
			f.compares(who, r.name+", ms", over(outcomes, func(c contention) float64 { return c.ended }), number(r.ended), "simulator")
		}
	}
}

// A backoffKind is a way to wait, and what the simulator says of it.
type backoffKind struct {
	name         string
	options      []retry.Option
	calls, ended float64
}

// drawContention draws calls and time over the number of clients.
func drawContention(l *Lab, kinds []backoffKind) []Plot {
	plot := func(name, title, y string) Plot {
		return Plot{name, drawing.Chart{Title: title, X: "clients", Y: y, LogY: true, Dots: true}}
	}
	calls := plot("calls", "ductile: clients that compete for one row, and their calls", "calls")
	times := plot("time", "ductile: clients that compete for one row, and when all are done", "time (ms)")
	for _, k := range kinds {
		asCalls, asTime := Line{Name: k.name}, Line{Name: k.name}
		for clients := 10; clients <= 100; clients += 15 {
			outcomes := seeds(l, fmt.Sprintf("%s, %d clients", k.name, clients), 20, func(seed uint64) contention { return contend(seed, clients, persistent(seed, k.options)) })
			asCalls.X, asTime.X = append(asCalls.X, float64(clients)), append(asTime.X, float64(clients))
			asCalls.Y = append(asCalls.Y, over(outcomes, func(c contention) float64 { return c.calls }).Mean)
			asTime.Y = append(asTime.Y, over(outcomes, func(c contention) float64 { return c.ended }).Mean)
		}
		calls.Lines, times.Lines = append(calls.Lines, asCalls), append(times.Lines, asTime)
	}
	return []Plot{calls, times}
}

var errConflict = errors.New("somebody else has written it")

// contend has clients write a row, each once, and returns how many writes they tried, and when the last was done.
func contend(seed uint64, clients int, persist persister) contention {
	var mu sync.Mutex
	var version, writes int
	net := rand.New(newSource(seed, 2))
	hop := func() { time.Sleep(time.Duration(math.Abs(net.NormFloat64()*2+10) * float64(time.Millisecond))) }
	write := func() error {
		hop()
		mu.Lock()
		seen := version
		mu.Unlock()
		hop()
		hop()
		mu.Lock()
		writes++
		ok := version == seen
		if ok {
			version++
		}
		mu.Unlock()
		hop()
		if !ok {
			return errConflict
		}
		return nil
	}
	begin := time.Now()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() { persist(write) })
	}
	all.Wait()
	return contention{float64(writes), float64(time.Since(begin)) / float64(time.Millisecond)}
}
