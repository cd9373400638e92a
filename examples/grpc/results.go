package main

import (
	"slices"
	"time"
)

// results are what became of the calls.
type results struct {
	day             []act
	bare, protected outcome
	delays          latencies
	seen            []string // what happened to the protected pair
}

// An outcome is what became of one side's.
type outcome struct {
	ended         []result
	came          map[string][]int // calls that came to the server, by method and act
	over, told    int              // calls refused for being above the quota, and those of them that were told when to come back
	early, heeded int              // repeats before and after they were told to come
	twice         int              // orders that were reserved more than once
	missing       int              // orders that were answered, and not reserved
	health        []sighting
}

// outcome returns what became of a side's calls, and what its server has to say.
func (s *side) outcome(ended []result) outcome {
	o := outcome{ended: ended, twice: s.twice(), health: s.probe.sightings}
	for _, r := range ended {
		if r.method == reserve && r.err == nil && !s.has(r.number) {
			o.missing++
		}
	}
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	o.came, o.over, o.told, o.early, o.heeded = s.came, s.over, s.told, s.early, s.heeded
	return o
}

// A tally sums calls up.
type tally struct {
	all, answered int
	slow          int       // not answered in the time of an attempt
	took          latencies // of all
	failures      latencies // of those that were not answered
	refused       []string  // what those were told that were not made at all
}

// tally sums up the calls of a row in an act that were due some time after its beginning.
func (o outcome) tally(act int, of row, from time.Duration) (t tally) {
	for _, r := range o.ended {
		if r.act != act || r.at < from || r.crowd != of.crowd || !slices.Contains(of.methods, r.method) {
			continue
		}
		t.all++
		t.took = append(t.took, r.took)
		if r.err != nil || r.took >= attempt {
			t.slow++
		}
		if r.err == nil {
			t.answered++
			continue
		}
		t.failures = append(t.failures, r.took)
		if r.refused() {
			t.refused = append(t.refused, r.said)
		}
	}
	slices.Sort(t.took)
	slices.Sort(t.failures)
	return t
}

// failed returns how many calls were not answered.
func (t tally) failed() int { return t.all - t.answered }

// bore returns how many calls of a row came to the server in an act: those of the crowd once each, for it repeats nothing.
func (o outcome) bore(act int, of row) (n int) {
	if of.crowd {
		return o.tally(act, of, 0).all
	}
	for _, method := range of.methods {
		n += o.came[method][act]
	}
	return n
}

// sightings returns how often the server's health was asked for in an act, and how often it served.
func (o outcome) sightings(act int) (all, served int) {
	for _, s := range o.health {
		if s.act == act {
			all++
			if s.status == serving {
				served++
			}
		}
	}
	return all, served
}

// act returns the number of an act.
func (r results) act(name string) int {
	return slices.IndexFunc(r.day, func(a act) bool { return a.name == name })
}

// tolerable is by how much calls may be late, of which servers know nothing.
const tolerable = 50 * time.Millisecond

// busy reports whether this machine was so busy with something else that times say nothing: calls were made late, or while all was well
// one in a hundred of the bare client's took half as long as an attempt may.
func (r results) busy() bool {
	return r.delays.quantile(99) > tolerable || r.calm().quantile(99) > attempt/2
}

// calm returns how long the bare client waited while all was well.
func (r results) calm() latencies {
	all := row{methods: methods()}
	took := slices.Concat(r.bare.tally(r.act("calm"), all, 0).took, r.bare.tally(r.act("recovery"), all, 0).took)
	slices.Sort(took)
	return took
}
