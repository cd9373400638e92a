package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// A half-open breaker has exactly so many probes out, and one more goes only when one has come back.
func TestProbesHaveLeases(t *testing.T) {
	in(t, "as many as there are places", func(t *testing.T) {
		b := simple(breaker.Probes(3), breaker.ProbeFailureRate(1))
		toHalfOpen(t, b)
		first := begin(t, b)
		begin(t, b)
		begin(t, b)
		_ = refused(t, b)
		b.Release(first, nil)
		begin(t, b)
		_ = refused(t, b)
		assert.Equal(t, 3, b.Snapshot().Probing)
	})
	in(t, "a probe that says nothing leaves its place to another", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		begin(t, b)
		for range 100 {
			call(t, b, fault.End(errDown, fault.ClassCanceled))
		}
		assert.Equal(t, breaker.HalfOpen, b.State())
		assert.Equal(t, 1, b.Snapshot().Probing)
	})
	in(t, "a place is not given back twice", func(t *testing.T) {
		b := simple(breaker.Probes(3))
		toHalfOpen(t, b)
		one := begin(t, b)
		begin(t, b)
		begin(t, b)
		b.Release(one, nil)
		b.Release(one, nil)
		assert.Equal(t, 2, b.Snapshot().Probing)
		assert.Equal(t, uint64(1), b.Snapshot().Counts.Calls)
		b.Release(one, errDown)
		b.Release(one, errDown)
		assert.Equal(t, breaker.HalfOpen, b.State(), "nor does it report twice")
	})
	in(t, "a place that was never taken is not given back", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		token := begin(t, b)
		begin(t, b)
		b.Release(token+1000, nil)
		b.Release(0, nil)
		assert.Equal(t, 2, b.Snapshot().Probing)
	})
}

// The breaker closes when enough have reported, and opens again as soon as it cannot close any more, whatever the others will say.
func TestProbesDecide(t *testing.T) {
	for _, test := range []struct {
		name    string
		probes  int
		rate    float64
		reports string // + succeeds, - fails, 0 says nothing
		want    breaker.State
	}{
		{"one succeeds", 1, 0.5, "+", breaker.Closed},
		{"one fails", 1, 0.5, "-", breaker.Open},
		{"not enough have reported", 5, 0.5, "++++", breaker.HalfOpen},
		{"all succeed", 5, 0.5, "+++++", breaker.Closed},
		{"fewer than half fail", 5, 0.5, "--+++", breaker.Closed},
		{"three of five is half or more, whatever comes", 5, 0.5, "---", breaker.Open},
		{"and a success in between changes nothing", 5, 0.5, "-+-+-", breaker.Open},
		{"two of four is half", 4, 0.5, "++--", breaker.Open},
		{"those that say nothing are not of the number", 5, 0.5, "0-0-0+0+00+", breaker.Closed},
		{"any failure opens", 5, 0.000001, "++++-", breaker.Open},
		{"at once", 1000, 0.000001, "-", breaker.Open},
		{"only failures open", 3, 1, "--+", breaker.Closed},
		{"all of them", 3, 1, "---", breaker.Open},
		{"two of three at two thirds", 3, 2.0 / 3, "+--", breaker.Open},
	} {
		in(t, test.name, func(t *testing.T) {
			b := simple(breaker.Probes(test.probes), breaker.ProbeFailureRate(test.rate))
			toHalfOpen(t, b)
			for i, report := range test.reports {
				assert.Equal(t, breaker.HalfOpen, b.State(), "decided before report %d", i)
				call(t, b, map[rune]error{'+': nil, '-': errDown, '0': fault.Ignore(errDown)}[report])
			}
			assert.Equal(t, test.want, b.State())
		})
	}
}

// Probes are judged by the rate of the breaker, unless they have one of their own; where there is none, by half.
func TestProbeFailureRateUnlessSet(t *testing.T) {
	for _, test := range []struct {
		name    string
		options []breaker.Option
		need    int // of ten
	}{
		{"the breaker's", []breaker.Option{breaker.FailureRate(0.3)}, 3},
		{"none", []breaker.Option{breaker.NoFailureRate()}, 5},
		{"its own", []breaker.Option{breaker.FailureRate(0.3), breaker.ProbeFailureRate(0.8)}, 8},
	} {
		in(t, test.name, func(t *testing.T) {
			b := breaker.New(append(test.options, breaker.Probes(10), breaker.ConsecutiveFailures(3))...)
			toHalfOpen(t, b)
			calls(t, b, test.need-1, errDown)
			assert.Equal(t, breaker.HalfOpen, b.State())
			call(t, b, errDown)
			assert.Equal(t, breaker.Open, b.State())
		})
	}
}

// A probe whose lease ends has failed, and its place is free: a hung or lost probe cannot keep the breaker half-open.
func TestLeasesEnd(t *testing.T) {
	in(t, "one lost probe of three counts as failed", func(t *testing.T) {
		b := simple(breaker.Probes(3))
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(4*time.Second - 1)
		assert.Equal(t, 1, b.Snapshot().Probing)
		time.Sleep(time.Nanosecond)
		assert.Zero(t, b.Snapshot().Probing)
		calls(t, b, 2, nil)
		assert.Equal(t, breaker.Closed, b.State(), "one of three failed")
	})
	in(t, "too many lost probes open it again, from the end of the last lease on", func(t *testing.T) {
		b := simple(breaker.Probes(4))
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(time.Second)
		begin(t, b)
		time.Sleep(6 * time.Second) // the second lease ended two seconds ago
		open := refused(t, b)
		assert.Equal(t, breaker.CauseProbeExpired, open.Cause)
		assert.Equal(t, 2*time.Second, time.Since(open.Since))
		after, known := open.RetryAfter()
		assert.True(t, known)
		assert.Equal(t, 8*time.Second, after)
	})
	in(t, "a lease can end as the last report that closes", func(t *testing.T) {
		b := simple(breaker.Probes(3))
		toHalfOpen(t, b)
		begin(t, b)
		calls(t, b, 2, nil)
		assert.Equal(t, breaker.HalfOpen, b.State())
		time.Sleep(4 * time.Second)
		assert.Equal(t, breaker.Closed, b.State())
		call(t, b, nil)
	})
	in(t, "a report that comes with the end of the lease is too late", func(t *testing.T) {
		b := simple(breaker.Probes(3))
		toHalfOpen(t, b)
		token := begin(t, b)
		time.Sleep(4 * time.Second)
		b.Release(token, nil)
		assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1}, b.Snapshot().Counts)
	})
	in(t, "without leases a probe may take for ever", func(t *testing.T) {
		b := simple(breaker.ProbeLease(0))
		toHalfOpen(t, b)
		token := begin(t, b)
		time.Sleep(1000 * time.Hour)
		assert.Equal(t, 1, b.Snapshot().Probing)
		b.Release(token, nil)
		call(t, b, nil)
		assert.Equal(t, breaker.Closed, b.State())
	})
	in(t, "a breaker that nobody calls waits half-open", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		time.Sleep(1000 * time.Hour)
		assert.Equal(t, breaker.HalfOpen, b.State())
		calls(t, b, 2, nil)
		assert.Equal(t, breaker.Closed, b.State())
	})
}
