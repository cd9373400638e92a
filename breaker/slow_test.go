package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// A call is slow when it takes longer than it is given, however it ends, unless its end is not counted at all.
func TestSlowCalls(t *testing.T) {
	for _, test := range []struct {
		name  string
		takes time.Duration
		err   error
		want  breaker.Counts
	}{
		{"in time", time.Second, nil, breaker.Counts{Calls: 1}},
		{"a little late", time.Second + time.Microsecond, nil, breaker.Counts{Calls: 1, Slow: 1}},
		{"late, and it failed", time.Minute, errDown, breaker.Counts{Calls: 1, Failures: 1, Slow: 1, Consecutive: 1}},
		{"late, and the answer is no", time.Minute, fault.Permanent(errDown), breaker.Counts{Calls: 1, Slow: 1}},
		{"late, and the caller has gone", time.Minute, fault.End(errDown, fault.ClassCanceled), breaker.Counts{}},
		{"late, and it is to be ignored", time.Minute, fault.Ignore(errDown), breaker.Counts{}},
		{"overtaken when it was slow for the hedge", time.Millisecond, fault.Superseded(true), breaker.Counts{Calls: 1, Slow: 1, Consecutive: 1}},
		{"overtaken early, after long", time.Minute, fault.Superseded(false), breaker.Counts{}},
		{"a week late", 7 * 24 * time.Hour, nil, breaker.Counts{Calls: 1, Slow: 1}},
	} {
		in(t, test.name, func(t *testing.T) {
			b := simple(breaker.SlowCalls(time.Second, 0.5))
			time.Sleep(12345 * time.Hour) // the clock in a token comes around in between
			token := begin(t, b)
			time.Sleep(test.takes)
			b.Release(token, test.err)
			assert.Equal(t, test.want, b.Snapshot().Counts)
		})
	}
}

// takes makes a call that takes a while.
func takes(t tester, b *breaker.Breaker, d time.Duration, err error) {
	t.Helper()
	token := begin(t, b)
	time.Sleep(d)
	b.Release(token, err)
}

// Slow calls open by a rate of their own, of at least MinCalls.
func TestSlowRate(t *testing.T) {
	slowly := breaker.SlowCalls(10*time.Millisecond, 0.3)
	in(t, "3 of 10", func(t *testing.T) {
		b := simple(slowly)
		calls(t, b, 7, nil)
		for range 2 {
			takes(t, b, 20*time.Millisecond, nil)
		}
		assert.Equal(t, breaker.Closed, b.State())
		takes(t, b, 20*time.Millisecond, nil)
		assert.Equal(t, breaker.CauseSlowRate, b.Snapshot().Cause)
	})
	in(t, "not of 9", func(t *testing.T) {
		b := simple(slowly)
		for range 9 {
			takes(t, b, 20*time.Millisecond, nil)
		}
		assert.Equal(t, breaker.Closed, b.State())
	})
	in(t, "alone, without any other reason to open", func(t *testing.T) {
		b := simple(slowly, breaker.NoFailureRate(), breaker.ConsecutiveFailures(0))
		calls(t, b, 20, errDown)
		assert.Equal(t, breaker.Closed, b.State())
		for range 9 {
			takes(t, b, 20*time.Millisecond, nil)
		}
		assert.Equal(t, breaker.CauseSlowRate, b.Snapshot().Cause, "9 of 29")
	})
}

// Probes are measured by the same time and rate.
func TestSlowProbes(t *testing.T) {
	for _, test := range []struct {
		name string
		slow int // of 4 probes, at a rate of half
		want breaker.State
	}{{"none", 0, breaker.Closed}, {"fewer", 1, breaker.Closed}, {"half", 2, breaker.Open}} {
		in(t, test.name, func(t *testing.T) {
			b := simple(breaker.SlowCalls(time.Second, 0.5), breaker.Probes(4))
			toHalfOpen(t, b)
			for range test.slow {
				takes(t, b, time.Second+1, nil)
			}
			for range 4 - test.slow {
				if b.State() == breaker.HalfOpen {
					takes(t, b, time.Second, nil)
				}
			}
			assert.Equal(t, test.want, b.State())
		})
	}
}
