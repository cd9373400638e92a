package breaker_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
)

// What differs from gobreaker v2 on purpose, and why; each with a story that shows it, and with what is done about it where random
// histories through both are compared, in gobreaker_property_test.go.
var gobreakerDifferences = []struct {
	what, why, there string
	story            func(t *testing.T)
}{
	{
		what:  "the open time is over when it is over (>=), not an instant later (>)",
		why:   "a caller who waits as long as he was told to should not be told to wait again",
		there: "gobreaker gets a nanosecond less",
		story: func(t *testing.T) {
			ours, theirs := simple(), another(gobreaker.Settings{Timeout: 10 * time.Second})
			toOpen(t, ours)
			theirs.calls(t, 3, errDown)
			time.Sleep(10 * time.Second)
			assert.Equal(t, breaker.HalfOpen, ours.State())
			assert.Equal(t, gobreaker.StateOpen, theirs.State())
		},
	},
	{
		what:  "half-open admits N at a time, not N in all",
		why:   "a probe that has come back, or was lost, must not keep others from probing: theirs stays half-open for good",
		there: "a call that only ours admits is checked to be one of these, and taken back",
		story: func(t *testing.T) {
			ours, theirs := simple(), another(gobreaker.Settings{Timeout: 10 * time.Second, MaxRequests: 2})
			toHalfOpen(t, ours)
			theirs.calls(t, 3, errDown)
			time.Sleep(10*time.Second + 1)
			begin(t, ours)
			theirs.begin(t)
			call(t, ours, nil)
			theirs.calls(t, 1, nil)
			begin(t, ours)
			_, err := theirs.Allow()
			require.ErrorIs(t, err, gobreaker.ErrTooManyRequests)

			time.Sleep(1000 * time.Hour) // the first was lost, and so was the last
			calls(t, ours, 2, nil)
			assert.Equal(t, breaker.Closed, ours.State())
			_, err = theirs.Allow()
			require.ErrorIs(t, err, gobreaker.ErrTooManyRequests, "for ever")
		},
	},
	{
		what:  "a window counts a call where it ended, not where it began",
		why:   "that a call timed out is news when it did; when it began may have left the window by then",
		there: "a call that has outlived its bucket is excluded, or ends in another state, where it counts for nothing",
		story: func(t *testing.T) {
			ours, theirs := breaker.New(), another(rollingTenSeconds)
			token, done := begin(t, ours), theirs.begin(t)
			time.Sleep(9500 * time.Millisecond)
			ours.Release(token, errDown)
			done(errDown)
			time.Sleep(time.Second)
			assert.Equal(t, uint64(1), ours.Snapshot().Counts.Failures)
			assert.Zero(t, theirs.failures())
		},
	},
	{
		what:  "a window's tenths begin where the breaker did, not where its state did",
		why:   "a ring that nobody has to set up anew needs no lock",
		there: "half-open calls end on the beat, where both begin a bucket",
		story: func(t *testing.T) {
			ours, theirs := simple(breaker.Probes(1)), another(rollingTenSeconds)
			toOpen(t, ours)
			theirs.calls(t, 3, errDown)
			time.Sleep(10*time.Second + 500*time.Millisecond)
			call(t, ours, nil)
			theirs.calls(t, 1, nil)
			call(t, ours, errDown)
			theirs.calls(t, 1, errDown)
			time.Sleep(9500 * time.Millisecond)
			assert.Zero(t, ours.Snapshot().Counts.Failures)
			assert.Equal(t, uint32(1), theirs.failures())
		},
	},
	{
		what:  "there are no fixed windows",
		why:   "half an outage before the window ends and half of it after would be none",
		there: "not compared",
		story: func(t *testing.T) {
			ours, theirs := simple(breaker.ConsecutiveFailures(4)), another(gobreaker.Settings{Interval: 10 * time.Second})
			time.Sleep(9 * time.Second)
			calls(t, ours, 2, errDown)
			theirs.calls(t, 2, errDown)
			time.Sleep(2 * time.Second)
			calls(t, ours, 2, errDown)
			theirs.calls(t, 2, errDown)
			assert.Equal(t, breaker.Open, ours.State())
			assert.Equal(t, gobreaker.StateClosed, theirs.State())
		},
	},
	{
		what:  "time does not end a row of failures",
		why:   "where calls are rare, a row is all that there is to tell by",
		there: "rows are compared where nothing leaves gobreaker's window",
		story: func(t *testing.T) {
			ours, theirs := simple(), another(rollingTenSeconds)
			for range 3 {
				call(t, ours, errDown)
				theirs.calls(t, 1, errDown)
				time.Sleep(6 * time.Second)
			}
			assert.Equal(t, breaker.Open, ours.State())
			assert.Equal(t, gobreaker.StateClosed, theirs.State())
		},
	},
}

func TestDifferencesFromGobreaker(t *testing.T) {
	for _, d := range gobreakerDifferences {
		t.Run(d.what, func(t *testing.T) {
			synctest.Test(t, d.story)
			if t.Failed() {
				t.Logf("why: %s; where histories are compared: %s", d.why, d.there)
			}
		})
	}
}

var rollingTenSeconds = gobreaker.Settings{Interval: 10 * time.Second, BucketPeriod: time.Second, Timeout: 10 * time.Second}

// A gobreaking is a gobreaker, driven as ours is.
type gobreaking struct {
	*gobreaker.TwoStepCircuitBreaker[any]
}

// another returns a gobreaker that opens at 3 failures in a row.
func another(settings gobreaker.Settings) gobreaking {
	settings.ReadyToTrip = func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 3 }
	return gobreaking{gobreaker.NewTwoStepCircuitBreaker[any](settings)}
}

func (g gobreaking) begin(t *testing.T) (done func(error)) {
	t.Helper()
	done, err := g.Allow()
	require.NoError(t, err)
	return done
}

func (g gobreaking) calls(t *testing.T, n int, err error) {
	t.Helper()
	for range n {
		g.begin(t)(err)
	}
}

// failures returns how many the window holds. Counts alone does not let it roll on.
func (g gobreaking) failures() uint32 {
	g.State()
	return g.Counts().TotalFailures
}
