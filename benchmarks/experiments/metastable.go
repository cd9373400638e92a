package main

import (
	"context"
	"fmt"

	"github.com/ductile-go/ductile/benchmarks/drawing"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
	failsafebudget "github.com/failsafe-go/failsafe-go/budget"
)

// metastableFailure is the simulation of a service that a short spike takes down for good.
var metastableFailure = Experiment{
	Name:  "metastable",
	Title: "a spike of 5 s, and a collapse that outlives it",
	Source: "Brooker, mbrooker/simulator_example, simple_collapse_sim/sim.py; Bronson et al., Metastable Failures in Distributed Systems, " +
		"HotOS 2021",
	Setup: []string{
		"A server takes 1 s and 10 ms for each request in it; a way over the network takes Exp(0.1 s). It works on when its client has left.",
		"40 calls a second (Poisson), more from 20 s to 25 s. Each attempt waits for 3 s. The run is 100 s; what began from 60 s to 95 s counts.",
		"The source's spike is 80/s. Its own simulator, rerun with 400 seeds, then recovers in 26 % of the runs, and at 100/s in none of 400:",
		"  so the source's spike checks the model here, and one of 100/s the policies.",
		"naive: retry.Attempts(3), Constant(0), budget.Unlimited(). default: retry.New(). backoff alone: retry.New() with budget.Unlimited().",
		"  The default is 3 attempts, full jitter under 100 ms to 5 s, and a budget of a fifth of the attempts in 10 s and 1 a second.",
		"failsafe-go: its default retry (3 attempts, no wait), without a budget and with its default one (20 % of what is in flight, at least 3), and",
		"  that budget with the backoff of ours, as it says it: 50 ms to 2.5 s, jitter factor 1. Timeouts of 3 s inside, for all.",
	},
	Seeds: metastableSeeds,
	Run:   func(l *Lab) *Findings { return compareAfterSpike(l) },
}

const (
	metastableSeeds = 20
	metastableRun   = 100 // seconds
	spikeBegins     = 20
	spikeEnds       = 25
)

// A metastableClient makes one call, by any number of attempts.
type metastableClient func(ctx context.Context, attempt func(context.Context) error) error

// collapse is what came of one run, by the second in which a call began or an attempt was made.
type collapse struct{ begun, answered, attempts, calls [metastableRun]float64 }

// compareAfterSpike judges a retry of ours with options. There are none but in tests.
func compareAfterSpike(l *Lab, options ...retry.Option) *Findings {
	f := new(Findings)
	type contestant struct {
		who, name string
		client    func(seed uint64) metastableClient
	}
	none := contestant{"ductile", "no retry", ductileRetrying(retry.Attempts(1))}
	naive := contestant{"ductile", "naive", ductileRetrying(retry.Attempts(3), retry.Constant(0), retry.Budget(budget.Unlimited()))}
	usual := contestant{"ductile", "default", ductileRetrying(options...)}
	collapses := func(c contestant, rate float64, n int) []collapse {
		return seeds(l, fmt.Sprintf("%s, %s, %v/s", c.who, c.name, rate), n, func(seed uint64) collapse { return spike(seed, rate, c.client(seed)) })
	}
	answered := func(runs []collapse) Estimate {
		return over(runs, func(c collapse) float64 { return sum(c.answered[60:95]) / 35 })
	}
	back := func(runs []collapse) Estimate {
		return over(runs, func(c collapse) float64 { return percent(c.recovered() < metastableRun-spikeEnds) })
	}

	runs := collapses(none, 80, metastableSeeds)
	f.near(none.who, "80/s, no retry: answered a second", answered(runs), 39.9, "simulator", 0.05)
	runs = collapses(naive, 80, 3*metastableSeeds)
	f.between(naive.who, "80/s, naive: runs that recover, %", back(runs), 9, 43, "simulator: 26 %, ± 3 s.e.")
	runs = collapses(usual, 80, metastableSeeds)
	f.between(usual.who, "80/s, default: runs that recover, %", back(runs), 100, 100, "stated")

	picture := func(name, title, y string) Plot {
		return Plot{name, drawing.Chart{Title: title, X: "time (s)", Y: y, Marks: []Mark{{X: spikeBegins}, {X: spikeEnds, Name: "the spike is over"}}}}
	}
	plot := picture("", "A spike of 5 s: who comes back?", "calls answered in time (1/s)")
	load := picture("load", "A spike of 5 s: what the server is asked for", "attempts (1/s)")
	for _, c := range []contestant{
		usual, none, naive, {"ductile", "backoff alone", ductileRetrying(retry.Budget(budget.Unlimited()))},
		{failsafeGo, "default", failsafeRetrying(false, nil)},
		{failsafeGo, "budget", failsafeRetrying(false, failsafebudget.New)},
		{failsafeGo, "backoff and budget", failsafeRetrying(true, failsafebudget.New)},
	} {
		if !l.meets(c.who) {
			continue
		}
		runs := collapses(c, 100, metastableSeeds)
		what := "100/s, " + c.name + ": "
		share := over(runs, func(c collapse) float64 { return 100 * sum(c.answered[60:95]) / sum(c.begun[60:95]) })
		peak := over(runs, func(c collapse) float64 { return c.peak() })
		switch {
		case c.name == naive.name:
			f.between(c.who, what+"answered a second", answered(runs), 0, 0.4, "simulator: 0")
			f.between(c.who, what+"runs that recover, %", back(runs), 0, 0, "simulator: none of 400")
			f.reports(c.who, what+"attempts per call, worst 10 s", peak)
		case c.who == usual.who && c.name == usual.name:
			f.between(c.who, what+"answered of those asked, %", share, 98, 100, "stated")
			f.near(c.who, what+"answered a second", answered(runs), 39.9, "simulator, no retry", 0.05)
			f.between(c.who, what+"runs that recover, %", back(runs), 100, 100, "stated")
			// A fifth, and one a second, of what began in the last 10 s, which are counted in tenths: so up to a tenth more.
			f.between(c.who, what+"attempts per call, worst 10 s", peak, 1, 1+(0.2+1./40)*1.1, "budget: 1 + (1/5 + 1/40) · 1.1")
		default:
			f.reports(c.who, what+"answered a second", answered(runs))
			f.reports(c.who, what+"runs that recover, %", back(runs))
			f.reports(c.who, what+"attempts per call, worst 10 s", peak)
		}
		if back(runs).Mean == 100 {
			f.reports(c.who, what+"seconds until it has recovered", over(runs, func(c collapse) float64 { return c.recovered() }))
		}
		f.reports(c.who, what+"attempts in the worst second", over(runs, func(c collapse) float64 { return highest(c.attempts[:]) }))
		name := c.who + ", " + c.name
		if c.name == none.name {
			name = none.name
		}
		if c.name != "backoff and budget" && c.name != "backoff alone" { // their lines are those of the budget, and of the naive
			plot.Lines = append(plot.Lines, overTime(name, c.name == none.name, runs, func(c collapse) []float64 { return c.answered[:95] }))
			load.Lines = append(load.Lines, overTime(name, c.name == none.name, runs, func(c collapse) []float64 { return c.attempts[:95] }))
		}
	}
	f.lacks(retryableHTTP, "budget")
	f.Plots = []Plot{plot, load}
	return f
}
