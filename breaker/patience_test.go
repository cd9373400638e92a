package breaker_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// A timeout of a caller who gave the dependency less than MinPatience says something of the caller, and nothing of the dependency.
func TestMinPatience(t *testing.T) {
	counted, not := breaker.Counts{Calls: 1, Failures: 1}, breaker.Counts{}
	passed := fault.End(errDown, fault.ClassTimeout) // the driver's word that it was this deadline
	for _, test := range []struct {
		name  string
		gives time.Duration // zero for no deadline
		end   error
		want  breaker.Counts
	}{
		{"no deadline", 0, passed, counted},
		{"as much as asked for", 100 * time.Millisecond, passed, counted},
		{"more", time.Second, passed, counted},
		{"a little less", 100*time.Millisecond - 1, passed, not},
		{"nothing", -1, passed, not},
		{"less, and a timeout inside passed", time.Millisecond, context.DeadlineExceeded, counted},
		{"less, and it failed before", time.Millisecond, errDown, counted},
		{"less, and it was overloaded", time.Millisecond, fault.Overload(errDown, 0), counted},
		{"less, and it panicked", time.Millisecond, fault.ErrAborted, counted},
		{"less, and it was enough", time.Millisecond, nil, breaker.Counts{Calls: 1}},
	} {
		call := func(t *testing.T, b *breaker.Breaker) {
			ctx := always
			if test.gives != 0 {
				within, cancel := context.WithDeadline(always, time.Now().Add(test.gives))
				defer cancel()
				ctx = within
			}
			token, err := b.Acquire(ctx)
			require.NoError(t, err)
			b.Release(token, test.end)
		}
		t.Run(test.name, func(t *testing.T) {
			in(t, "closed", func(t *testing.T) {
				b := simple(breaker.MinPatience(100*time.Millisecond), breaker.SlowCalls(time.Hour, 1)) // the token holds both
				call(t, b)
				got := b.Snapshot().Counts
				got.Consecutive = 0
				assert.Equal(t, test.want, got)
			})
			in(t, "half-open", func(t *testing.T) {
				b := simple(breaker.MinPatience(100*time.Millisecond), breaker.Probes(3), breaker.ProbeFailureRate(1))
				toHalfOpen(t, b)
				call(t, b)
				assert.Equal(t, test.want, b.Snapshot().Counts)
			})
		})
	}
}

// One caller in a hurry cannot open the breaker for all; without MinPatience he can.
func TestImpatientCallerAlone(t *testing.T) {
	for _, test := range []struct {
		name    string
		options []breaker.Option
		want    breaker.State
	}{
		{"off", nil, breaker.Open},
		{"on", []breaker.Option{breaker.MinPatience(50 * time.Millisecond)}, breaker.Closed},
	} {
		in(t, test.name, func(t *testing.T) {
			b := simple(test.options...)
			for range 3 {
				ctx, cancel := context.WithTimeout(always, 10*time.Millisecond)
				token, err := b.Acquire(ctx)
				require.NoError(t, err)
				<-ctx.Done()
				b.Release(token, fault.End(ctx.Err(), fault.ClassTimeout))
				cancel()
			}
			assert.Equal(t, test.want, b.State())
		})
	}
}
