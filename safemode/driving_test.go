package safemode_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/safemode"
)

// How the tests of this package drive a mode: by hand, as a pipeline's driver would, in virtual time.

var (
	errDown = errors.New("down")
	always  = context.Background()
)

const second = time.Second

// A tester is a test of package testing or of rapid.
type tester interface {
	require.TestingT
	Helper()
}

// A gate is a mode, or what one sees of it.
type gate interface {
	Acquire(ctx context.Context) (uint64, error)
	Release(token uint64, err error)
}

// simple returns an automatic mode that is easy to count with: it engages when half of 10 calls or more fail for 10 s, for 30 s, and twice
// as long each time up to 2 min; then 2 probes with leases of 4 s, and then half of the calls and all of them, for 3 s and 4 calls. A
// quarter of failures is too many for that.
func simple(more ...safemode.AutomaticOption) safemode.Option {
	return safemode.Automatic(append([]safemode.AutomaticOption{
		safemode.MinCalls(10), safemode.FailureRate(0.5), safemode.Sustain(10 * second), safemode.Window(10 * second),
		safemode.EngagedFor(30 * second), safemode.EngagedGrowth(2, 2*time.Minute), safemode.EngagedJitter(0),
		safemode.Probes(2), safemode.ProbeLease(4 * second), safemode.ReleaseRate(0.25),
		safemode.Steps(2, 1), safemode.StepAtLeast(3*second, 4),
	}, more...)...)
}

// in tells a story in virtual time.
func in(t *testing.T, name string, story func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, story) })
}

// begin begins a call, which must be admitted, and returns its token.
func begin(t tester, g gate) uint64 {
	t.Helper()
	token, err := g.Acquire(always)
	require.NoError(t, err, "the call should go")
	return token
}

// calls makes n calls that end with err.
func calls(t tester, g gate, n int, err error) {
	t.Helper()
	for range n {
		g.Release(begin(t, g), err)
	}
}

// refused begins a call, which must be refused, and returns how.
func refused(t tester, g gate) *safemode.EngagedError {
	t.Helper()
	token, err := g.Acquire(always)
	require.Error(t, err, "the call should be refused")
	require.Zero(t, token)
	var engaged *safemode.EngagedError
	require.ErrorAs(t, err, &engaged)
	return engaged
}

// fails makes ten calls a second that fail, for as long as it takes a simple mode to go a level further.
func fails(t tester, m *safemode.Mode, g gate) {
	t.Helper()
	from := m.Level()
	for range 11 {
		for range 10 {
			calls(t, g, 1, errDown)
			if m.Level() > from {
				return
			}
		}
		time.Sleep(second)
	}
	require.Fail(t, "it should have engaged")
}

// toDegraded makes a simple mode degraded by itself.
func toDegraded(t tester, m *safemode.Mode) {
	t.Helper()
	fails(t, m, m)
	require.Equal(t, safemode.Degraded, m.Level())
}

// toTry makes a mode's wait pass.
func toTry(t tester, m *safemode.Mode) {
	t.Helper()
	require.Positive(t, m.Snapshot().NextTry)
	time.Sleep(m.Snapshot().NextTry)
}

// toStep makes a simple mode that is to try reach its first step.
func toStep(t tester, m *safemode.Mode) {
	t.Helper()
	calls(t, m, 2, nil)
	require.InDelta(t, 0.5, m.Snapshot().Share, 0)
}

// tries makes n calls, and returns how many went; they end with err.
func tries(g gate, n int, err error) (went int) {
	for range n {
		if token, refusal := g.Acquire(always); refusal == nil {
			g.Release(token, err)
			went++
		}
	}
	return went
}

// A diary is a listener that remembers.
type diary struct {
	mu    sync.Mutex
	pages []safemode.Change
}

func (d *diary) write(c safemode.Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pages = append(d.pages, c)
}

// read returns what was written.
func (d *diary) read() []safemode.Change {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]safemode.Change(nil), d.pages...)
}

// causes returns why the mode changed.
func (d *diary) causes() []safemode.Cause {
	var causes []safemode.Cause
	for _, page := range d.read() {
		causes = append(causes, page.Cause)
	}
	return causes
}
