package breaker_test

import (
	"time"

	"github.com/ductile-go/ductile/breaker"
)

// A model is what one breaker should do, told as plainly as can be: it knows each call by its number, keeps whole lists, and lets time pass
// before anything else happens. Where the breaker has generations, words of bits and rings of slices, it has nothing of the kind.
type model struct {
	state breaker.State
	since time.Duration
	opens int                   // in a row
	ended []ended               // the counted calls of this state
	out   map[int]time.Duration // the calls of this state that have not ended, and when their leases do
}

type ended struct {
	at time.Duration
	is string // success, failure or slow
}

const (
	minCalls, inARow     = 5, 3
	probes, lease, never = 3, 4 * time.Second, time.Duration(1<<63 - 1)
	firstOpen, mostOpen  = 10 * time.Second, 35 * time.Second
)

// like returns a breaker that should be as a model.
func like(more ...breaker.Option) *breaker.Breaker {
	return breaker.New(append([]breaker.Option{
		breaker.FailureRate(0.5), breaker.MinCalls(minCalls), breaker.ConsecutiveFailures(inARow), breaker.OpenTime(firstOpen),
		breaker.OpenTimeGrowth(2, mostOpen), breaker.OpenTimeJitter(0), breaker.Probes(probes), breaker.ProbeLease(lease),
	}, more...)...)
}

func (m *model) enter(state breaker.State, at time.Duration) {
	m.state, m.since, m.ended, m.out = state, at, nil, map[int]time.Duration{}
	switch state {
	case breaker.Open:
		m.opens++
	case breaker.HalfOpen:
	default:
		m.opens = 0
	}
}

func (m *model) until() time.Duration { return m.since + min(firstOpen<<(m.opens-1), mostOpen) }

// pass lets the time up to now pass: what it brings happens one after the other.
func (m *model) pass(now time.Duration) {
	for {
		switch first, ends := m.firstLease(); {
		case m.state == breaker.Open && m.until() <= now:
			m.enter(breaker.HalfOpen, m.until())
		case m.state == breaker.HalfOpen && ends <= now:
			m.end(first, failure, ends)
		default:
			return
		}
	}
}

func (m *model) firstLease() (first int, ends time.Duration) {
	ends = never
	for call, at := range m.out {
		if at < ends {
			first, ends = call, at
		}
	}
	return first, ends
}

// begin begins a call, or not.
func (m *model) begin(call int, now time.Duration) bool {
	switch {
	case m.state == breaker.HalfOpen && len(m.out) < probes:
		m.out[call] = now + lease
	case m.state == breaker.Closed, m.state == breaker.ForcedClosed:
		m.out[call] = never
	default:
		return false
	}
	return true
}

// end ends a call, and decides what follows.
func (m *model) end(call int, is string, now time.Duration) {
	if _, mine := m.out[call]; !mine {
		return
	}
	delete(m.out, call)
	if is == uncounted {
		return
	}
	m.ended = append(m.ended, ended{now, is})
	c, of := m.counts(now), uint64(probes)
	if m.state != breaker.HalfOpen {
		of = c.Calls
	}
	bad := 10*c.Failures >= 5*of || 10*c.Slow >= 9*of
	switch {
	case m.state == breaker.HalfOpen && bad:
		m.enter(breaker.Open, now)
	case m.state == breaker.HalfOpen && c.Calls >= probes:
		m.enter(breaker.Closed, now)
	case m.state == breaker.Closed && is != success && (c.Calls >= minCalls && bad || c.Calls < minCalls && c.Consecutive >= inARow):
		m.enter(breaker.Open, now)
	}
}

func (m *model) counts(now time.Duration) (c breaker.Counts) {
	const tenth = time.Second
	one := map[bool]uint64{true: 1}
	for _, e := range m.ended {
		switch e.is {
		case failure, slow:
			c.Consecutive++
		case success:
			c.Consecutive = 0
		default:
		}
		if m.state == breaker.HalfOpen || e.at/tenth+10 > now/tenth {
			c.Calls++
			c.Failures += one[e.is == failure]
			c.Slow += one[e.is == slow]
		}
	}
	if m.state == breaker.HalfOpen {
		c.Consecutive = 0 // nobody asks
	}
	return c
}
