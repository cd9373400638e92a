package breaker_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// The ends of what is allowed.
func TestSense(t *testing.T) {
	forever := time.Duration(math.MaxInt64)
	for _, test := range []struct {
		name    string
		options []breaker.Option
	}{
		{"nothing", nil},
		{"the smallest", []breaker.Option{
			breaker.Window(time.Second), breaker.MinCalls(1), breaker.FailureRate(1e-6), breaker.Probes(1),
		}},
		{"the smallest times", []breaker.Option{
			breaker.OpenTime(1), breaker.ProbeLease(1), breaker.MinPatience(1), breaker.Ramp(1), breaker.SlowCalls(1, 1e-6),
		}},
		{"the largest", []breaker.Option{
			breaker.Window(time.Hour), breaker.MinCalls(math.MaxInt), breaker.FailureRate(1), breaker.Probes(1024),
		}},
		{"the largest times", []breaker.Option{
			breaker.OpenTime(forever), breaker.ProbeLease(forever), breaker.Ramp(forever), breaker.MinPatience(forever),
		}},
		{"the largest growth", []breaker.Option{
			breaker.OpenTimeGrowth(math.MaxFloat64, forever), breaker.OpenTimeJitter(math.Nextafter(1, 0)),
		}},
		{"the largest row", []breaker.Option{breaker.ConsecutiveFailures(math.MaxInt)}},
		{"the largest count window", []breaker.Option{breaker.CountWindow(1 << 20), breaker.MinCalls(1 << 20)}},
		{"the smallest count window", []breaker.Option{breaker.CountWindow(1), breaker.MinCalls(1)}},
		{"a later window replaces an earlier", []breaker.Option{breaker.CountWindow(5), breaker.Window(time.Minute), breaker.MinCalls(6)}},
		{"no rate", []breaker.Option{none}},
		{"no rate and no row, but slow calls", []breaker.Option{none, breaker.ConsecutiveFailures(0), breaker.SlowCalls(time.Second, 1)}},
		{"no growth, whatever the limit", []breaker.Option{breaker.OpenTimeGrowth(1, 1)}},
		{"no jitter, no lease, no row", []breaker.Option{breaker.OpenTimeJitter(0), breaker.ProbeLease(0), breaker.ConsecutiveFailures(0)}},
		{"an opinion", []breaker.Option{breaker.Classify(fault.Of)}},
	} {
		in(t, test.name, func(t *testing.T) {
			assert.NoError(t, breaker.Validate(test.options...))
			b := breaker.New(test.options...)
			call(t, b, nil)
			assert.Equal(t, breaker.Closed, b.State())
			assert.Equal(t, uint64(1), b.Snapshot().Counts.Calls)
		})
	}
}

// One line for a pipeline's description.
func TestString(t *testing.T) {
	for _, test := range []struct {
		options []breaker.Option
		want    string
	}{
		{
			[]breaker.Option{
				breaker.FailureRate(0.3), breaker.MinCalls(10), breaker.Window(time.Minute), breaker.OpenTime(time.Second), breaker.Probes(1),
			},
			"opens at 30 % failures of >= 10 calls in 1m0s, or with fewer at 5 in a row; for 1s, then a probe",
		},
		{
			[]breaker.Option{breaker.CountWindow(7)},
			"opens at 50 % failures of >= 7 of the last 7 calls, or with fewer at 5 in a row; for 5s, then 5 probes",
		},
		{
			[]breaker.Option{none},
			"opens at 5 failures in a row; for 5s, then 5 probes",
		},
		{
			[]breaker.Option{breaker.ConsecutiveFailures(0), breaker.SlowCalls(time.Second, 0.9)},
			"opens at 50 % failures of >= 20 calls in 10s, or 90 % slower than 1s; for 5s, then 5 probes",
		},
	} {
		assert.Equal(t, test.want, breaker.New(test.options...).String())
	}
}
