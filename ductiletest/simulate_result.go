package ductiletest

import (
	"maps"
	"math"
	"slices"
	"time"
)

// A Result is what became of a [Simulation]. The [Tally] that it embeds is of all calls.
type Result struct {
	Tally

	Simulation  Simulation    // that was made, with what was chosen for what was not set
	Name        string        // of the pipeline
	Rows        []Row         // the timeline
	Recoveries  []Recovery    // from each outage, in their order
	Transitions []Transition  // of the pipeline's policies, in the order of time; the first 10,000
	Policies    []PolicyTally // of those that did something, by name
	Leaks       []Leak        // none in a pipeline whose policies are correct

	Panics   int    // calls that panicked, or ended by runtime.Goexit
	panicked string // the first
	pipeline string
}

// A Tally is what became of calls: of all, or of those of a row. A call belongs to the row in which it was made; what reaches the dependency
// to the row in which it does.
//
// Each call that was Offered was in the end one of four: Answered, Degraded, Failed or Lost.
type Tally struct {
	Offered  int // calls
	Answered int // by the dependency, and before the caller's patience was at an end
	Degraded int // by a fallback, and in time
	Failed   int // with an error, or a panic
	Lost     int // answered, but too late for the Patience of the load

	Attempts int // that reached the dependency: calls, repeats and copies
	Retries  int // that were scheduled
	Hedges   int // copies that were started
	Refused  int // refusals by policies of the pipeline, of which a call may meet several
	Peak     int // how many attempts reached the dependency in the busiest second

	answers, ends histogram
}

// Goodput is the share of the calls that were answered, in time and by the dependency, from 0 to 1. It is 1 where there were no calls.
func (t *Tally) Goodput() float64 { return shareOf(t.Answered, t.Offered, 1) }

// Served is the share of the calls that were answered, in time, by the dependency or by a fallback.
func (t *Tally) Served() float64 { return shareOf(t.Answered+t.Degraded, t.Offered, 1) }

// Amplification is how many attempts reached the dependency for each call: above 1 where calls are repeated, below where they are refused.
func (t *Tally) Amplification() float64 { return shareOf(t.Attempts, t.Offered, 0) }

// Latency returns the time in which a share of the answers came: 0.5 is the median. It is of the calls that the dependency answered in time,
// and off by less than 1 %. It is zero where there are none. A share below 0 is taken for 0, one above 1 for 1.
func (t *Tally) Latency(share float64) time.Duration { return t.answers.at(held(share)) }

// Wait is [Tally.Latency] of all calls, however they ended: how long callers waited.
func (t *Tally) Wait(share float64) time.Duration { return t.ends.at(held(share)) }

func held(share float64) float64 { return min(max(share, 0), 1) }

func shareOf(part, whole int, none float64) float64 {
	if whole == 0 {
		return none
	}
	return float64(part) / float64(whole)
}

// A Row is the tally of a while.
type Row struct {
	From, To time.Duration // since the simulation began
	Tally
}

// A Recovery is how a pipeline came back after an [Outage].
type Recovery struct {
	Outage Outage
	// After is how long after the outage's end the service was healthy, and stayed so until the next outage or the end of the load: in
	// any ten seconds from then on at least the share Healthy of the simulation was answered, of the calls made in them. It is
	// exact to a second; [Never] where that did not happen.
	After time.Duration
}

// Never is how long it takes to recover where that does not happen: longer than anything.
const Never time.Duration = math.MaxInt64

// A Transition is a change that a policy told of: a breaker that opened. It is heard of any policy that has a method Listen(func(T)), with or
// without a result, of whose T the fields From, To, Cause and At say what a breaker.Transition does.
type Transition struct {
	At       time.Duration // since the simulation began
	Policy   string        // its name
	From, To string        // what it was, and is now
	Cause    string        // empty where the policy does not say
}

// A PolicyTally is what a policy did.
type PolicyTally struct {
	Policy   string // the name; policies of one name are counted together
	Refused  int    // attempts that a gate refused, or a middleware
	TimedOut int    // times that a timeout passed
	Retries  int    // that a retry scheduled
	GaveUp   int    // failed calls that a retry did not make again
	Hedges   int    // copies that a hedge started
	Answered int    // calls that a fallback answered
}

// A Leak is what was taken of a policy when all calls were over. It is found where a policy has a method Snapshot, in whose result InFlight,
// Queued or Probing is above zero.
type Leak struct {
	Policy string // its name
	What   string // the name of the field
	Count  int    // what the field says
}

// During returns the tally of the rows that lie within a while altogether.
func (r *Result) During(from, to time.Duration) *Tally {
	sum := new(Tally)
	for i := range r.Rows {
		if row := &r.Rows[i]; row.From >= from && row.To <= to {
			sum.add(&row.Tally)
		}
	}
	return sum
}

// Opened returns how often policies went from closed to open, as breakers do.
func (r *Result) Opened() int {
	n := 0
	for _, t := range r.Transitions {
		if t.From == "closed" && t.To == "open" {
			n++
		}
	}
	return n
}

// Policy returns what the policies of a name did, the zero tally where none of that name did anything.
func (r *Result) Policy(name string) PolicyTally {
	for _, p := range r.Policies {
		if p.Policy == name {
			return p
		}
	}
	return PolicyTally{Policy: name}
}

func (t *Tally) add(u *Tally) {
	t.Offered += u.Offered
	t.Answered += u.Answered
	t.Degraded += u.Degraded
	t.Failed += u.Failed
	t.Lost += u.Lost
	t.Attempts += u.Attempts
	t.Retries += u.Retries
	t.Hedges += u.Hedges
	t.Refused += u.Refused
	t.Peak = max(t.Peak, u.Peak)
	t.answers.addAll(&u.answers)
	t.ends.addAll(&u.ends)
}

func sortedPolicies(of map[string]*PolicyTally) (sorted []PolicyTally) {
	for _, name := range slices.Sorted(maps.Keys(of)) {
		sorted = append(sorted, *of[name])
	}
	return sorted
}
