package main

import (
	"fmt"
	"math"
)

// percents is a probability in words.
func percents(p float64) string { return fmt.Sprintf("%.2g %%", 100*p) }

// chanceOfRun returns the probability that of n calls so many in a row fail.
func chanceOfRun(n, row int, p float64) float64 {
	state := make([]float64, row) // by how many have failed in a row; what is missing from 1 has had its run
	state[0] = 1
	for range n {
		ended := 0.0
		for j := row - 1; j >= 0; j-- {
			ended += state[j] * (1 - p)
			if j > 0 {
				state[j] = state[j-1] * p
			}
		}
		state[0] = ended
	}
	return 1 - sum(state)
}

// chanceBound returns a bound of the probability that a breaker of ours opens within n calls of which each fails with probability p: that
// it does in its first calls, with fewer than 20 or more, or in one of the windows thereafter, which hold at least 9 s.
func chanceBound(rate, n, p float64) float64 {
	half := func(k int) float64 { return binomialTail(k, (k+1)/2, p) }
	bound := chanceOfRun(19, 5, p)
	if 9*rate < 20 {
		bound = 0 // its first calls are like the others
	} else {
		for k := 20; k < 400; k++ {
			bound += half(k)
		}
	}
	few, window, mean := 0.0, 0.0, 9*rate
	for k := range int(min(mean+12*math.Sqrt(mean)+30, 400)) {
		logarithm, _ := math.Lgamma(float64(k) + 1)
		chance := math.Exp(float64(k)*math.Log(mean) - mean - logarithm)
		if k < 20 {
			few += chance
		} else {
			window += chance * half(k)
		}
	}
	return bound + n*(few*math.Pow(p, 5)+window)
}

// binomialTail returns the probability of at least so many of n.
func binomialTail(n, least int, p float64) (tail float64) {
	all, _ := math.Lgamma(float64(n) + 1)
	for k := least; k <= n; k++ {
		a, _ := math.Lgamma(float64(k) + 1)
		b, _ := math.Lgamma(float64(n-k) + 1)
		tail += math.Exp(all - a - b + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p))
	}
	return tail
}

// most returns how many events there are at most, but for one time in a million, where so many are to be expected.
func most(expected float64) float64 {
	chance, seen := math.Exp(-expected), 0.0
	for k := 0.0; ; k++ {
		if seen += chance; 1-seen < 1e-6 {
			return k
		}
		chance *= expected / (k + 1)
	}
}

// lostToRuns returns the share of calls that a breaker of ours refuses where only failures in a row open it: a renewal process, which
// waits for five failures in a row, is open for 5 s, and probes five times, of which three that fail open it for twice as long.
func lostToRuns(rate, p float64) float64 {
	q := binomialTail(5, 3, p)
	refused, probes := 0.0, 0.0
	chance, open := 1.0, 5.0
	for range 20 {
		refused += chance * open * rate
		probes += chance * 4.5 // from 3 to 5
		chance, open = chance*q, min(2*open, longestOpen)
	}
	until := (1 - math.Pow(p, 5)) / (math.Pow(p, 5) * (1 - p))
	return refused / (until + refused + probes)
}

// longestOpen is for how many seconds a breaker of ours stays open at most, jitter apart.
const longestOpen = 10

// nextProbe returns how long a breaker of ours that has opened so many seconds into an outage of 60 s to 120 s takes on average to probe
// after it: it is open for 5 s, and then for 10 s each time.
func nextProbe(opened float64) (mean float64) {
	const steps = 600
	for i := range steps {
		ends := 60 + 60*(float64(i)+0.5)/steps
		at, open := opened, 5.0
		for at < ends {
			at, open = at+open, min(2*open, longestOpen)
		}
		mean += (at - ends) / steps
	}
	return mean
}
