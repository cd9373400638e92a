package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go"
	failsafebulkhead "github.com/failsafe-go/failsafe-go/bulkhead"
	"golang.org/x/sync/semaphore"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/benchmarks/drawing"
	"github.com/ductile-go/ductile/bulkhead"
)

// erlangLoss is traffic that comes at random to a bulkhead without a queue.
var erlangLoss = Experiment{
	Name:   "erlang",
	Title:  "how many calls a bulkhead refuses",
	Source: "Erlang, 1917: formula B. It holds for any law of service times with the same mean: Sevastyanov, 1957",
	Setup: []string{
		"Calls come at random (Poisson), and take 1 s on average: exponential, constant, or lognormal with a sigma of 1.",
		"load: calls times the seconds that each takes. limit: permits. Refused calls do not come back. B(10, 10) = 21.46 % is in tables.",
		"within: 5 standard errors of as many calls (with what Riordan's peakedness says about how refusals cluster), but at least 2 %.",
		"ductile: bulkhead.New(limit). failsafe-go: bulkhead.New(limit). x/sync/semaphore: TryAcquire(1), and Release at the end.",
	},
	Seeds: erlangSeeds,
	Run:   func(l *Lab) *Findings { return runErlang(l, erlangSeeds, 0) },
}

const erlangSeeds = 20

const erlangCalls = 8000 // a seed

// An office is a load and a limit.
type office struct {
	load  float64
	limit int
}

// offices are those that are compared: ten permits under ever more load, and some of other sizes.
var offices = []office{{5, 10}, {7.5, 10}, {10, 10}, {14, 10}, {20, 10}, {2, 3}, {20, 20}, {50, 50}}

// A service is a law of times with a mean of 1 s.
type service struct {
	name string
	draw func(*rand.Rand) float64
}

var services = []service{
	{"exponential", (*rand.Rand).ExpFloat64},
	{"constant", func(*rand.Rand) float64 { return 1 }},
	{"lognormal", func(dice *rand.Rand) float64 { return math.Exp(dice.NormFloat64() - 0.5) }},
}

// A gate makes what admits or refuses calls, for a limit: it reports whether it has called the function.
type gate struct {
	who  string
	make func(limit int) func(func()) bool
}

// gates are those that are compared. wrong is added to the limit of ours.
func gates(wrong int) []gate {
	return []gate{
		{"ductile", func(limit int) func(func()) bool {
			p := ductile.New("office", bulkhead.New(limit+wrong))
			return func(f func()) bool {
				err := ductile.Run(context.Background(), p, func(context.Context) error { f(); return nil })
				return !errors.Is(err, bulkhead.ErrFull)
			}
		}},
		{failsafeGo, func(limit int) func(func()) bool {
			e := failsafe.With[any](failsafebulkhead.New[any](uint(limit)))
			return func(f func()) bool {
				return !errors.Is(e.Run(func() error { f(); return nil }), failsafebulkhead.ErrFull)
			}
		}},
		{"x/sync 0.22.0", func(limit int) func(func()) bool {
			s := semaphore.NewWeighted(int64(limit))
			return func(f func()) bool {
				if !s.TryAcquire(1) {
					return false
				}
				defer s.Release(1)
				f()
				return true
			}
		}},
	}
}

// lost makes calls, and returns the share that was refused, of those that came when the first had had time to end.
func lost(seed uint64, g gate, o office, s service) float64 {
	const before = 10 // s
	dice := rand.New(newSource(seed, 1))
	admit := g.make(o.limit)
	begin := time.Now()
	counted, refused := 0, 0
	var mu sync.Mutex
	var all sync.WaitGroup
	for counted < erlangCalls {
		time.Sleep(time.Duration(dice.ExpFloat64() / o.load * float64(time.Second)))
		counts := time.Since(begin) > before*time.Second
		if counts {
			counted++
		}
		takes := time.Duration(s.draw(dice) * float64(time.Second))
		all.Go(func() {
			if !admit(func() { time.Sleep(takes) }) && counts {
				mu.Lock()
				refused++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return float64(refused) / float64(counted)
}

// erlangB is the share of calls that are refused.
func erlangB(load float64, limit int) float64 {
	b := 1.0
	for n := range limit {
		b = load * b / (float64(n+1) + load*b)
	}
	return b
}

// tolerance is the share of Erlang's formula by which so many calls may miss it. Refusals come in clusters: their number varies by more than
// that of independent events, by what the peakedness of the overflow says (Riordan).
func (o office) tolerance(calls int) float64 {
	b := erlangB(o.load, o.limit)
	overflow := o.load * b
	peaked := 1 - overflow + o.load/(float64(o.limit)+1-o.load+overflow)
	return max(5*math.Sqrt((2*peaked-1)*b/float64(calls))/b, 0.02)
}

// runErlang compares offices with so many seeds, and a limit that is so much wrong.
func runErlang(l *Lab, n, wrong int) *Findings {
	f := new(Findings)
	p := Plot{Chart: drawing.Chart{
		Title: "Calls refused by a bulkhead of 10, under load that comes at random", X: "load: calls in flight, were none refused", Y: "share refused", Dots: true,
	}}
	formula := Line{Name: "Erlang's formula B", Reference: true}
	for load := 1.0; load <= 20; load += 0.25 {
		formula.X, formula.Y = append(formula.X, load), append(formula.Y, erlangB(load, 10))
	}
	p.Lines = append(p.Lines, formula)
	off := true
	for _, g := range gates(wrong) {
		for _, s := range services {
			if g.who != "ductile" && s.name != "lognormal" {
				continue // the longest tail says the most
			}
			line := Line{Name: g.who + ": " + s.name}
			for _, o := range offices {
				what := fmt.Sprintf("%s, load %v, limit %d", s.name, o.load, o.limit)
				got := estimate(seeds(l, g.who+": "+what, n, func(seed uint64) float64 { return lost(seed, g, o, s) }))
				want, within := erlangB(o.load, o.limit), o.tolerance(got.N*erlangCalls)
				f.near(g.who, what, got, want, "derived", within)
				off = off && want*within < want-erlangB(o.load, o.limit+1)
				if o.limit == 10 {
					line.X, line.Y = append(line.X, o.load), append(line.Y, got.Mean)
				}
			}
			p.Lines = append(p.Lines, line)
		}
	}
	f.orders("each tolerance is less than what one permit more or less would make of it", off)
	f.Plots = []Plot{p}
	return f
}
