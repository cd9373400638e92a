package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// unopened returns a breaker that is about windows only: nothing opens it.
func unopened(more ...breaker.Option) *breaker.Breaker {
	return breaker.New(append([]breaker.Option{breaker.NoFailureRate(), breaker.ConsecutiveFailures(1 << 30), breaker.SlowCalls(time.Hour, 1)}, more...)...)
}

// Of a window of another length, the time that both cover is kept; a row of failures, and calls under way, in any case.
func TestUpdateWindow(t *testing.T) {
	const s = time.Second
	in(t, "longer", func(t *testing.T) {
		b := unopened(breaker.Window(10 * s))
		calls(t, b, 2, nil)
		time.Sleep(5 * s)
		calls(t, b, 3, errDown)
		calls(t, b, 1, fault.Superseded(true))
		token := begin(t, b)
		before := b.Snapshot()
		update(t, b, breaker.Window(100*s))
		assert.Equal(t, before, b.Snapshot())
		time.Sleep(94 * s)
		assert.Equal(t, breaker.Counts{Calls: 6, Failures: 3, Slow: 1, Consecutive: 4}, b.Snapshot().Counts, "they count for as long as any now")
		b.Release(token, errDown)
		assert.Equal(t, breaker.Counts{Calls: 7, Failures: 4, Slow: 1, Consecutive: 5}, b.Snapshot().Counts)
		time.Sleep(s)
		assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1, Consecutive: 5}, b.Snapshot().Counts)
	})
	in(t, "shorter, and longer again", func(t *testing.T) {
		b := unopened(breaker.Window(100 * s))
		calls(t, b, 2, nil)
		time.Sleep(50 * s)
		calls(t, b, 3, errDown)
		calls(t, b, 1, fault.Superseded(true))
		update(t, b, breaker.Window(20*s))
		assert.Equal(t, breaker.Counts{Calls: 4, Failures: 3, Slow: 1, Consecutive: 4}, b.Snapshot().Counts)
		update(t, b, breaker.Window(100*s))
		assert.Equal(t, breaker.Counts{Calls: 4, Failures: 3, Slow: 1, Consecutive: 4}, b.Snapshot().Counts, "what is out is forgotten")
	})
	in(t, "forced closed", func(t *testing.T) {
		b := unopened(breaker.Window(100 * s))
		b.ForceClosed()
		call(t, b, errDown)
		before := b.Snapshot()
		update(t, b, breaker.Window(20*s))
		assert.Equal(t, before, b.Snapshot())
		time.Sleep(20 * s)
		assert.Zero(t, b.Snapshot().Counts.Calls)
	})
	in(t, "another knob leaves it to the slice", func(t *testing.T) {
		b := unopened(breaker.Window(100 * s))
		time.Sleep(9 * s)
		call(t, b, nil)
		update(t, b, breaker.Probes(3), breaker.Window(100*s))
		time.Sleep(91 * s)
		assert.Zero(t, b.Snapshot().Counts.Calls)
	})
}

// Of a window of another number, the last calls are kept, in their order.
func TestUpdateCountWindow(t *testing.T) {
	story := []error{errDown, nil, fault.Superseded(true), errDown, errDown, nil}
	for _, test := range []struct {
		from, to int
		want     []breaker.Counts // at once, and after 1, 2 … more successes
	}{
		{4, 6, []breaker.Counts{
			{Calls: 4, Failures: 2, Slow: 1}, {Calls: 5, Failures: 2, Slow: 1}, {Calls: 6, Failures: 2, Slow: 1},
			{Calls: 6, Failures: 2}, {Calls: 6, Failures: 1}, {Calls: 6},
		}},
		{6, 4, []breaker.Counts{{Calls: 4, Failures: 2, Slow: 1}, {Calls: 4, Failures: 2}, {Calls: 4, Failures: 1}, {Calls: 4}}},
		{10, 8, []breaker.Counts{
			{Calls: 6, Failures: 3, Slow: 1}, {Calls: 7, Failures: 3, Slow: 1}, {Calls: 8, Failures: 3, Slow: 1},
			{Calls: 8, Failures: 2, Slow: 1}, {Calls: 8, Failures: 2, Slow: 1}, {Calls: 8, Failures: 2},
		}},
		{10, 1, []breaker.Counts{{Calls: 1}, {Calls: 1}}},
		{1, 2, []breaker.Counts{{Calls: 1}, {Calls: 2}, {Calls: 2}}},
	} {
		b := breaker.New(breaker.CountWindow(test.from))
		b.ForceClosed()
		for _, err := range story {
			call(t, b, err)
		}
		update(t, b, breaker.CountWindow(test.to))
		for n, want := range test.want {
			assert.Equal(t, want, b.Snapshot().Counts, "%d to %d, and %d", test.from, test.to, n)
			call(t, b, nil)
		}
	}
}

// Calls of a count have no time, and those of a time no order. Failures in a row are kept all the same.
func TestUpdateFromTimeToCountAndBack(t *testing.T) {
	b := breaker.New(breaker.Window(time.Hour))
	b.ForceClosed()
	calls(t, b, 10, errDown)
	update(t, b, breaker.CountWindow(20))
	assert.Equal(t, breaker.Counts{Consecutive: 10}, b.Snapshot().Counts)
	calls(t, b, 30, errDown)
	assert.Equal(t, breaker.Counts{Calls: 20, Failures: 20, Consecutive: 40}, b.Snapshot().Counts)
	update(t, b, breaker.Window(time.Hour))
	assert.Equal(t, breaker.Counts{Consecutive: 40}, b.Snapshot().Counts)
	calls(t, b, 30, errDown)
	assert.Equal(t, breaker.Counts{Calls: 30, Failures: 30, Consecutive: 70}, b.Snapshot().Counts)
}
