package main

import (
	"fmt"
	"slices"

	"github.com/ductile-go/ductile/benchmarks/drawing"
	"github.com/ductile-go/ductile/breaker"
)

// breakerTruth is how often breakers are wrong, and how fast they are right.
var breakerTruth = Experiment{
	Name:   "breaker",
	Title:  "false trips, and the time to trip and to recover",
	Source: "closed forms: runs of failures (de Moivre, 1738; Feller, vol. 1, XIII.7), binomial tails in a union bound, renewals",
	Setup: []string{
		"Calls of no duration, at random times (Poisson), from 0.3 to 5,000 a second. Every breaker meets the same calls and failures.",
		"ductile: breaker.New() in a pipeline (half of >= 20 in 10 s, or else 5 in a row; open for 5 s, doubling to 10 s).",
		"gobreaker: default (more than 5 failures in a row, 60 s, 1 probe); its example (0.6 of >= 3, counted since it closed);",
		"  as ductile (Interval 10 s, BucketPeriod 1 s, half of >= 20 or else 5 in a row, 5 s, 5 probes: any that fails opens it, of ours 3 of 5).",
		"failsafe-go: default (one failure, 1 min); as ductile: FailureRateThreshold(0.5, 20, 10 s), delay 5 s, 3 successes of 5 probes;",
		"  failures in a row besides are more than it can. hystrix-go is left out: it counts on goroutines that never end, so it cannot run in virtual time.",
		"False trips: 10 % fail. Runs of 1 h up to 50/s, 2 min at 500/s, 12 s at 5,000/s. Refused: 30 % fail, 1 h up to 5/s, then 2 min.",
		"Burst: 12 s of health (and up to 1 s), then 100 failures in 10 ms among the usual calls; the n-th comes after n · 0.1 ms.",
		"Death: 20 s of health (and up to 1 s), then all fail for 60 s to 120 s. No time to recover is measured at 5,000/s.",
		"  When it ends is spread evenly over the seeds, so that intervals are rather too wide.",
	},
	Seeds: breakerSeeds,
	Run:   func(l *Lab) *Findings { return tellTruth(l) },
}

const breakerSeeds = 20

var breakerRates = [...]float64{0.3, 5, 50, 500, 5000}

// tellTruth judges a breaker of ours with options. There are none but in tests.
func tellTruth(l *Lab, options ...breaker.Option) *Findings {
	f := new(Findings)
	kinds := slices.DeleteFunc(breakerKinds(options), func(k breakerKind) bool { return !l.meets(k.who) })
	plot := func(name, title, y string) Plot {
		return Plot{name, drawing.Chart{Title: title, X: "calls (1/s)", Y: y, LogX: true, Dots: true, Lines: linesOf(kinds)}}
	}
	refused := plot("refused", "What breakers refuse of a dependency that answers 70 %", "calls refused (%)")
	death := plot("death", "Time to open when the dependency dies", "time to open (s)")
	death.LogY = true
	for _, rate := range breakerRates {
		judgeChance(l, f, kinds, rate)
	}
	for _, rate := range breakerRates[:4] {
		judgeRefusals(l, f, kinds, rate, &refused)
	}
	for _, rate := range breakerRates {
		judgeBurst(l, f, kinds, rate)
	}
	for _, rate := range breakerRates {
		judgeDeath(l, f, kinds, rate, &death)
	}
	judgeHalves(l, f)
	f.Plots = []Plot{refused, death}
	return f
}

// judgeHalves is about why there are two rules: each alone fails where the other does not.
func judgeHalves(l *Lab, f *Findings) {
	alone := func(option breaker.Option) []breakerKind {
		return []breakerKind{{"ductile", "one rule", func(seed uint64) breakerClient { return newOurBreaker(seed, []breaker.Option{option}) }}}
	}
	tripped, n := falseTrips(l, alone(breaker.NoFailureRate()), 50)
	f.between("ductile", at(50, "5 in a row alone: false trips in 1 h, % of runs"), over(tripped, first), 50, 100,
		"closed form "+percents(chanceOfRun(int(n), 5, 0.1))+", ± 3 s.e.")
	outages := deaths(l, alone(breaker.ConsecutiveFailures(0)), 0.3)
	f.between("ductile", at(0.3, "rate alone: runs that open in an outage of 1 to 2 min, %"),
		over(outages, func(o []fate) float64 { return percent(o[0].opened != never) }), 0, 1, "20 calls take 67 s, the window is 10 s")
}

func first(values []float64) float64 { return values[0] }

func linesOf(kinds []breakerKind) []Line {
	lines := make([]Line, len(kinds))
	for i, k := range kinds {
		lines[i].Name = k.String()
	}
	return lines
}

func addTo(l *Line, x, y float64) { l.X, l.Y = append(l.X, x), append(l.Y, y) }

// at is a rate in words.
func at(rate float64, what string) string { return fmt.Sprintf("%v/s, %s", rate, what) }

func makeAll(kinds []breakerKind, seed uint64) []breakerClient {
	all := make([]breakerClient, len(kinds))
	for i, k := range kinds {
		all[i] = k.make(seed)
	}
	return all
}

// rateSource is newSource for a rate: at another one chance is another.
func rateSource(seed uint64, rate float64, purpose uint64) *source {
	return newSource(seed, uint64(rate*10)<<8|purpose)
}

func constant(rate float64) func(float64) float64 { return func(float64) float64 { return rate } }
