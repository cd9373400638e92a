package breaker_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
)

// Readers see what is true now, though no call has come by to notice.
func TestReadersNeedNoCall(t *testing.T) {
	for _, test := range []struct {
		name string
		way  func(t *testing.T, b *breaker.Breaker)
		want breaker.Snapshot // its Since is left to the property test
	}{
		{
			name: "new",
			way:  func(*testing.T, *breaker.Breaker) {},
		},
		{
			name: "calls have left the window",
			way:  func(t *testing.T, b *breaker.Breaker) { t.Helper(); calls(t, b, 5, nil); time.Sleep(time.Minute) },
		},
		{
			name: "open",
			way: func(t *testing.T, b *breaker.Breaker) {
				t.Helper()
				toOpen(t, b)
				_ = refused(t, b)
				time.Sleep(time.Second)
			},
			want: breaker.Snapshot{State: breaker.Open, Cause: breaker.CauseConsecutive, NextProbe: 9 * time.Second, Opened: 1, Refused: 1},
		},
		{
			name: "time to probe",
			way:  func(t *testing.T, b *breaker.Breaker) { t.Helper(); toOpen(t, b); time.Sleep(time.Hour) },
			want: breaker.Snapshot{State: breaker.HalfOpen, Cause: breaker.CauseTimeUp, Opened: 1},
		},
		{
			name: "probes are out",
			way: func(t *testing.T, b *breaker.Breaker) {
				t.Helper()
				toHalfOpen(t, b)
				call(t, b, nil)
				begin(t, b)
				begin(t, b)
			},
			want: breaker.Snapshot{State: breaker.HalfOpen, Cause: breaker.CauseTimeUp, Counts: breaker.Counts{Calls: 1}, Probing: 2, Opened: 1},
		},
		{
			name: "a probe was lost",
			way: func(t *testing.T, b *breaker.Breaker) {
				t.Helper()
				toHalfOpen(t, b)
				begin(t, b)
				time.Sleep(5 * time.Second)
			},
			want: breaker.Snapshot{State: breaker.Open, Cause: breaker.CauseProbeExpired, NextProbe: 9 * time.Second, Opened: 2},
		},
		{
			name: "a probe was lost, and it is time for the next",
			way: func(t *testing.T, b *breaker.Breaker) {
				t.Helper()
				toHalfOpen(t, b)
				begin(t, b)
				time.Sleep(time.Hour)
			},
			want: breaker.Snapshot{State: breaker.HalfOpen, Cause: breaker.CauseTimeUp, Opened: 2},
		},
		{
			name: "isolated",
			way:  func(_ *testing.T, b *breaker.Breaker) { b.Isolate("moving house") },
			want: breaker.Snapshot{State: breaker.Isolated, Cause: breaker.CauseIsolated, Reason: "moving house"},
		},
	} {
		in(t, test.name, func(t *testing.T) {
			b := simple(breaker.Name("stock"))
			test.way(t, b)
			got := b.Snapshot()
			got.Since = time.Time{}
			test.want.Name = "stock"
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.want.State, b.State())
		})
	}
}

// Reading changes nothing and tells nobody: a dashboard does not move the breaker it shows.
func TestReadingIsPure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var news diary
		b := simple(breaker.OnTransition(news.write))
		toHalfOpen(t, b)
		assert.Equal(t, []breaker.State{breaker.Open}, news.states(), "only of what a call has done")
		begin(t, b)
		time.Sleep(time.Hour)
		for range 10 {
			assert.Equal(t, breaker.HalfOpen, b.Snapshot().State)
			assert.Equal(t, breaker.HalfOpen, b.State())
		}
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen}, news.states())
		begin(t, b)
		assert.Equal(t, []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Open, breaker.HalfOpen}, news.states())
	})
}

func TestCountsRates(t *testing.T) {
	c := breaker.Counts{Calls: 8, Failures: 2, Slow: 6}
	assert.InDelta(t, 0.25, c.FailureRate(), 0)
	assert.InDelta(t, 0.75, c.SlowRate(), 0)
	assert.Zero(t, breaker.Counts{}.FailureRate(), "no calls, no failures")
	assert.Zero(t, breaker.Counts{}.SlowRate())
}
