package ductiletest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// A server is a dependency at work. What asks it runs on the goroutine of the call.
type server struct {
	Dependency
	seed   uint64
	copies bool // of a call may come at one instant
	seen   *recording
	work   sync.WaitGroup // what it works on, for callers who are gone, too

	mu    sync.Mutex
	chaos rand.PCG   // begins anew for each piece of work
	dice  *rand.Rand // of chaos
	busy  int        // up to Capacity
	line  []*place   // who waits, first come first; some of them have gone
	waits int        // for how many of them there will be work
}

func newServer(d Dependency, seed uint64, seen *recording) *server {
	s := &server{Dependency: d, seed: seed, seen: seen}
	s.dice = rand.New(&s.chaos)
	return s
}

// A task is one piece of work: the nth that a call asks for.
type task struct {
	call, nth uint64
	made      time.Duration // the call
}

// ask has the dependency do a piece of work, and returns what the caller gets for it.
//
// Whoever has waited for the end of a context, or may have been started by another's, goes on some nanoseconds later than everybody else. What
// happens at one instant happens in an order that only the runtime knows.
func (s *server) ask(ctx context.Context, w task) error {
	s.work.Add(1)
	defer s.work.Done()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.copies && s.seen.now() != w.made { // its call was made at an instant of its own
		if time.Sleep(w.odd()); ctx.Err() != nil {
			return ctx.Err() // of a copy that was on its way when another won
		}
	}
	err := s.do(ctx, w)
	if ctx.Err() != nil {
		time.Sleep(w.odd())
	}
	return err
}

// do does a piece of work.
func (s *server) do(ctx context.Context, w task) error {
	at := s.seen.attempt()
	if o := s.ailing(at); o != nil {
		if o.dead() {
			return errUnreachable
		}
		if o.Hangs {
			if s.wait(ctx, o.To-at+w.odd()) {
				return errUnreachable
			}
			return ctx.Err()
		}
	}
	if s.Capacity == 0 {
		took, err := s.begin(w)
		if !s.wait(ctx, took) {
			return ctx.Err()
		}
		return err
	}
	turn, full := s.enter(w)
	if full {
		return fault.Overload(errLineFull, 0)
	}
	if turn != nil {
		select {
		case <-turn.come:
		case <-ctx.Done():
			s.leave(turn)
			return ctx.Err()
		}
	}
	took, err := s.begin(w)
	begun := time.Now()
	if took += w.odd(); s.wait(ctx, took) {
		s.free()
		return err
	}
	s.drop(took - time.Since(begun))
	return ctx.Err()
}

// ailing returns the outage at a time, nil if all is well.
func (s *server) ailing(at time.Duration) *Outage {
	for i := range s.Outages {
		if o := &s.Outages[i]; at >= o.From && at < o.To {
			return o
		}
	}
	return nil
}

// begin says how long a piece of work that begins now takes, and how it ends. What the user's laws get wrong ends the simulation.
func (s *server) begin(w task) (took time.Duration, err error) {
	at := s.seen.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if r := recover(); r != nil {
			took, err = 0, errNotDone
			s.seen.wrong(fmt.Errorf("ductiletest: Simulate: a law of the dependency panicked at %v: %v", at, r))
		}
	}()
	s.chaos.Seed(mixed(s.seed, w.call), mixed(w.nth, ofWork))
	if took = s.Latency.at(s.dice, at); took < 0 {
		s.seen.wrong(refuse.Value("ductiletest", "Dependency.Latency", took, fmt.Sprintf("zero or above, and at %v it is not", at)))
		took = 0
	}
	took = min(took, year)
	err = s.Failures.at(s.dice, at)
	if o := s.ailing(at); o != nil {
		if o.Slower > 0 {
			took = span(float64(took) * o.Slower)
		}
		if o.Fails > 0 && s.dice.Float64() < o.Fails && err == nil {
			err = errNotDone
		}
	}
	return took, err
}

// wait reports whether a time passes before the context ends. Where it ends at the same nanosecond, it ends first.
func (s *server) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) == d || s.copies {
		d++ // and so does a copy that is due at this nanosecond
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// odd returns another time below 0.1 ms for each task: see apartBy. It is by chance, for tasks meet in no order.
func (w task) odd() time.Duration {
	const prime = 99_991
	return time.Duration(mixed(w.call, w.nth) % prime)
}

// What a draw is for, so that no two draw the same.
const (
	ofLoad = iota + 1
	ofWork
	ofPolicy
)

// mixed makes one seed of two: splitmix64, by Steele, Lea and Flood ("Fast Splittable Pseudorandom Number Generators", 2014).
func mixed(a, b uint64) uint64 {
	z := a + 0x9e3779b97f4a7c15*(b+1)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
