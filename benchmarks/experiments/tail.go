package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/benchmarks/drawing"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/hedge"
)

// tailAtScale is a service that needs the answers of many.
var tailAtScale = Experiment{
	Name:   "tail",
	Title:  "the slowest of many answers, and what a second copy makes of it",
	Source: "Dean and Barroso, The Tail at Scale, CACM 2013",
	Setup: []string{
		"slow servers: one answer in 100 (in 10,000) takes 1.5 s, the others no time; a request needs those of 100 (of 2,000) servers.",
		"  share: of requests that take over 1 s. With a hedge after 10 ms it takes two slow answers.",
		"BigTable: a request needs 100 answers. The paper does not say how a server's times are distributed, only what came of it: 1800 ms",
		"  at the 99.9th percentile, 74 ms with a copy after 10 ms, for 2 % more requests. Here an answer takes a lognormal time around 4 ms,",
		"  in 2 % of cases a hiccup of 10 ms and more besides, and in a few a stall of hundreds; three parameters are such that the formula",
		"  for independent copies gives the paper's three numbers. So what is tested is whether policies do what the formula says.",
		"The 99.9th percentile is that of the requests of all seeds, and its interval that of order statistics.",
		"ductile: hedge.After(10 ms) with an unlimited budget. failsafe-go: NewWithDelay(10 ms).",
		"bhope/hedge and hedgedhttp: none. In virtual time the first ends with a goroutine that never does, and the second, whose workers wait",
		"  for a channel of the package, stands still.",
	},
	Seeds: tailSeeds,
	Run:   func(l *Lab) *Findings { return runTail(l, tailSeeds, hedgeDelay) },
}

const tailSeeds = 40

const (
	hedgeDelay = 10 * time.Millisecond // of the source
	fanOut     = 100
)

// A caller asks a server, once or by several copies. asks is called for each.
type caller func(ask func(ctx context.Context) error) error

// A hedger makes a caller.
type hedger struct {
	who, name string
	caller    func() caller
}

// hedgers are the ways to ask that are compared.
func hedgers(delay time.Duration) []hedger {
	ctx := context.Background()
	return []hedger{
		{"ductile", "no hedge", func() caller {
			p := ductile.New("server")
			return func(ask func(context.Context) error) error { return ductile.Run(ctx, p, ask) }
		}},
		{"ductile", "hedge", func() caller {
			p := ductile.NewConcurrent("server", hedge.New(hedge.After(delay), hedge.Budget(budget.Unlimited())))
			return func(ask func(context.Context) error) error {
				_, err := ductile.DoConcurrent(ctx, p, func(ctx context.Context) (struct{}, error) { return struct{}{}, ask(ctx) })
				return err
			}
		}},
		{failsafeGo, "hedge", func() caller {
			e := failsafe.With[any](hedgepolicy.NewWithDelay[any](delay))
			return func(ask func(context.Context) error) error {
				return e.RunWithExecution(func(exec failsafe.Execution[any]) error { return ask(exec.Context()) })
			}
		}},
	}
}

// await waits for a time, or until a context ends.
func await(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// requested is what became of some requests.
type requested struct {
	took []time.Duration // each
	asks int             // copies in all
}

// request makes requests that each need so many answers. They are asked for one after another, which is the same in virtual time: a request
// takes as long as the slowest. Copies of one call draw their times beforehand, so that none depends on who comes first.
func request(seed uint64, h hedger, requests, servers int, law func(*rand.Rand) time.Duration) requested {
	dice, call := rand.New(rand.NewPCG(seed, 1)), h.caller()
	out := requested{took: make([]time.Duration, requests)}
	for i := range out.took {
		for range servers {
			times := [2]time.Duration{law(dice), law(dice)}
			var copies atomic.Int64
			begin := time.Now()
			err := call(func(ctx context.Context) error { return await(ctx, times[copies.Add(1)-1]) })
			if err != nil {
				panic(err)
			}
			out.took[i] = max(out.took[i], time.Since(begin))
			out.asks += int(copies.Load())
		}
	}
	return out
}

// runTail runs both parts.
func runTail(l *Lab, n int, delay time.Duration) *Findings {
	f := new(Findings)
	f.slowServers(l, n, delay)
	f.bigTable(l, n, delay)
	return f
}

// slowServers is the figure of the source, in which one server in so many is slow.
func (f *Findings) slowServers(l *Lab, n int, delay time.Duration) {
	const slow, limit = 1500 * time.Millisecond, time.Second
	for _, figure := range []struct {
		rate               float64
		servers, requests  int
		published, derived float64
		within             float64
	}{
		{0.01, 100, 500, 0.63, 1 - math.Pow(1-0.01*0.01, 100), 0.03},
		{0.0001, 2000, 200, 0.18, 1 - math.Pow(1-0.0001*0.0001, 2000), 0.1},
	} {
		law := func(dice *rand.Rand) time.Duration {
			if dice.Float64() < figure.rate {
				return slow
			}
			return 0
		}
		for _, h := range hedgers(delay) {
			if h.name != "no hedge" && (h.who != "ductile" || figure.servers > 100) {
				continue // one hedge says enough of a figure without hedges, and of 2,000 servers two in 100,000 would be left
			}
			what := fmt.Sprintf("%s, %d servers, share over 1 s", h.name, figure.servers)
			shares := seeds(l, h.who+": "+what, n, func(seed uint64) float64 {
				over := 0
				for _, took := range request(seed, h, figure.requests, figure.servers, law).took {
					if took > limit {
						over++
					}
				}
				return float64(over) / float64(figure.requests)
			})
			if h.name == "no hedge" {
				exact := 1 - math.Pow(1-figure.rate, float64(figure.servers))
				f.near(h.who, what, estimate(shares), exact, fmt.Sprintf("closed form; published: %v", figure.published), figure.within)
			} else {
				f.near(h.who, what, estimate(shares), figure.derived, "derived", 0.3)
			}
		}
	}
}

// bigTable is the benchmark of the source.
func (f *Findings) bigTable(l *Lab, n int, delay time.Duration) {
	p := Plot{Chart: drawing.Chart{Title: "Requests that need 100 answers", X: "time (ms)", Y: "share that take longer", LogX: true, LogY: true}}
	for _, hedged := range []bool{false, true} {
		line := Line{Name: "formula, no hedge", Reference: true}
		if hedged {
			line.Name = "formula, hedge"
		}
		for q := 0.1; q <= 3.31; q += 0.1 {
			share := math.Pow(10, -q)
			line.X, line.Y = append(line.X, fanOutQuantile(1-share, hedged)), append(line.Y, share)
		}
		p.Lines = append(p.Lines, line)
	}
	for _, h := range hedgers(delay) {
		const requests = 500
		outcomes := seeds(l, h.who+": BigTable, "+h.name, n, func(seed uint64) requested { return request(seed, h, requests, fanOut, bigTableServer) })
		var all []time.Duration
		for _, o := range outcomes {
			all = append(all, o.took...)
		}
		slices.Sort(all)
		extra := over(outcomes, func(r requested) float64 { return float64(r.asks)/(requests*fanOut) - 1 })
		median, rare := percentile(all, 0.5, n), percentile(all, 0.999, n)
		hedged := h.name == "hedge"
		if hedged {
			f.near(h.who, "BigTable, hedge, p99.9 in ms", rare, 74, "published", 0.25)
			f.near(h.who, "BigTable, hedge, more requests", extra, 0.02, "published", 0.1)
		} else {
			f.near(h.who, "BigTable, no hedge, p99.9 in ms", rare, 1800, "published", 0.25)
		}
		f.near(h.who, "BigTable, "+h.name+", p50 in ms", median, fanOutQuantile(0.5, hedged), "derived", 0.05)
		p.Lines = append(p.Lines, tailLine(h.who+": "+h.name, all))
	}
	f.Plots = []Plot{p}
}

// percentile returns a percentile of what is sorted, with the 95 % interval of its order statistics.
func percentile(sorted []time.Duration, share float64, seeds int) Estimate {
	at := func(rank float64) float64 {
		i := min(max(int(math.Round(rank)), 0), len(sorted)-1)
		return float64(sorted[i]) / float64(time.Millisecond)
	}
	n := float64(len(sorted))
	spread := 1.96 * math.Sqrt(n*share*(1-share))
	return Estimate{Mean: at(n * share), Margin: (at(n*share+spread) - at(n*share-spread)) / 2, N: seeds}
}

// tailLine is the share of requests that take longer, over the time.
func tailLine(name string, sorted []time.Duration) Line {
	line := Line{Name: name}
	for q := 0.1; q <= 3.31; q += 0.1 {
		share := math.Pow(10, -q)
		line.X, line.Y = append(line.X, percentile(sorted, 1-share, 0).Mean), append(line.Y, share)
	}
	return line
}
