package ductiletest

import (
	"sync"
	"time"
)

// A recording is the result while it grows.
type recording struct {
	begin    time.Time
	result   *Result
	policies map[string]*PolicyTally

	mu      sync.Mutex
	problem error // the first
	over    bool  // all calls have ended
	seconds []second
	unit    time.Duration // of seconds
	busy    time.Duration // the second in which so many attempts have
	reached int
}

// second is what became of the calls that were made in one.
type second struct{ offered, answered uint32 }

// mostSeconds is how many seconds are told apart. Of a longer simulation they are longer.
const mostSeconds = 100_000

// rowFor returns a time that people would choose, of which 10 to 25 are a simulation.
func rowFor(total time.Duration) time.Duration {
	const us, ms, s, m = time.Microsecond, time.Millisecond, time.Second, time.Minute
	for _, row := range [...]time.Duration{
		us, 2 * us, 5 * us, 10 * us, 20 * us, 50 * us, 100 * us, 200 * us, 500 * us, ms, 2 * ms, 5 * ms, 10 * ms, 20 * ms, 50 * ms, 100 * ms,
		200 * ms, 500 * ms, s, 2 * s, 5 * s, 10 * s, 15 * s, 30 * s, m, 2 * m, 5 * m, 10 * m, 15 * m, 30 * m,
	} {
		if total/25 <= row {
			return row
		}
	}
	row := time.Hour
	for total/25 > row {
		row *= 2
	}
	return row
}

// start begins the recording, in the bubble.
func (r *recording) start() {
	s := &r.result.Simulation
	r.begin, r.policies = time.Now(), map[string]*PolicyTally{}
	for from := time.Duration(0); from < s.Load.For; from += s.Every {
		r.result.Rows = append(r.result.Rows, Row{From: from, To: min(from+s.Every, s.Load.For)})
	}
	r.unit = time.Second
	for s.Load.For/r.unit > mostSeconds {
		r.unit *= 10
	}
	r.seconds = make([]second, s.Load.For/r.unit+1)
}

// now returns the time since the simulation began.
func (r *recording) now() time.Duration { return time.Since(r.begin) }

// row returns the row of a time. What comes after the last belongs to that.
func (r *recording) row(at time.Duration) *Tally {
	rows := r.result.Rows
	return &rows[min(int64(at/r.result.Simulation.Every), int64(len(rows)-1))].Tally
}

// policy returns the tally of a policy.
func (r *recording) policy(name string) *PolicyTally {
	p := r.policies[name]
	if p == nil {
		p = &PolicyTally{Policy: name}
		r.policies[name] = p
	}
	return p
}

// count is where everything is counted: in the row of now.
func (r *recording) count(f func(*Tally)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(r.row(r.now()))
}

// attempt counts what reaches the dependency, and returns when that is.
func (r *recording) attempt() time.Duration {
	at := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := at / time.Second; now != r.busy {
		r.busy, r.reached = now, 0
	}
	r.reached++
	row := r.row(at)
	row.Attempts++
	row.Peak = max(row.Peak, r.reached)
	return at
}

// wrong ends the simulation with what the user has to put right.
func (r *recording) wrong(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.problem == nil {
		r.problem = err
	}
}

func (r *recording) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.problem != nil
}

// finish sums up.
func (r *recording) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	result := r.result
	for i := range result.Rows {
		result.Tally.add(&result.Rows[i].Tally)
	}
	result.Policies = sortedPolicies(r.policies)
	for i, o := range result.Simulation.Dependency.Outages {
		until := result.Simulation.Load.For
		if i+1 < len(result.Simulation.Dependency.Outages) {
			until = result.Simulation.Dependency.Outages[i+1].From
		}
		result.Recoveries = append(result.Recoveries, Recovery{o, r.recovery(o.To, until)})
	}
}

// recovery returns how long after an outage's end, at to, the service was healthy until a time.
func (r *recording) recovery(to, until time.Duration) time.Duration {
	const window = 10
	first, end := int((to+r.unit-1)/r.unit), min(int(until/r.unit), len(r.seconds))
	if first >= end {
		return Never
	}
	healthyFrom := first
	for from := first; from < end && (from == first || from+window <= end); from++ {
		var sum second
		for _, s := range r.seconds[from:min(from+window, end)] {
			sum.offered += s.offered
			sum.answered += s.answered
		}
		if float64(sum.answered) < r.result.Simulation.Healthy*float64(sum.offered) {
			healthyFrom = from + 1
		}
	}
	switch {
	case healthyFrom == first:
		return 0
	case healthyFrom+window > end:
		return Never
	}
	return time.Duration(healthyFrom)*r.unit - to
}
