package ductiletest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// A Latency is a law of how long the dependency works on what reaches it. The zero Latency is no time. A law whose numbers make no sense is
// refused by [Simulate].
type Latency struct {
	text string
	draw func(dice *rand.Rand, at time.Duration) time.Duration // nil for no time
	err  error
}

// Constant is always the same time.
func Constant(d time.Duration) Latency {
	l := Latency{text: d.String(), draw: func(*rand.Rand, time.Duration) time.Duration { return d }}
	if d < 0 {
		l.err = refuse.Value("ductiletest", "Constant", d, "zero or above")
	}
	return l
}

// Exponential is without memory: how long it has taken says nothing of how long it will. The textbooks' law, for their formulas. Its median
// is 0.69 of the mean, its p99 4.6 times the mean.
func Exponential(mean time.Duration) Latency {
	return Latency{
		text: fmt.Sprintf("exponential, mean %v", mean),
		draw: func(dice *rand.Rand, _ time.Duration) time.Duration { return span(dice.ExpFloat64() * float64(mean)) },
		err:  refuse.Positive("ductiletest", "Exponential", mean),
	}
}

// Lognormal is what most services look like, given by two numbers that a dashboard has: half of the answers take up to the median, 99 % up
// to p99, which must be above it.
func Lognormal(median, p99 time.Duration) Latency {
	const z99 = 2.3263478740408408 // of the normal distribution
	sigma := math.Log(float64(p99)/float64(median)) / z99
	l := Latency{
		text: fmt.Sprintf("lognormal, median %v, p99 %v", median, p99),
		draw: func(dice *rand.Rand, _ time.Duration) time.Duration {
			return span(float64(median) * math.Exp(sigma*dice.NormFloat64()))
		},
	}
	if median <= 0 || p99 <= median {
		l.err = refuse.Value("ductiletest", "Lognormal", fmt.Sprintf("%v, %v", median, p99), "a median above zero, and a p99 above that")
	}
	return l
}

// Tail is a law with a slow tail: a share of the work follows the law slow, the rest the law usual. Where the two are far apart it is
// bimodal: a cache and its misses, one bad replica of ten.
func Tail(share float64, slow, usual Latency) Latency {
	l := Latency{
		text: fmt.Sprintf("%v; %s of it %v", usual, percent(share), slow),
		draw: func(dice *rand.Rand, at time.Duration) time.Duration {
			if dice.Float64() < share {
				return slow.at(dice, at)
			}
			return usual.at(dice, at)
		},
	}
	switch {
	case !(share >= 0 && share <= 1):
		l.err = refuse.Value("ductiletest", "Tail", share, "a share, from 0 to 1")
	case slow.err != nil:
		l.err = slow.err
	default:
		l.err = usual.err
	}
	return l
}

// LatencyBy is a law of your own: how long what begins at a time (since the simulation began) takes, zero or above. Draw from dice alone, and
// remember nothing: dice begins anew for each piece of work, so that the order of calls does not matter.
func LatencyBy(law func(dice *rand.Rand, at time.Duration) time.Duration) Latency {
	l := Latency{text: "a law of its own", draw: law}
	if law == nil {
		l.err = refuse.Value("ductiletest", "LatencyBy", "nil", "a function")
	}
	return l
}

// String says what the law is.
func (l Latency) String() string {
	if l.draw == nil {
		return "no time"
	}
	return l.text
}

func (l Latency) at(dice *rand.Rand, at time.Duration) time.Duration {
	if l.draw == nil {
		return 0
	}
	return l.draw(dice, at)
}

// year is how long work takes at most: longer is as good as never, and so much can be added without overflow.
const year = 365 * 24 * time.Hour

// span returns nanoseconds as a duration.
func span(ns float64) time.Duration {
	if ns < float64(year) {
		return time.Duration(ns)
	}
	return year
}
