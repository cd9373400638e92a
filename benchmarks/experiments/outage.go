package main

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/ductile-go/ductile/benchmarks/drawing"
	"github.com/ductile-go/ductile/standard"
	failsafebulkhead "github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// wholeOutage is an outage from its first signs to the day after.
var wholeOutage = Experiment{
	Name:   "outage",
	Title:  "a dependency that ails, dies and comes back",
	Source: "a scenario of our own, with bounds from the settings: there is no published one that all of these clients have met",
	Setup: []string{
		"100 calls a second (Poisson), whose callers wait for 10 s. A dependency of 40 workers, each call 40 ms (median; p99 200 ms, lognormal),",
		"  a queue of 128, and an error at once above it. It works on for callers who have left. 60 s each: healthy; 15 % of the attempts fail;",
		"  a tenth of the attempts take 2 s longer; dead (an error in 1 ms); back, with cold caches: 5 times slower, falling to 1 within 20 s.",
		"ductile: standard.Client as it is: timeout 30 s > retry (3 attempts, full jitter under 100 ms to 5 s; budget: a fifth of the attempts in",
		"  10 s, and 1 a second) > breaker (half of >= 20 in 10 s, or 5 in a row; open for 5 s, doubling to 10 s; 5 probes) > bulkhead 256 > timeout 9 s.",
		"failsafe-go 0.9.8: the same order, which its documentation recommends: timeout 30 s > retry (3 attempts, WithBackoff(50 ms, 2.5 s) and",
		"  WithJitterFactor(1), which is full jitter under 100 ms to 5 s; default budget: a fifth of what is in flight, at least 3) > breaker",
		"  (0.5 of >= 20 in 10 s; delay 5 s; 3 of 5 probes) > bulkhead 256 > timeout 9 s. Its retry repeats any error, those of its own breaker and",
		"  bulkhead, too; it runs so, and besides with AbortOnErrors(circuitbreaker.ErrOpen, bulkhead.ErrFull): \"refusals end it\".",
		"go-retryablehttp 0.7.8: defaults (5 attempts, 1 s doubling to 30 s, no jitter), over an http.RoundTripper that asks the same dependency.",
		"bare: no client at all. aponysus/recourse, whose defaults were to be here, could not be had: the module proxy answered 403.",
		"A second has recovered when it and all after it, with the two next to each, answer 95 % of their calls. It is dead for 60 s",
		"  in each run, so that when a breaker's next probe is due after it is partly chance of the settings: the experiment breaker varies it.",
	},
	Seeds: outageSeeds,
	Run:   func(l *Lab) *Findings { return surviveOutage(l) },
}

const (
	outageSeeds  = 20
	outagePhase  = 60 // seconds
	outageRun    = 5 * outagePhase
	outageRate   = 100
	outageCaller = 10 * time.Second // how long a caller waits
)

// The phases of an outage.
const (
	healthy = iota
	failing
	tailing
	dead
	back
)

func outageMarks() []Mark {
	return []Mark{
		{X: 0, Name: "healthy"}, {X: 60, Name: "15 % fail"}, {X: 120, Name: "10 % slow"}, {X: 180, Name: "dead"}, {X: 240, Name: "back, cold"},
	}
}

// An ordeal is what came of one run, by the second in which a call began or an attempt was made.
type ordeal struct {
	begun, answered, attempts [outageRun]float64
	took                      [5][]float64 // by phase: the milliseconds of answered calls
}

// surviveOutage judges a client of ours with options. There are none but in tests.
func surviveOutage(l *Lab, options ...standard.Option) *Findings {
	f := new(Findings)
	picture := func(name, title, y string) Plot {
		return Plot{name, drawing.Chart{Title: title, X: "time (s)", Y: y, Marks: outageMarks()}}
	}
	goodput := picture("", "A dependency ails, dies and comes back: what callers get", "calls answered within 10 s (%)")
	load := picture("load", "A dependency ails, dies and comes back: what it is asked for", "attempts (1/s)")
	for _, c := range []struct {
		who  string
		make func(seed uint64, ask asking) asking
	}{
		{"ductile", func(seed uint64, ask asking) asking { return ductileAsking(seed, ask, options...) }},
		{failsafeGo, failsafeAsking()},
		{failsafeGo + ", refusals end it", failsafeAsking(circuitbreaker.ErrOpen, failsafebulkhead.ErrFull)},
		{retryableHTTP, retryableAsking},
		{"bare", func(_ uint64, ask asking) asking { return ask }},
	} {
		if !l.meets(c.who) {
			continue
		}
		runs := seeds(l, c.who, outageSeeds, func(seed uint64) *ordeal { return endure(seed, c.make) })
		judgeOrdeals(f, c.who, runs)
		goodput.Lines = append(goodput.Lines, overTime(c.who, false, runs, func(o *ordeal) []float64 { return o.share() }))
		load.Lines = append(load.Lines, overTime(c.who, false, runs, func(o *ordeal) []float64 { return o.attempts[:] }))
	}
	f.Plots = []Plot{goodput, load}
	return f
}

func judgeOrdeals(f *Findings, who string, runs []*ordeal) {
	type claim struct {
		least, most float64
		from        string
	}
	say := func(what string, got Estimate, c claim) {
		if who == "ductile" {
			f.between(who, what, got, c.least, c.most, c.from)
		} else {
			f.reports(who, what, got)
		}
	}
	in := func(phase int, of func(*ordeal) *[outageRun]float64) func(*ordeal) float64 {
		return func(o *ordeal) float64 { return sum(of(o)[phase*outagePhase : (phase+1)*outagePhase]) }
	}
	begun := func(o *ordeal) *[outageRun]float64 { return &o.begun }
	answered := func(o *ordeal) *[outageRun]float64 { return &o.answered }
	attempts := func(o *ordeal) *[outageRun]float64 { return &o.attempts }
	load := func(phase int) Estimate {
		return over(runs, func(o *ordeal) float64 { return in(phase, attempts)(o) / in(phase, begun)(o) })
	}
	share := func(phase int) Estimate {
		return over(runs, func(o *ordeal) float64 { return 100 * in(phase, answered)(o) / in(phase, begun)(o) })
	}
	slowest := func(phase int) Estimate { return over(runs, func(o *ordeal) float64 { return p99(o.took[phase]) }) }

	const (
		opened = 4.75 + 0.5 // the window is half full of failures in 4.5 s to 5 s
		probes = 6 * 5
	)
	say("healthy: answered, %", share(healthy), claim{99.9, 100, "stated"})
	say("15 % fail: answered, %", share(failing), claim{99, 100*(1-0.15*0.15*0.15) + 0.2, "1 - 0.15³, less the budget's refusals"})
	say("15 % fail: attempts per call", load(failing), claim{1, 1.21, "budget: 1 + 1/5 + 1/100"})
	say("15 % fail: p99 of answers, ms", slowest(failing), claim{0, 200 + 200 + 100, "stated: twice the dependency's, and a wait"})
	say("10 % slow: answered, %", share(tailing), claim{99.9, 100, "stated"})
	say("10 % slow: p99 of answers, ms", slowest(tailing), claim{2000, 2300, "the dependency's own"})
	say("dead: attempts per call", load(dead),
		claim{0, (1.21*opened*outageRate + probes) / (outagePhase * outageRate), "budget until open, then 6 times 5 probes"})
	f.reports(who, "dead: answered, of those who wait until it is back, %", share(dead))
	say("back: answered, %", share(back), claim{100 * (1 - 14./60), 100, "all but 14 s"})
	say("back: attempts per call", load(back), claim{0, 1.21, "budget"})
	say("back: most attempts in a second", over(runs, func(o *ordeal) float64 { return highest(o.attempts[back*outagePhase:]) }),
		claim{0, 1.21*outageRate + 4*math.Sqrt(outageRate), "budget, and chance"})
	say("back: p99 of answers, ms", slowest(back), claim{0, 1500, "stated: the cold dependency's, and a wait"})
	say("back: seconds to recover", over(runs, (*ordeal).recovered), claim{0, 14, "open for 10 s ± 10 %, and 5 probes of a cold dependency"})
}

// An asking makes a call, or an attempt at one.
type asking func(ctx context.Context) error

// endure has callers live through an outage.
func endure(seed uint64, client func(seed uint64, ask asking) asking) *ordeal {
	o, s := new(ordeal), newMortal(seed)
	call := client(seed, func(ctx context.Context) error {
		s.mu.Lock()
		if now := s.second(); now < outageRun {
			o.attempts[now]++
		}
		s.mu.Unlock()
		return s.ask(ctx)
	})
	var all sync.WaitGroup
	poisson(newSource(seed, 3), outageRun, constant(outageRate), func() {
		second, begin := s.second(), time.Now()
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), outageCaller)
			defer cancel()
			err := call(ctx)
			s.mu.Lock()
			defer s.mu.Unlock()
			o.begun[second]++
			if err == nil {
				o.answered[second]++
				phase := second / outagePhase
				o.took[phase] = append(o.took[phase], float64(time.Since(begin))/float64(time.Millisecond))
			}
		})
	})
	all.Wait()
	s.all.Wait()
	return o
}

// share returns by second which share of the calls was answered.
func (o *ordeal) share() []float64 {
	share := make([]float64, outageRun)
	for i := range share {
		share[i] = 100
		if o.begun[i] > 0 {
			share[i] = 100 * o.answered[i] / o.begun[i]
		}
	}
	return share
}

// recovered returns how many seconds after the return the last one was in whose calls, with those of the next two, fewer than 95 % were
// answered.
func (o *ordeal) recovered() float64 {
	for i := outageRun - 3; i >= back*outagePhase; i-- {
		if sum(o.answered[i:i+3]) < 0.95*sum(o.begun[i:i+3]) {
			return float64(i + 1 - back*outagePhase)
		}
	}
	return 0
}

func p99(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)*99/100]
}

func phaseOf(second float64) int { return min(int(second)/outagePhase, back) }
