package main

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/fault"
)

// perSecond is how many calls each client makes of each method: one each tick.
const (
	perSecond = 40
	tick      = time.Second / perSecond
)

// A result is how one call ended.
type result struct {
	act    int // in which it was due
	method string
	crowd  bool
	number int64
	at     time.Duration // since its act began
	took   time.Duration // from when it was due, which is what a user waits
	err    error
	said   string // by err, at once: a breaker's says when the next probe is, from now
}

// end notes how the call ended.
func (r *result) end(err error, took time.Duration) {
	r.took, r.err = took, err
	if err != nil {
		r.said = fmt.Sprintf("%v: %v", status.Code(err), err)
	}
}

// refused reports whether the call was not made at all.
func (r *result) refused() bool { return fault.Of(r.err) == fault.ClassRejected }

// A load is what both sides bear, and what came of it.
type load struct {
	sides    []*side
	calls    sync.WaitGroup
	restarts sync.WaitGroup

	mu      sync.Mutex
	results [][]result // by side
	delays  latencies  // by which calls were made later than they were due: this machine is busy with something else
	errs    []error    // of servers that did not come back
}

// run has the sides live through the day. It is open-loop: a call is made when it is due, whether or not those before have ended.
func run(day []act, sides []*side, begin func(act)) (*load, error) {
	line := newProgress(os.Stderr)
	defer line.clear()
	l := &load{sides: sides, results: make([][]result, len(sides))}
	done := make(chan struct{})
	var probes sync.WaitGroup
	for _, s := range sides {
		probes.Go(func() { s.probe.run(done) })
	}
	for i, a := range day {
		for _, s := range sides {
			s.begin(i)
		}
		line.clear()
		begin(a)
		l.play(i, a, line)
	}
	line.say("waiting for the last calls to end")
	l.calls.Wait()
	l.restarts.Wait()
	close(done)
	probes.Wait()
	return l, errors.Join(l.errs...)
}

// play makes the calls of an act.
func (l *load) play(n int, a act, line *progress) {
	began := time.Now()
	l.restart(a)
	for i := range int(a.length / tick) {
		at := time.Duration(i) * tick
		due := began.Add(at)
		time.Sleep(time.Until(due))
		l.late(time.Since(due))
		line.say("%v of %v", at.Round(time.Second/10), a.length)
		number := int64(n)<<32 + int64(i)
		for k := range l.sides {
			side := (i + k) % len(l.sides) // in turn the first
			for _, method := range methods() {
				l.make(side, due, result{act: n, method: method, number: number, at: at})
			}
			for c := range a.crowd / perSecond {
				l.make(side, due, result{act: n, method: get, crowd: true, number: -1 - int64(i*a.crowd+c), at: at})
			}
		}
	}
	time.Sleep(time.Until(began.Add(a.length)))
}

// make makes a call that is due.
func (l *load) make(side int, due time.Time, r result) {
	caller := l.sides[side].client
	if r.crowd {
		caller = l.sides[side].crowd
	}
	l.calls.Go(func() {
		err := caller.call(r.method, r.number)
		r.end(err, time.Since(due))
		l.mu.Lock()
		defer l.mu.Unlock()
		l.results[side] = append(l.results[side], r)
	})
}

// restart restarts the servers when it is time.
func (l *load) restart(a act) {
	began := time.Now()
	for _, s := range l.sides {
		l.restarts.Go(func() {
			for _, r := range a.restarts {
				time.Sleep(time.Until(began.Add(r.at)))
				l.note(s.restart(r.graceful))
			}
		})
	}
}

// note keeps an error, if there is one.
func (l *load) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errs = append(l.errs, err)
}

func (l *load) late(by time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delays = append(l.delays, by)
}
