package breaker_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// Probes that are out stay out, and those that have reported are judged by the new numbers when the next one reports.
func TestUpdateProbes(t *testing.T) {
	in(t, "fewer at a time: no new one until there are few enough", func(t *testing.T) {
		b := simple(breaker.Probes(4))
		toHalfOpen(t, b)
		var out []uint64
		for range 4 {
			out = append(out, begin(t, b))
		}
		before := b.Snapshot()
		update(t, b, breaker.Probes(2))
		assert.Equal(t, before, b.Snapshot())
		b.Release(out[0], fault.Ignore(errDown))
		b.Release(out[1], fault.Ignore(errDown))
		_ = refused(t, b)
		b.Release(out[2], nil)
		begin(t, b)
		_ = refused(t, b)
		b.Release(out[3], nil)
		assert.Equal(t, breaker.Closed, b.State())
	})
	in(t, "fewer than have reported: the next report decides, and all count", func(t *testing.T) {
		for _, test := range []struct {
			last error
			want breaker.State
		}{{nil, breaker.Closed}, {errDown, breaker.Open}} {
			b := simple(breaker.Probes(10))
			toHalfOpen(t, b)
			calls(t, b, 2, nil)
			call(t, b, errDown)
			update(t, b, breaker.Probes(1)) // of one, the one that failed would be all
			assert.Equal(t, breaker.HalfOpen, b.State())
			call(t, b, test.last)
			assert.Equal(t, test.want, b.State())
		}
	})
	in(t, "fewer, and the next to report is a lease that ends", func(t *testing.T) {
		b := simple(breaker.Probes(10))
		toHalfOpen(t, b)
		calls(t, b, 3, nil)
		begin(t, b)
		update(t, b, breaker.Probes(2))
		time.Sleep(4 * time.Second)
		assert.Equal(t, breaker.Closed, b.State(), "one of four, as readers foretell")
		call(t, b, nil)
		assert.Equal(t, breaker.Closed, b.State(), "as it is")
	})
	in(t, "more", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		one, two := begin(t, b), begin(t, b)
		_ = refused(t, b)
		update(t, b, breaker.Probes(3))
		three := begin(t, b)
		_ = refused(t, b)
		b.Release(one, nil)
		b.Release(two, errDown)
		assert.Equal(t, breaker.HalfOpen, b.State(), "one of three")
		b.Release(three, nil)
		assert.Equal(t, breaker.Closed, b.State())
	})
	in(t, "their rate", func(t *testing.T) {
		b := simple(breaker.Probes(4))
		toHalfOpen(t, b)
		call(t, b, errDown)
		update(t, b, breaker.ProbeFailureRate(0.25))
		assert.Equal(t, breaker.HalfOpen, b.State())
		call(t, b, nil)
		assert.Equal(t, breaker.Open, b.State())
	})
}

// Leases that are given change with the option: it is how places are got back that lost probes keep.
func TestUpdateProbeLease(t *testing.T) {
	const s = time.Second
	in(t, "for ever no longer", func(t *testing.T) {
		b := simple(breaker.ProbeLease(0), breaker.Probes(3))
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(time.Hour)
		begin(t, b)
		update(t, b, breaker.ProbeLease(5*s))
		assert.Equal(t, 1, b.Snapshot().Probing)
		assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1}, b.Snapshot().Counts)
		time.Sleep(5 * s)
		assert.Equal(t, breaker.Open, b.State())
		assert.Equal(t, time.Now(), b.Snapshot().Since)
	})
	in(t, "over already: it ends now, not before", func(t *testing.T) {
		b := simple(breaker.Probes(1))
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(3 * s)
		update(t, b, breaker.ProbeLease(s))
		s := b.Snapshot()
		assert.Equal(t, breaker.Open, s.State)
		assert.Equal(t, time.Now(), s.Since)
		assert.Equal(t, time.Now(), refused(t, b).Since)
	})
	in(t, "longer", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		probe := begin(t, b)
		time.Sleep(3 * s)
		update(t, b, breaker.ProbeLease(10*s))
		time.Sleep(7*s - 1)
		b.Release(probe, nil)
		assert.Equal(t, breaker.Counts{Calls: 1}, b.Snapshot().Counts)
	})
	in(t, "ended by the old one before the update", func(t *testing.T) {
		b := simple(breaker.Probes(1))
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(5 * s)
		update(t, b, breaker.ProbeLease(time.Hour))
		assert.Equal(t, breaker.Open, b.State())
		assert.Equal(t, s, time.Since(b.Snapshot().Since))
	})
	in(t, "another knob", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		begin(t, b)
		time.Sleep(3 * s)
		update(t, b, breaker.Ramp(s))
		time.Sleep(s - 1)
		assert.Equal(t, 1, b.Snapshot().Probing)
		time.Sleep(time.Nanosecond)
		assert.NotEqual(t, breaker.HalfOpen, b.State())
	})
}

// Who is impatient is decided when a call begins.
func TestUpdateMinPatience(t *testing.T) {
	in(t, "on and off", func(t *testing.T) {
		b := simple()
		hurry, cancel := context.WithTimeout(always, time.Second)
		defer cancel()
		hurried := func() uint64 {
			token, err := b.Acquire(hurry)
			assert.NoError(t, err)
			return token
		}
		before := hurried()
		update(t, b, breaker.MinPatience(2*time.Second))
		while := hurried()
		update(t, b, breaker.NoMinPatience())
		after := hurried()
		<-hurry.Done()
		late := fault.End(hurry.Err(), fault.ClassTimeout)
		b.Release(while, late)
		assert.Zero(t, b.Snapshot().Counts.Calls)
		b.Release(before, late)
		b.Release(after, late)
		assert.Equal(t, uint64(2), b.Snapshot().Counts.Failures)
	})
}

// A person's word stays.
func TestUpdateLeavesOrders(t *testing.T) {
	in(t, "isolated", func(t *testing.T) {
		var news diary
		b := simple(breaker.OnTransition(news.write))
		b.Isolate("moving")
		_ = refused(t, b)
		before := b.Snapshot()
		update(t, b, breaker.OpenTime(1), breaker.CountWindow(10), breaker.Ramp(1), breaker.Probes(1), breaker.ProbeLease(1))
		time.Sleep(time.Hour)
		assert.Equal(t, before, b.Snapshot())
		assert.Equal(t, "moving", refused(t, b).Reason)
		b.Reset()
		assert.Equal(t, []breaker.State{breaker.Isolated, breaker.Closed}, news.states())
		calls(t, b, 20, nil)
		assert.Equal(t, uint64(10), b.Snapshot().Counts.Calls, "the new window")
	})
	in(t, "forced closed", func(t *testing.T) {
		b := simple()
		b.ForceClosed()
		calls(t, b, 100, errDown)
		before := b.Snapshot()
		update(t, b, breaker.ConsecutiveFailures(1))
		call(t, b, errDown)
		assert.Equal(t, breaker.ForcedClosed, b.State())
		assert.Equal(t, before.Since, b.Snapshot().Since)
	})
}
