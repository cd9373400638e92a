package breaker_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// A refusal says who refuses, why, since when, and when to come back, where that is known.
func TestRefusal(t *testing.T) {
	for _, test := range []struct {
		name  string
		way   func(t *testing.T, b *breaker.Breaker)
		want  breaker.OpenError // its time is how long ago
		age   time.Duration
		text  string
		after time.Duration // negative where it is not known
	}{
		{
			name:  "open",
			way:   func(t *testing.T, b *breaker.Breaker) { t.Helper(); toOpen(t, b); time.Sleep(3500 * time.Millisecond) },
			want:  breaker.OpenError{State: breaker.Open, Cause: breaker.CauseConsecutive, Last: errDown},
			age:   3500 * time.Millisecond,
			text:  "stock is open: too many calls in a row failed; next probe in 6.5s",
			after: 6500 * time.Millisecond,
		},
		{
			name: "open again",
			way: func(t *testing.T, b *breaker.Breaker) {
				t.Helper()
				toHalfOpen(t, b)
				call(t, b, fault.ErrAborted)
			},
			want:  breaker.OpenError{State: breaker.Open, Cause: breaker.CauseProbesFailed, Last: fault.Original(fault.ErrAborted)},
			text:  "stock is open: too many probes failed; next probe in 10s",
			after: 10 * time.Second,
		},
		{
			name: "open again, for a probe that hangs",
			way: func(t *testing.T, b *breaker.Breaker) {
				t.Helper()
				toHalfOpen(t, b)
				begin(t, b)
				time.Sleep(5 * time.Second)
			},
			want:  breaker.OpenError{State: breaker.Open, Cause: breaker.CauseProbeExpired, Last: errDown},
			age:   time.Second,
			text:  "stock is open: too many probes failed or never reported; next probe in 9s",
			after: 9 * time.Second,
		},
		{
			name: "half-open",
			way: func(t *testing.T, b *breaker.Breaker) {
				t.Helper()
				toHalfOpen(t, b)
				begin(t, b)
				begin(t, b)
				time.Sleep(time.Second)
			},
			want:  breaker.OpenError{State: breaker.HalfOpen, Cause: breaker.CauseTimeUp, Last: errDown},
			age:   time.Second,
			text:  "stock is half-open and all its probes are out",
			after: -1,
		},
		{
			name:  "isolated",
			way:   func(_ *testing.T, b *breaker.Breaker) { b.Isolate("moving house"); time.Sleep(time.Minute) },
			want:  breaker.OpenError{State: breaker.Isolated, Cause: breaker.CauseIsolated, Reason: "moving house"},
			age:   time.Minute,
			text:  "stock is isolated: moving house",
			after: -1,
		},
	} {
		in(t, test.name, func(t *testing.T) {
			b := simple(breaker.Name("stock"))
			test.way(t, b)
			got := refused(t, b)
			assert.Equal(t, test.age, time.Since(got.Since))
			assert.EqualError(t, got, test.text)
			after, known := got.RetryAfter()
			assert.Equal(t, test.after >= 0, known)
			assert.Equal(t, max(test.after, 0), after)
			hint, hinted := fault.RetryAfter(fmt.Errorf("wrapped: %w", got))
			assert.Equal(t, known, hinted, "as the other policies see it")
			assert.Equal(t, after, hint)

			assert.Equal(t, "stock", got.Name)
			assert.Equal(t, test.want.State, got.State)
			assert.Equal(t, test.want.Cause, got.Cause)
			assert.Equal(t, test.want.Reason, got.Reason)
			assert.Equal(t, test.want.Last, got.Last)
			assert.Same(t, got, refused(t, b), "it is made once")
		})
	}
}

// What the rest of a program can tell from it.
func TestRefusalMatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := simple()
		toOpen(t, b)
		var err error = refused(t, b)
		err = fmt.Errorf("stock: %w", err)
		require.ErrorIs(t, err, breaker.ErrOpen)
		require.ErrorIs(t, err, fault.ErrRejected)
		assert.NotErrorIs(t, err, errDown, "the last failure was another call's")
		assert.Equal(t, fault.ClassRejected, fault.Of(err))
		var timeout interface{ Timeout() bool }
		require.ErrorAs(t, err, &timeout)
		assert.False(t, timeout.Timeout())
		assert.NotErrorIs(t, err, errors.New("breaker open"))
	})
}

// An error that somebody kept goes on telling the time.
func TestRefusalGrowsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := simple()
		toOpen(t, b)
		kept := refused(t, b)
		time.Sleep(time.Hour)
		after, known := kept.RetryAfter()
		assert.True(t, known)
		assert.Zero(t, after, "never negative")
	})
}

// States and causes have names for people.
func TestNames(t *testing.T) {
	names := map[breaker.State]string{
		breaker.Closed: "closed", breaker.Open: "open", breaker.HalfOpen: "half-open", breaker.Isolated: "isolated",
		breaker.ForcedClosed: "forced closed", 99: "unknown",
	}
	for state, name := range names {
		assert.Equal(t, name, state.String())
	}
	seen := map[string]bool{}
	for cause := breaker.CauseNone; cause <= breaker.CauseReset; cause++ {
		assert.NotEqual(t, "unknown", cause.String())
		assert.False(t, seen[cause.String()], "%s twice", cause)
		seen[cause.String()] = true
	}
	assert.Equal(t, "unknown", breaker.Cause(99).String())
}
