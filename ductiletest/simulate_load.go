package ductiletest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// Load is who calls: an open loop, in which calls come when they come, whether or not those before have ended, as those of many users do.
type Load struct {
	Rate float64       // calls a second, on average
	For  time.Duration // how long calls are made; those that still run then are waited for

	// Even makes the calls come evenly, to within 40 µs. Unless set they come by chance (a Poisson process), as those of many
	// users who know nothing of each other.
	Even bool

	// Changes are later rates, in the order of time.
	Changes []Change

	// Deadline is how long a caller's context lives, zero for ever.
	Deadline time.Duration

	// Patience is after what time a caller is gone: an answer that comes later is lost. Nobody cancels anything then; see Deadline for that.
	// Zero waits for ever.
	Patience time.Duration
}

// A Change of a [Load] is a new rate, from a time on.
type Change struct {
	At   time.Duration // since the simulation began
	Rate float64       // calls a second; zero is a pause
}

const maxRate, maxCalls = 1e6, 1e8

// sense refuses what makes none.
func (l Load) sense() error {
	const pkg = "ductiletest"
	var problems []error
	refused := func(err error) { problems = append(problems, err) }
	refused(refuse.Positive(pkg, "Load.For", l.For))
	if !(l.Rate >= 0 && l.Rate <= maxRate) || l.Rate == 0 && len(l.Changes) == 0 {
		refused(refuse.Value(pkg, "Load.Rate", l.Rate, "above zero calls a second, and at most a million"))
	}
	before := time.Duration(0)
	for i, c := range l.Changes {
		field := fmt.Sprintf("Load.Changes[%d]", i)
		if c.At < before || c.At >= l.For {
			refused(refuse.Value(pkg, field+".At", c.At, fmt.Sprintf("from %v, the time of the one before, and below For, which is %v", before, l.For)))
		}
		if !(c.Rate >= 0 && c.Rate <= maxRate) {
			refused(refuse.Value(pkg, field+".Rate", c.Rate, "from zero to a million calls a second"))
		}
		before = max(before, c.At)
	}
	refused(notNegative("Load.Deadline", l.Deadline))
	refused(notNegative("Load.Patience", l.Patience))
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if calls := l.calls(); calls > maxCalls {
		return refuse.Value(pkg, "Load.For", l.For, fmt.Sprintf("shorter: it would be %.3g calls, and more than %.0g take too long", calls, float64(maxCalls)))
	}
	return nil
}

func notNegative(field string, d time.Duration) error {
	if d < 0 {
		return refuse.Value("ductiletest", field, d, "above zero, or zero for none")
	}
	return nil
}

// calls returns how many calls there will be, on average.
func (l Load) calls() float64 {
	total, at, rate := 0.0, time.Duration(0), l.Rate
	for _, c := range l.Changes {
		total += rate * (c.At - at).Seconds()
		at, rate = c.At, c.Rate
	}
	return total + rate*(l.For-at).Seconds()
}

// arrivals are the times of the calls of a load, one after another. No two are the same.
type arrivals struct {
	load    Load
	dice    *rand.Rand
	changes []Change // yet to come
	rate    float64
	at      float64 // seconds
	n       uint64
	last    time.Duration
}

func (l Load) arrivals(seed uint64) *arrivals {
	return &arrivals{load: l, dice: rand.New(rand.NewPCG(seed, ofLoad)), changes: l.Changes, rate: l.Rate, last: -1}
}

// next returns the time of the next call, false where there is none.
func (a *arrivals) next() (time.Duration, bool) {
	due := 1.0 // in calls at the rate of the moment
	if !a.load.Even {
		due = a.dice.ExpFloat64()
	}
	for len(a.changes) > 0 {
		change := a.changes[0].At.Seconds()
		until := (change - a.at) * a.rate
		if due <= until {
			break
		}
		due -= until
		a.at, a.rate, a.changes = change, a.changes[0].Rate, a.changes[1:]
	}
	if a.rate == 0 {
		return 0, false
	}
	a.at += due / a.rate
	if a.at >= a.load.For.Seconds() {
		return 0, false
	}
	at := time.Duration(math.Round(a.at * float64(time.Second)))
	if a.load.Even {
		at += apartBy(a.n)
	}
	a.n++
	a.last = max(at, a.last+1)
	return a.last, true
}

// apartBy returns a time below 40 µs, another for each of 10,000 in a row. Calls that come evenly, and a dependency that always takes the
// same time, would meet at the same nanosecond again and again; the runtime decides by chance who is first then. Round times added to odd
// ones stay odd.
func apartBy(n uint64) time.Duration {
	const apart, step, each = 10_007, 7919, 4 // two primes, and room for a nanosecond between
	return time.Duration(n % apart * step % apart * each)
}
