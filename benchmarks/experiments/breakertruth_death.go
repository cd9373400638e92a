package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// judgeBurst is about a hiccup: 100 failures in 10 ms.
func judgeBurst(l *Lab, f *Findings, kinds []breakerKind, rate float64) {
	type burst struct{ reached, opened, after float64 } // failures, 0 or 100, milliseconds
	runs := seeds(l, at(rate, "burst"), breakerSeeds, func(seed uint64) []burst {
		breakers, out := makeAll(kinds, seed), make([]burst, len(kinds))
		healthy := func() {
			for _, b := range breakers {
				b.call(false)
			}
		}
		next := rand.New(rateSource(seed, rate, 4))
		poisson(rateSource(seed, rate, 3), 12+next.Float64(), constant(rate), healthy)
		begin := time.Now()
		due := time.Duration(next.ExpFloat64() / rate * float64(time.Second)) // the usual traffic goes on
		for j := range 100 {
			at := time.Duration(j) * 100 * time.Microsecond
			for ; due < at; due += time.Duration(next.ExpFloat64() / rate * float64(time.Second)) {
				time.Sleep(due - time.Since(begin))
				healthy()
			}
			time.Sleep(at - time.Since(begin))
			for i, b := range breakers {
				if b.call(true) {
					out[i].reached++
				}
				if b.open() && out[i].opened == 0 {
					out[i].opened, out[i].after = 100, float64(time.Since(begin))/float64(time.Millisecond)
				}
			}
		}
		return out
	})
	for i, k := range kinds {
		opened := over(runs, func(b []burst) float64 { return b[i].opened })
		reached := over(runs, func(b []burst) float64 { return b[i].reached })
		quick := slices.DeleteFunc(slices.Clone(runs), func(b []burst) bool { return b[i].opened == 0 })
		after := func() Estimate { return over(quick, func(b []burst) float64 { return b[i].after }) }
		share, sent, late := at(rate, "a burst opens it, %"), at(rate, "failures of a burst of 100 that go"), at(rate, "ms until a burst opens it")
		window := 9.5 * rate
		switch {
		case k.String() != "ductile":
			f.reports(k.String(), share, opened)
			f.reports(k.String(), sent, reached)
			if len(quick) > 0 {
				f.reports(k.String(), late, after())
			}
		case window < 20:
			f.between(k.String(), share, opened, 100, 100, "5 in a row")
			f.near(k.String(), sent, reached, 5, "5 in a row", 0.01)
			f.near(k.String(), late, after(), 0.4, "the fifth", 0.01)
		case window < 100:
			f.between(k.String(), share, opened, 100, 100, "half of the window")
			f.near(k.String(), sent, reached, window, "as many as successes in 9.5 s", 0.2)
			f.near(k.String(), late, after(), (window-1)/10, "the last of them", 0.2)
		default:
			f.between(k.String(), share, opened, 0, 0, "below half of the window")
		}
	}
}

// A fate is what a breaker made of an outage.
type fate struct{ opened, reached, back float64 } // seconds, calls, seconds

const never = -1.0

// deaths has the dependency of breakers die, and come back.
func deaths(l *Lab, kinds []breakerKind, rate float64) [][]fate {
	n := breakerSeeds
	if rate <= 50 {
		n = 5 * breakerSeeds // they cost little
	}
	return seeds(l, at(rate, "death"), n, func(seed uint64) []fate {
		breakers, out := makeAll(kinds, seed), make([]fate, len(kinds))
		for i := range out {
			out[i].opened, out[i].back = never, never
		}
		dice := rand.New(rateSource(seed, rate, 2))
		dies := 20 + dice.Float64()
		_, spread := math.Modf(float64(seed) * math.Phi) // evenly over the seeds, however few
		returns := dies + 60 + 60*spread
		ends := dies + 60
		if recoveryShown(rate) {
			ends = returns + 130
		}
		begin := time.Now()
		poisson(rateSource(seed, rate, 3), ends, constant(rate), func() {
			now := time.Since(begin).Seconds()
			for i, b := range breakers {
				if out[i].back == never {
					out[i].meet(b, now, dies, returns)
				}
			}
		})
		return out
	})
}

// recoveryShown reports whether there is a time to recover. At the highest rate it is that of the next lower one, and would cost ten times
// as much.
func recoveryShown(rate float64) bool { return rate < 5000 }

// meet makes a call, of a dependency that dies and returns at a time.
func (o *fate) meet(b breakerClient, now, dies, returns float64) {
	down := now >= dies && now < returns
	went := b.call(down)
	switch {
	case down && went && now < dies+60:
		o.reached++
	case now >= returns && (o.opened == never || went && !b.open()):
		o.back = now - returns
	}
	if down && o.opened == never && b.open() {
		o.opened = now - dies
	}
}

func judgeDeath(l *Lab, f *Findings, kinds []breakerKind, rate float64, p *Plot) {
	runs := deaths(l, kinds, rate)
	const half = 4.75 // half of a window of 9 to 10 s: from 4.5 s to 5 s, by where in a tenth of the window it dies
	for i, k := range kinds {
		var opened []fate
		for _, r := range runs {
			if r[i].opened != never {
				opened = append(opened, r[i])
			}
		}
		who := k.String()
		share := over(runs, func(o []fate) float64 { return percent(o[i].opened != never) })
		reached := over(runs, func(o []fate) float64 { return o[i].reached })
		took := over(opened, func(o fate) float64 { return o.opened })
		back := over(opened, func(o fate) float64 { return o.back })
		if len(opened) > 0 {
			addTo(&p.Lines[i], rate, took.Mean)
		}
		opens, goes, recovers := at(rate, "seconds to open"), at(rate, "calls that go in 60 s of death"), at(rate, "seconds to recover")
		switch {
		case who != "ductile":
			if share.Mean < 100 {
				f.reports(who, at(rate, "runs that open at all, %"), share)
			}
			if len(opened) > 0 {
				f.reports(who, opens, took)
			}
			f.reports(who, goes, reached)
			if len(opened) > 0 && recoveryShown(rate) {
				f.reports(who, recovers, back)
			}
			continue
		case 9.5*rate < 20:
			f.near(who, opens, took, 5/rate, "5 in a row", 0.2)
			f.between(who, goes, reached, 5, 5+5*6, "5, and 5 probes each 10 s")
			f.between(who, recovers, back, 0, 1.1*longestOpen+5/rate, "the longest open time, and 5 probes")
		default:
			f.near(who, opens, took, half, "half of the window", 0.08)
			f.near(who, goes, reached, rate*half+16.5, "half of the window, 5 or 6 times 3 probes", 0.08)
			if recoveryShown(rate) {
				f.near(who, recovers, back, nextProbe(half)+4/rate, "the open times", 0.45)
			}
		}
		f.between(who, at(rate, "runs that open at all, %"), share, 100, 100, "both rules")
	}
}
