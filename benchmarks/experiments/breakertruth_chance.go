package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// falseTrips returns by seed and kind which share of breakers opened, in percent, although nothing was wrong that was not before, and how
// many calls each had.
func falseTrips(l *Lab, kinds []breakerKind, rate float64) (shares [][]float64, n float64) {
	seconds, copies := chanceRuns(rate)
	return seeds(l, at(rate, "false trips"), breakerSeeds, func(seed uint64) []float64 {
		tripped := make([]float64, len(kinds))
		for range copies {
			breakers, dice := makeAll(kinds, seed), rand.New(rateSource(seed, rate, 2))
			poisson(rateSource(seed, rate, 3), seconds, constant(rate), func() {
				failed := dice.Float64() < 0.1
				for i, b := range breakers {
					if b == nil {
						continue
					}
					if b.call(failed); failed && b.open() {
						tripped[i] += 100 / float64(copies)
						breakers[i] = nil
					}
				}
			})
			seed += 1 << 32 // another copy
		}
		return tripped
	}), rate * seconds
}

// chanceRuns returns for how many seconds how many breakers of a seed run.
func chanceRuns(rate float64) (seconds float64, copies int) {
	switch rate {
	case 0.3:
		return 3600, 100
	case 5:
		return 3600, 5
	case 50:
		return 3600, 1
	case 500:
		return 120, 1
	default:
		return 12, 1
	}
}

func judgeChance(l *Lab, f *Findings, kinds []breakerKind, rate float64) {
	shares, n := falseTrips(l, kinds, rate)
	seconds, copies := chanceRuns(rate)
	what := at(rate, fmt.Sprintf("false trips in %v, %% of runs", time.Duration(seconds)*time.Second))
	for i, k := range kinds {
		got := over(shares, func(s []float64) float64 { return s[i] })
		switch k.String() {
		case "ductile":
			bound, trials := chanceBound(rate, n, 0.1), float64(len(shares)*copies)
			f.between(k.String(), what, got, 0, 100*most(bound*trials)/trials, "union bound "+percents(bound)+", and chance (1e-6)")
		case "gobreaker 2.4.0, default":
			f.compares(k.String(), what, got, percents(chanceOfRun(int(n), 6, 0.1)), "closed form: 6 in a row")
		default:
			f.reports(k.String(), what, got)
		}
	}
}

// judgeRefusals is about what false trips cost where 30 % fail.
func judgeRefusals(l *Lab, f *Findings, kinds []breakerKind, rate float64, p *Plot) {
	const fails = 0.3
	seconds, copies := 120.0, 1
	if rate <= 5 {
		seconds = 3600
	}
	if rate < 1 {
		copies = 20
	}
	lost := seeds(l, at(rate, "refusals"), breakerSeeds, func(seed uint64) []float64 {
		refused, calls := make([]float64, len(kinds)), 0.0
		for range copies {
			breakers, dice := makeAll(kinds, seed), rand.New(rateSource(seed, rate, 2))
			poisson(rateSource(seed, rate, 3), seconds, constant(rate), func() {
				calls++
				failed := dice.Float64() < fails
				for i, b := range breakers {
					if !b.call(failed) {
						refused[i]++
					}
				}
			})
			seed += 1 << 32
		}
		for i := range refused {
			refused[i] *= 100 / calls
		}
		return refused
	})
	what := at(rate, fmt.Sprintf("refused in %v at 30 %% failures, %%", time.Duration(seconds)*time.Second))
	for i, k := range kinds {
		got := over(lost, func(s []float64) float64 { return s[i] })
		switch {
		case k.String() != "ductile":
			f.reports(k.String(), what, got)
		case rate < 1:
			f.near(k.String(), what, got, 100*lostToRuns(rate, fails), "closed form: renewals", 0.4)
		default:
			most := 3.0
			if seconds < 3600 {
				most = 6 // one of ten opens by chance before its window has filled, and a short run has little else to show
			}
			f.between(k.String(), what, got, 0, most, "stated")
		}
		addTo(&p.Lines[i], rate, got.Mean)
	}
}
