package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// update updates a breaker with options that it must take.
func update(t tester, b *breaker.Breaker, options ...breaker.Option) {
	t.Helper()
	require.NoError(t, b.Update(options...))
}

// What Update does not take, it names, with what helps; and then it takes nothing of what came with it.
func TestUpdateRefuses(t *testing.T) {
	for _, test := range []struct {
		options []breaker.Option
		want    string
	}{
		{[]breaker.Option{breaker.Name("other")}, `breaker: Name("other"): "stock" is in use under its name: make another breaker`},
		{[]breaker.Option{breaker.Name("")}, `breaker: Name(""): must be a name`},
		{
			[]breaker.Option{breaker.OnTransition(func(breaker.Transition) {})},
			`breaker: OnTransition(a function): "stock" is there already: use Listen`,
		},
		{[]breaker.Option{nil}, "breaker: option 3 is nil: leave it out instead"},
		{
			[]breaker.Option{breaker.Probes(0), breaker.Ramp(-1)},
			"breaker: Probes(0): must be from 1 to 1024\nbreaker: Ramp(-1ns): must be above zero",
		},
		{ // together with what was asked for before
			[]breaker.Option{breaker.CountWindow(5)}, "breaker: MinCalls(10): must be at most 5, the size of the CountWindow",
		},
		{
			[]breaker.Option{breaker.OpenTime(2 * time.Minute)},
			"breaker: OpenTimeGrowth(2, 1m0s): must be given a limit that is not below the OpenTime of 2m0s",
		},
		{
			[]breaker.Option{breaker.NoFailureRate(), breaker.ConsecutiveFailures(0)},
			"breaker: nothing would open it: NoFailureRate needs ConsecutiveFailures above 0, or SlowCalls",
		},
	} {
		in(t, test.want, func(t *testing.T) {
			b := simple(breaker.Name("stock"), breaker.OpenTimeGrowth(2, time.Minute), breaker.CountAs(fault.ClassExited, fault.ClassTransient))
			calls(t, b, 2, errDown)
			settings, before := breaker.SettingsOf(b), b.Snapshot()
			more := append([]breaker.Option{breaker.ProbeLease(time.Hour), breaker.CountAs(fault.ClassCanceled, fault.ClassTransient)}, test.options...)
			err := b.Update(append(more, breaker.MinPatience(time.Second))...)
			require.EqualError(t, err, test.want)
			assert.Equal(t, settings, breaker.SettingsOf(b))
			assert.Equal(t, before, b.Snapshot())
		})
	}
}

// One list of options can serve New and Update.
func TestUpdateTakesItsOwnName(t *testing.T) {
	b := breaker.New(breaker.Name("stock"))
	update(t, b, breaker.Name("stock"), breaker.Probes(7))
	update(t, b)
	assert.Equal(t, "stock", b.Name())
	assert.Equal(t, "opens at 50 % failures of >= 20 calls in 10s, or with fewer at 5 in a row; for 5s, then 7 probes", b.String())
}

// What follows from options follows anew.
func TestUpdateDerivesAnew(t *testing.T) {
	in(t, "MinCalls from a CountWindow", func(t *testing.T) {
		b := breaker.New(breaker.CountWindow(7))
		update(t, b, breaker.CountWindow(100))
		assert.Contains(t, b.String(), ">= 20 of the last 100 calls")
		update(t, b, breaker.CountWindow(7))
		assert.Contains(t, b.String(), ">= 7 of the last 7 calls")
	})
	in(t, "the rate of the probes from that of the calls", func(t *testing.T) {
		b := breaker.New(breaker.FailureRate(1), breaker.Probes(10))
		update(t, b, breaker.FailureRate(0.1))
		toHalfOpenByRow(t, b)
		call(t, b, errDown)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "SlowCalls and back: overtaken copies open at 0.9 again", func(t *testing.T) {
		b := breaker.New(breaker.SlowCalls(time.Second, 0.1), breaker.ConsecutiveFailures(0))
		update(t, b, breaker.NoSlowCalls())
		assert.Equal(t, breaker.SettingsOf(breaker.New(breaker.ConsecutiveFailures(0))), breaker.SettingsOf(b))
	})
}

// toHalfOpenByRow makes a breaker half-open that opens at 5 in a row.
func toHalfOpenByRow(t tester, b *breaker.Breaker) {
	t.Helper()
	calls(t, b, 5, errDown)
	time.Sleep(b.Snapshot().NextProbe)
	require.Equal(t, breaker.HalfOpen, b.State())
}

// Tightening opens nothing: the next call that ends badly does, by what was counted before too.
func TestUpdateThresholds(t *testing.T) {
	for _, test := range []struct {
		name   string
		before []breaker.Option
		tuned  breaker.Option
		want   breaker.Cause
	}{
		{"FailureRate", []breaker.Option{breaker.FailureRate(1), breaker.ConsecutiveFailures(0)}, breaker.FailureRate(0.4), breaker.CauseFailureRate},
		{
			"MinCalls", []breaker.Option{breaker.FailureRate(0.4), breaker.MinCalls(100), breaker.ConsecutiveFailures(0)},
			breaker.MinCalls(10), breaker.CauseFailureRate,
		},
		{
			"ConsecutiveFailures", []breaker.Option{breaker.MinCalls(100), breaker.ConsecutiveFailures(50)},
			breaker.ConsecutiveFailures(3), breaker.CauseConsecutive,
		},
		{"NoFailureRate", []breaker.Option{breaker.FailureRate(1)}, breaker.NoFailureRate(), breaker.CauseConsecutive},
	} {
		in(t, test.name, func(t *testing.T) {
			var news diary
			b := simple(append(test.before, breaker.OnTransition(news.write))...)
			under := begin(t, b)
			calls(t, b, 10, nil)
			calls(t, b, 6, errDown)
			before := b.Snapshot()
			update(t, b, test.tuned)
			assert.Equal(t, before, b.Snapshot())
			b.Release(under, errDown)
			assert.Equal(t, test.want, b.Snapshot().Cause)
			assert.Len(t, news.read(), 1)
		})
	}
	in(t, "loosened", func(t *testing.T) {
		b := simple(breaker.MinCalls(100))
		calls(t, b, 2, errDown)
		update(t, b, breaker.ConsecutiveFailures(4))
		call(t, b, errDown)
		assert.Equal(t, breaker.Closed, b.State())
		call(t, b, errDown)
		assert.Equal(t, breaker.Open, b.State())
	})
}

// Calls that began while SlowCalls was off have no start: they are not slow, however long they take.
func TestUpdateSlowCalls(t *testing.T) {
	slowly := breaker.SlowCalls(time.Second, 0.5)
	in(t, "on", func(t *testing.T) {
		b := simple()
		time.Sleep(time.Hour) // the breaker's clock is far from zero
		before := begin(t, b)
		update(t, b, slowly)
		after := begin(t, b)
		time.Sleep(2 * time.Second)
		b.Release(before, nil)
		assert.Equal(t, breaker.Counts{Calls: 1}, b.Snapshot().Counts)
		b.Release(after, nil)
		assert.Equal(t, breaker.Counts{Calls: 2, Slow: 1}, b.Snapshot().Counts)
	})
	in(t, "off, and on again with another time", func(t *testing.T) {
		b := simple(slowly)
		time.Sleep(time.Hour)
		first, second := begin(t, b), begin(t, b)
		update(t, b, breaker.NoSlowCalls())
		meanwhile := begin(t, b)
		time.Sleep(2 * time.Second)
		b.Release(first, nil)
		assert.Zero(t, b.Snapshot().Counts.Slow)
		update(t, b, breaker.SlowCalls(1500*time.Millisecond, 0.5))
		b.Release(meanwhile, nil)
		assert.Zero(t, b.Snapshot().Counts.Slow)
		b.Release(second, nil)
		assert.Equal(t, uint64(1), b.Snapshot().Counts.Slow, "it says when it began")
		update(t, b, breaker.NoSlowCalls())
		assert.Equal(t, uint64(1), b.Snapshot().Counts.Slow, "what was slow stays so")
	})
	in(t, "of probes the start is known", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		probe := begin(t, b)
		update(t, b, slowly)
		time.Sleep(2 * time.Second)
		b.Release(probe, nil)
		assert.Equal(t, breaker.Open, b.State(), "half of two")
	})
}
