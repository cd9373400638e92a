package breaker_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
)

// How the tests of this package drive a breaker: by hand, as a pipeline's driver would, in virtual time.

var (
	errDown = errors.New("down")
	always  = context.Background()
)

// A tester is a test of package testing or of rapid.
type tester interface {
	require.TestingT
	Helper()
}

// simple returns a breaker that is easy to count with: it opens at 3 failures in a row or half of 10 calls, for 10 s each time; then
// 2 probes, of which none may fail, with leases of 4 s.
func simple(more ...breaker.Option) *breaker.Breaker {
	return breaker.New(append([]breaker.Option{
		breaker.ConsecutiveFailures(3), breaker.MinCalls(10), breaker.FailureRate(0.5),
		breaker.OpenTime(10 * time.Second), breaker.OpenTimeGrowth(1, time.Minute), breaker.OpenTimeJitter(0),
		breaker.Probes(2), breaker.ProbeFailureRate(0.5), breaker.ProbeLease(4 * time.Second),
	}, more...)...)
}

// in tells a story in virtual time.
func in(t *testing.T, name string, story func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, story) })
}

// begin begins a call, which must be admitted, and returns its token.
func begin(t tester, b *breaker.Breaker) uint64 {
	t.Helper()
	token, err := b.Acquire(always)
	require.NoError(t, err, "the call should go")
	return token
}

// call makes a call, which must be admitted, and ends with err.
func call(t tester, b *breaker.Breaker, err error) {
	t.Helper()
	b.Release(begin(t, b), err)
}

// calls makes n calls that end with err.
func calls(t tester, b *breaker.Breaker, n int, err error) {
	t.Helper()
	for range n {
		call(t, b, err)
	}
}

// refused begins a call, which must be refused, and returns how.
func refused(t tester, b *breaker.Breaker) *breaker.OpenError {
	t.Helper()
	token, err := b.Acquire(always)
	require.Error(t, err, "the call should be refused")
	require.Zero(t, token)
	var open *breaker.OpenError
	require.ErrorAs(t, err, &open)
	return open
}

// toOpen makes a simple breaker open.
func toOpen(t tester, b *breaker.Breaker) {
	t.Helper()
	calls(t, b, 3, errDown)
	require.Equal(t, breaker.Open, b.State())
}

// toHalfOpen makes a simple breaker half-open, and time pass.
func toHalfOpen(t tester, b *breaker.Breaker) {
	t.Helper()
	toOpen(t, b)
	time.Sleep(b.Snapshot().NextProbe)
	require.Equal(t, breaker.HalfOpen, b.State())
}

// A diary is a listener that remembers.
type diary struct {
	mu    sync.Mutex
	pages []breaker.Transition
}

func (d *diary) write(t breaker.Transition) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pages = append(d.pages, t)
}

// read returns what was written.
func (d *diary) read() []breaker.Transition {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]breaker.Transition(nil), d.pages...)
}

// states returns the states that were entered.
func (d *diary) states() []breaker.State {
	var states []breaker.State
	for _, page := range d.read() {
		states = append(states, page.To)
	}
	return states
}
