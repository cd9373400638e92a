package breaker_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
)

// A rate is reached by equality, in exact arithmetic: one failure fewer does not open.
func TestFailureRateIsExact(t *testing.T) {
	for _, test := range []struct {
		name        string
		rate        float64
		calls, need int
	}{
		{"3 of 10 at 0.3, which no float holds", 0.3, 10, 3},
		{"1 of 10 at 0.1, likewise", 0.1, 10, 1},
		{"7 of 10 at 0.7, likewise", 0.7, 10, 7},
		{"1 of 3 at a third", 1.0 / 3, 3, 1},
		{"2 of 3 at two thirds", 2.0 / 3, 3, 2},
		{"1 of 6 at a sixth", 1.0 / 6, 6, 1},
		{"6 of 7 at six sevenths", 6.0 / 7, 7, 6},
		{"29 of 100 at 0.29", 0.29, 100, 29},
		{"333 of 1000 are no third", 1.0 / 3, 1000, 334},
		{"all at 1", 1, 20, 20},
		{"any at the smallest", 0.000001, 1000, 1},
		{"half of an odd number is the greater half", 0.5, 21, 11},
	} {
		t.Run(test.name, func(t *testing.T) {
			for failures, want := range map[int]breaker.State{test.need - 1: breaker.Closed, test.need: breaker.Open} {
				b := breaker.New(breaker.FailureRate(test.rate), breaker.MinCalls(test.calls), breaker.ConsecutiveFailures(0))
				calls(t, b, test.calls-failures, nil)
				calls(t, b, failures, errDown)
				assert.Equal(t, want, b.State(), "%d of %d", failures, test.calls)
			}
		})
	}
}

// The breaker looks at its counts when a call fails or is slow. A success never opens it, though it be the one that completes MinCalls.
func TestSuccessNeverOpens(t *testing.T) {
	b := breaker.New(breaker.MinCalls(10), breaker.ConsecutiveFailures(0))
	calls(t, b, 9, errDown)
	call(t, b, nil)
	assert.Equal(t, breaker.Closed, b.State(), "9 of 10 failed, and now it works")
	call(t, b, errDown)
	assert.Equal(t, breaker.Open, b.State())
}

// Failures in a row open only where the window holds too few calls for a rate.
func TestConsecutiveFailures(t *testing.T) {
	for _, test := range []struct {
		name        string
		options     []breaker.Option
		ok, failing int // first so many calls that succeed, then so many that fail
		want        breaker.State
		cause       breaker.Cause
	}{
		{"one too few", nil, 0, 4, breaker.Closed, breaker.CauseNone},
		{"enough", nil, 0, 5, breaker.Open, breaker.CauseConsecutive},
		{"enough, after successes", nil, 14, 5, breaker.Open, breaker.CauseConsecutive},
		{"as many calls as a rate needs", nil, 15, 5, breaker.Closed, breaker.CauseNone},
		{"many more", nil, 100, 50, breaker.Closed, breaker.CauseNone},
		{"a threshold of one", []breaker.Option{breaker.ConsecutiveFailures(1)}, 0, 1, breaker.Open, breaker.CauseConsecutive},
		{"off", []breaker.Option{breaker.ConsecutiveFailures(0)}, 0, 19, breaker.Closed, breaker.CauseNone},
		{"off, and the rate is on", []breaker.Option{breaker.ConsecutiveFailures(0)}, 0, 20, breaker.Open, breaker.CauseFailureRate},
		{"without a rate there can be any traffic", []breaker.Option{breaker.NoFailureRate()}, 100, 5, breaker.Open, breaker.CauseConsecutive},
		{"without a rate, one too few", []breaker.Option{breaker.NoFailureRate()}, 0, 4, breaker.Closed, breaker.CauseNone},
		{
			"a small count window needs no more calls than it holds",
			[]breaker.Option{breaker.CountWindow(4), breaker.ConsecutiveFailures(0)}, 2, 2, breaker.Open, breaker.CauseFailureRate,
		},
		{
			"both at once are the rate's",
			[]breaker.Option{breaker.MinCalls(5)}, 0, 5, breaker.Open, breaker.CauseFailureRate,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := breaker.New(test.options...)
			calls(t, b, test.ok, nil)
			calls(t, b, test.failing, errDown)
			assert.Equal(t, test.want, b.State())
			assert.Equal(t, test.cause, b.Snapshot().Cause)
		})
	}
}
