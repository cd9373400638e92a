package ductiletest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// Failures is a law of what fails. The zero Failures is nothing. What fails takes as long as what succeeds, unless the dependency is dead.
type Failures struct {
	text string
	draw func(dice *rand.Rand, at time.Duration) error // nil for no failures
	err  error
}

// What the dependency of a simulation returns. Package fault takes these for transient, but for a full queue, which is overload.
var (
	errNotDone     = errors.New("the simulated dependency failed")
	errUnreachable = errors.New("the simulated dependency is down")
	errLineFull    = errors.New("the queue of the simulated dependency is full")
)

// Failing is a share of the work that fails, by chance, with an error that package fault takes for transient.
func Failing(share float64) Failures { return someFail("Failing", share, errNotDone) }

// FailingWith is a share of the work that fails with an error of yours: what your client returns, so that the pipeline judges it as
// in earnest, or fault.Overload(err, time.Second).
func FailingWith(share float64, err error) Failures {
	f := someFail("FailingWith", share, err)
	if err == nil {
		f.err = refuse.Value("ductiletest", "FailingWith", "nil", "given an error")
	}
	return f
}

func someFail(option string, share float64, err error) Failures {
	f := Failures{text: percent(share) + " fails", draw: func(dice *rand.Rand, _ time.Duration) error {
		if dice.Float64() < share {
			return err
		}
		return nil
	}}
	if !(share >= 0 && share <= 1) {
		f.err = refuse.Value("ductiletest", option, share, "a share, from 0 to 1")
	}
	return f
}

// FailingBy is a law of your own: what becomes of work that begins at a time (since the simulation began), nil for success. As with
// [LatencyBy], draw from dice alone, and remember nothing.
func FailingBy(law func(dice *rand.Rand, at time.Duration) error) Failures {
	f := Failures{text: "fails by a law of its own", draw: law}
	if law == nil {
		f.err = refuse.Value("ductiletest", "FailingBy", "nil", "a function")
	}
	return f
}

// String says what the law is.
func (f Failures) String() string {
	if f.draw == nil {
		return "nothing fails"
	}
	return f.text
}

func (f Failures) at(dice *rand.Rand, at time.Duration) error {
	if f.draw == nil {
		return nil
	}
	return f.draw(dice, at)
}

// An Outage is a while in which the dependency is not well: from From until To, since the simulation began. It is for what reaches the
// dependency in that while; what it works on already goes on. Where no field says how it ails, the dependency is dead: everything fails at
// once, as when nobody listens at a port.
type Outage struct {
	From, To time.Duration

	Hangs  bool    // nothing is answered: work ends with its caller's context, or fails when the outage is over
	Fails  float64 // a share fails that would have succeeded: a brown-out
	Slower float64 // everything takes so many times as long as usual
}

// dead reports whether everything fails at once.
func (o Outage) dead() bool { return !o.Hangs && o.Fails == 0 && o.Slower == 0 }

// String says how it ails, and when.
func (o Outage) String() string {
	how := "dead"
	switch {
	case o.Hangs:
		how = "hangs"
	case o.Fails > 0 && o.Slower > 0:
		how = fmt.Sprintf("%s fails and all is %v times as slow", percent(o.Fails), o.Slower)
	case o.Fails > 0:
		how = percent(o.Fails) + " fails"
	case o.Slower > 0:
		how = fmt.Sprintf("%v times as slow", o.Slower)
	}
	return fmt.Sprintf("%s from %s to %s", how, brief(o.From), brief(o.To))
}

// sense refuses what makes none.
func (o Outage) sense(field string, before, end time.Duration) error {
	switch {
	case o.From < before, o.From >= end:
		return refuse.Value("ductiletest", field+".From", o.From, fmt.Sprintf("from %v, where the one before ends, and below %v, where the load does", before, end))
	case o.To <= o.From:
		return refuse.Value("ductiletest", field+".To", o.To, fmt.Sprintf("after From, which is %v", o.From))
	case !(o.Fails >= 0 && o.Fails <= 1):
		return refuse.Value("ductiletest", field+".Fails", o.Fails, "a share, from 0 to 1")
	case !(o.Slower >= 0 && o.Slower <= 1e6):
		return refuse.Value("ductiletest", field+".Slower", o.Slower, "a factor from 0, which is none, to a million")
	case o.Hangs && (o.Fails > 0 || o.Slower > 0):
		return refuse.Value("ductiletest", field+".Hangs", true, "alone: what is not answered does not fail, nor is it slow")
	}
	return nil
}
