package main

import (
	"fmt"
	"math"
	"strconv"
)

// An Estimate is a mean over seeds, and half the width of its 95 % confidence interval.
type Estimate struct {
	Mean, Margin float64
	N            int
}

// estimate returns the mean of what the seeds gave. The interval is Student's.
func estimate(values []float64) Estimate {
	n := len(values)
	e := Estimate{N: n}
	for _, v := range values {
		e.Mean += v
	}
	e.Mean /= float64(max(n, 1)) // not one by one: the mean of equal numbers is to be that number
	if n < 2 {
		return e
	}
	var squares float64
	for _, v := range values {
		squares += (v - e.Mean) * (v - e.Mean)
	}
	e.Margin = student(n-1) * math.Sqrt(squares/float64(n-1)/float64(n))
	return e
}

// student returns the 97.5th percentile of Student's distribution, by the expansion of Cornish and Fisher, which is right to 0.1 % from
// ten degrees of freedom on (Abramowitz and Stegun, 26.7.5).
func student(freedom int) float64 {
	const z = 1.959963984540054
	f := float64(freedom)
	g1 := (z*z*z + z) / 4
	g2 := (5*math.Pow(z, 5) + 16*z*z*z + 3*z) / 96
	g3 := (3*math.Pow(z, 7) + 19*math.Pow(z, 5) + 17*z*z*z - 15*z) / 384
	return z + g1/f + g2/(f*f) + g3/(f*f*f)
}

// String returns the mean and the margin.
func (e Estimate) String() string {
	if e.N == 0 {
		return "none"
	}
	if e.Margin <= 1e-9*math.Abs(e.Mean) { // all the same, but for rounding
		return number(e.Mean)
	}
	return fmt.Sprintf("%s ± %s", number(e.Mean), strconv.FormatFloat(e.Margin, 'g', 2, 64))
}

// seeds says of how many seeds it is: those that had the thing to measure.
func (e Estimate) seeds() string {
	if e.N == 0 {
		return "–"
	}
	return strconv.Itoa(e.N)
}

// number returns a number as people read it.
func number(x float64) string {
	switch a := math.Abs(x); {
	case a >= 1000 || a == math.Trunc(a):
		return strconv.FormatFloat(math.Round(x), 'f', 0, 64)
	default:
		return strconv.FormatFloat(x, 'g', 4, 64)
	}
}

// over returns what a function makes of each seed's outcome.
func over[T any](outcomes []T, of func(T) float64) Estimate {
	values := make([]float64, len(outcomes))
	for i, o := range outcomes {
		values[i] = of(o)
	}
	return estimate(values)
}
