package main

import (
	"math"
	"math/rand/v2"
	"time"
)

// How long a server takes to answer: in most cases a lognormal time; in some, hiccups and stalls, no less than 10 ms and an exponential time.
// The mean times are such that 74 ms and 1800 ms come out, and the share of both is such that 2 % have a copy.
const (
	body, spread    = 4.0, 0.25 // ms, and the standard deviation of its logarithm
	hiccups, hiccup = 0.019376, 30.044
	stalls, stall   = 0.0005, 457.62
	least           = 10.0 // ms
)

// bigTableServer draws how long an answer takes.
func bigTableServer(dice *rand.Rand) time.Duration {
	var ms float64
	switch u := dice.Float64(); {
	case u < stalls:
		ms = least + stall*dice.ExpFloat64()
	case u < stalls+hiccups:
		ms = least + hiccup*dice.ExpFloat64()
	default:
		ms = body * math.Exp(spread*dice.NormFloat64())
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// longer returns the probability that an answer takes longer than so many ms.
func longer(ms float64) float64 {
	if ms <= 0 {
		return 1
	}
	beyond := (1 - stalls - hiccups) * math.Erfc(math.Log(ms/body)/spread/math.Sqrt2) / 2
	late := max(ms-least, 0)
	return beyond + stalls*math.Exp(-late/stall) + hiccups*math.Exp(-late/hiccup)
}

// fanOutQuantile returns the time in ms within which a share of requests have all their answers, with a copy after 10 ms or without: it
// takes two that are both late.
func fanOutQuantile(share float64, hedged bool) float64 {
	each := 1 - math.Pow(share, 1.0/fanOut)
	low, high := 0.0, 1e5
	for range 100 {
		ms := (low + high) / 2
		p := longer(ms)
		if hedged {
			p *= longer(ms - least)
		}
		if p > each {
			low = ms
		} else {
			high = ms
		}
	}
	return high
}
