package breaker_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
)

// A setting is one that both can have.
type setting struct {
	name     string
	probes   int
	openTime time.Duration
	bucket   time.Duration // zero where nothing leaves the window
	ours     []breaker.Option
	theirs   gobreaker.Settings
}

func consecutive(failures, probes int) setting {
	return setting{
		name: fmt.Sprintf("%d failures in a row, %d probes", failures, probes), probes: probes, openTime: 3 * time.Second,
		ours:   []breaker.Option{breaker.NoFailureRate(), breaker.ConsecutiveFailures(failures)},
		theirs: gobreaker.Settings{ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= uint32(failures) }},
	}
}

func rolling(percent, calls, probes int) setting {
	const window = 10 * time.Second
	return setting{
		name: fmt.Sprintf("%d %% of %d calls in a rolling window, %d probes", percent, calls, probes), probes: probes,
		openTime: 3 * time.Second, bucket: window / 10,
		ours: []breaker.Option{
			breaker.Window(window), breaker.FailureRate(float64(percent) / 100), breaker.MinCalls(calls), breaker.ConsecutiveFailures(0),
		},
		theirs: gobreaker.Settings{Interval: window, BucketPeriod: window / 10, ReadyToTrip: func(c gobreaker.Counts) bool {
			ended := int(c.TotalSuccesses + c.TotalFailures)
			return ended >= calls && int(c.TotalFailures)*100 >= percent*ended
		}},
	}
}

// Random histories through our breaker, set up as gobreaker is, and through gobreaker itself (v2, two-step): the same calls are admitted,
// the same state is seen after each step, and a window counts the same. What differs on purpose is in gobreakerDifferences, with the
// reason and with what is done about it here, and nothing else may differ.
func TestHistoriesAreGobreakers(t *testing.T) {
	histories := 100_000
	if testing.Short() || raceEnabled {
		histories /= 20 // there is one goroutine; the race detector would find nothing, slowly
	}
	settings := []setting{
		consecutive(1, 1), consecutive(3, 1), consecutive(2, 3), consecutive(6, 5),
		rolling(50, 4, 1), rolling(30, 10, 2), rolling(100, 3, 3), rolling(1, 1, 1), rolling(60, 5, 4),
	}
	for _, s := range settings {
		in(t, s.name, func(t *testing.T) {
			seen := map[string]int{}
			for n := range histories / len(settings) {
				p := newPair(t, s, uint64(n))
				p.history(60)
				for what, times := range p.seen {
					seen[what] += times
				}
			}
			for _, what := range []string{"closed", "open", "half-open", "refused", "late", "excluded", "reopened", "closed again"} {
				require.Greater(t, seen[what], histories/1000, "histories should not miss what is worth seeing: %s", what)
			}
		})
	}
}

var errExcluded = context.Canceled

// A pair is the two breakers side by side.
type pair struct {
	t       *testing.T
	setting setting
	seed    uint64
	rnd     *rand.Rand
	start   time.Time
	ours    *breaker.Breaker
	theirs  *gobreaker.TwoStepCircuitBreaker[any]
	out     []pending
	changes int // of state
	probed  int // calls of the half-open state that have ended and were counted
	last    string
	steps   []step
	seen    map[string]int
}

// pending is a call that has not ended.
type pending struct {
	token   uint64
	done    func(error)
	changes int // when it began
	bucket  int
}

func newPair(t *testing.T, s setting, seed uint64) *pair {
	t.Helper()
	theirs := s.theirs
	theirs.MaxRequests, theirs.Timeout = uint32(s.probes), s.openTime-1
	theirs.IsExcluded = func(err error) bool { return errors.Is(err, errExcluded) }
	return &pair{
		t: t, setting: s, seed: seed, rnd: rand.New(rand.NewPCG(seed, 1)), start: time.Now(), last: "closed", seen: map[string]int{},
		ours: breaker.New(append([]breaker.Option{
			breaker.OpenTime(s.openTime), breaker.OpenTimeGrowth(1, time.Hour), breaker.OpenTimeJitter(0), breaker.Probes(s.probes),
			breaker.ProbeFailureRate(0.000001), breaker.ProbeLease(0),
		}, s.ours...)...),
		theirs: gobreaker.NewTwoStepCircuitBreaker[any](theirs),
	}
}

// history takes some steps. The chances of an end drift, so that there are good times and bad ones.
func (p *pair) history(steps int) {
	failing := p.rnd.IntN(100)
	for range steps {
		switch dice := p.rnd.IntN(100); {
		case dice < 40:
			p.begin()
		case dice < 80 && len(p.out) > 0:
			p.end(p.rnd.IntN(len(p.out)), failing)
		case dice < 95:
			p.wait()
		default:
			failing = p.rnd.IntN(100)
		}
		p.compare()
	}
}

func (p *pair) begin() {
	token, err := p.ours.Acquire(context.Background())
	done, theirErr := p.theirs.Allow()
	p.note("begin", err, theirErr)
	if p.last == "half-open" && err == nil && errors.Is(theirErr, gobreaker.ErrTooManyRequests) {
		out := p.ours.Snapshot().Probing - 1 // without this one
		require.GreaterOrEqual(p.t, out+p.probed, p.setting.probes, "%s: theirs has admitted fewer than N in all", p)
		require.Less(p.t, out, p.setting.probes, "%s: ours has admitted more than N at once", p)
		p.ours.Release(token, errExcluded)
		return
	}
	same(p, "admission", theirErr == nil, err == nil)
	if err != nil {
		p.seen["refused"]++
		return
	}
	p.out = append(p.out, pending{token, done, p.changes, p.beat()})
}

// end ends a call. One that has outlived its bucket while it could still count is excluded.
func (p *pair) end(i, failing int) {
	c := p.out[i]
	p.out = append(p.out[:i], p.out[i+1:]...)
	if p.last == "half-open" && p.setting.bucket > 0 {
		time.Sleep(time.Duration(p.beat()+1)*p.setting.bucket - time.Since(p.start))
	}
	var err error
	switch dice := p.rnd.IntN(100); {
	case dice < 10, p.last == "closed" && c.changes == p.changes && c.bucket != p.beat():
		err = errExcluded
		p.seen["excluded"]++
	case dice < 10+failing*9/10:
		err = errDown
	}
	if c.changes != p.changes {
		p.seen["late"]++
	} else if p.last == "half-open" && !errors.Is(err, errExcluded) {
		p.probed++
	}
	p.note("end", c.token, err)
	p.ours.Release(c.token, err)
	c.done(err)
}

// wait lets time pass: a little, a while, or exactly to the end of the open time, or to just before it.
func (p *pair) wait() {
	d := time.Duration(p.rnd.Int64N(int64(500 * time.Millisecond)))
	switch p.rnd.IntN(4) {
	case 0:
		d *= 10
	case 1:
		if next := p.ours.Snapshot().NextProbe; next > 0 {
			d = next - time.Duration(p.rnd.IntN(2))
		}
	}
	p.note("wait", d, nil)
	time.Sleep(d)
}

// compare requires that both are in the same state.
func (p *pair) compare() {
	state := p.ours.State().String()
	same(p, "state", p.theirs.State().String(), state)
	if state != p.last {
		p.changes, p.probed = p.changes+1, 0
		if p.last == "half-open" {
			p.seen[map[string]string{"open": "reopened", "closed": "closed again"}[state]]++
		}
		p.last = state
	}
	p.seen[state]++
	if state == "closed" && p.setting.bucket > 0 {
		ours, theirs := p.ours.Snapshot().Counts, p.theirs.Counts()
		same(p, "failures", uint64(theirs.TotalFailures), ours.Failures)
		same(p, "calls", uint64(theirs.TotalFailures+theirs.TotalSuccesses), ours.Calls)
	}
}

func (p *pair) beat() int {
	if p.setting.bucket == 0 {
		return 0
	}
	return int(time.Since(p.start) / p.setting.bucket)
}

// A step is what was done, for the message of what failed; millions of them are never read.
type step struct {
	at   time.Duration
	what string
	with [2]any
}

func (p *pair) note(what string, with ...any) {
	p.steps = append(p.steps, step{time.Since(p.start), what, [2]any(with)})
}

// String is the history so far.
func (p *pair) String() string { return fmt.Sprintf("seed %d: %v", p.seed, p.steps) }

// same requires that both say the same. It is a comparison first, since Equal costs more than both breakers together.
func same[T comparable](p *pair, what string, theirs, ours T) {
	if theirs != ours {
		require.Equal(p.t, theirs, ours, "%s: %s", what, p)
	}
}
