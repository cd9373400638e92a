// Package refuse words the refusal of configuration that makes no sense, so that every policy says it alike: which option, which
// value, and what is allowed.
package refuse

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Value returns the refusal of value for an option of a package, as in
// "retry: Attempts(0): must be at least 1".
func Value(pkg, option string, value any, allowed string) error {
	return fmt.Errorf("%s: %s(%v): must be %s", pkg, option, value, allowed)
}

// Ratio refuses what is no share of a whole: a rate must be a number in (0, 1].
func Ratio(pkg, option string, rate float64) error {
	if math.IsNaN(rate) || rate < Part || rate > 1 {
		return Value(pkg, option, rate, fmt.Sprintf("a share of the whole, from %v to 1 (0.5 is half)", Part))
	}
	return nil
}

// Part is the finest share that rates are kept in: a millionth. Shares are integers of it, so that 0.3 is 0.3.
const Part = 1e-6

// Parts returns a rate in millionths, the nearest: 0.3 is 300,000 of them, however a float64 has it.
func Parts(rate float64) uint64 { return uint64(math.Round(rate / Part)) }

// PartsBelow is Parts for a threshold: what lies between two millionths is the lower, so that 2 of 3 reach 2/3, and any k of n up to a
// million of them.
func PartsBelow(rate float64) uint64 {
	const slack = 1e-7 // far above what a float64 errs by, far below what k of a million can lack of the next millionth
	return uint64(rate/Part + slack)
}

// Positive refuses a duration of zero or less.
func Positive(pkg, option string, d time.Duration) error {
	if d <= 0 {
		return Value(pkg, option, d, "above zero")
	}
	return nil
}

// AtLeast refuses a number below low.
func AtLeast(pkg, option string, n, low int) error {
	if n < low {
		return Value(pkg, option, n, fmt.Sprintf("at least %d", low))
	}
	return nil
}

// Apply runs options on a configuration and returns everything that is wrong with them, not just the first.
func Apply[C any, O ~func(*C) error](pkg string, config *C, options []O) error {
	var problems []error
	for i, option := range options {
		if option == nil {
			problems = append(problems, fmt.Errorf("%s: option %d is nil: leave it out instead", pkg, i+1))
			continue
		}
		if err := option(config); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}
