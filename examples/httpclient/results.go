package main

import (
	"slices"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// results are what became of the requests.
type results struct {
	settings
	day             []phase
	bare, protected side
	seen            []string // what the breakers did
}

// A side is what became of one client's.
type side struct {
	ended         []result
	borne         map[string][]count // by host and phase
	early, heeded int                // repeats before and after they were asked to come
	twice         int                // orders
}

// side returns what became of a client's requests, and what its hosts had to bear.
func (c *client) side(ended []result) side {
	s := side{ended: ended, borne: map[string][]count{}}
	for _, h := range c.hosts {
		s.twice += h.twice()
		h.mu.Lock()
		s.borne[h.name] = slices.Clone(h.counts)
		s.early += h.early
		s.heeded += h.heeded
		h.mu.Unlock()
	}
	return s
}

// A tally sums requests up.
type tally struct {
	all, answered int
	took          latencies // of all
	failures      latencies // of those that were not answered
	refused       []string  // what those were told that were not sent at all
}

// tally sums up the requests of a phase to some hosts that were due some time after its beginning.
func (s side) tally(phase int, hosts []string, from time.Duration) (t tally) {
	for _, r := range s.ended {
		if r.phase != phase || r.at < from || !slices.Contains(hosts, r.host) {
			continue
		}
		t.all++
		t.took = append(t.took, r.took)
		if r.err == nil {
			t.answered++
			continue
		}
		t.failures = append(t.failures, r.took)
		if fault.Of(r.err) == fault.ClassRejected { // errors.Is(r.err, breaker.ErrOpen) also where only a repeat was refused
			t.refused = append(t.refused, r.said)
		}
	}
	slices.Sort(t.took)
	slices.Sort(t.failures)
	return t
}

// bore returns what some hosts had to bear in a phase.
func (s side) bore(phase int, hosts []string) (sum count) {
	for _, host := range hosts {
		sum.requests += s.borne[host][phase].requests
		sum.connections += s.borne[host][phase].connections
	}
	return sum
}

// failed returns how many requests were not answered.
func (t tally) failed() int { return t.all - t.answered }

// phase returns the number of a phase.
func (r results) phase(name string) int {
	return slices.IndexFunc(r.day, func(p phase) bool { return p.name == name })
}

// busy reports whether this machine was so busy with something else that times say nothing: of the requests that went well without any
// protection one in a hundred took half as long as an attempt may.
func (r results) busy() bool { return r.calm().quantile(99) > attempt/2 }

// calm returns how long the bare client waited for its answers. Where a host was at fault it has none.
func (r results) calm() (took latencies) {
	for _, e := range r.bare.ended {
		if e.err == nil {
			took = append(took, e.took)
		}
	}
	slices.Sort(took)
	return took
}
