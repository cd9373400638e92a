package telemetry_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/telemetry"
)

// guarded is a pipeline as most have.
func guarded() *ductile.Pipeline {
	return ductile.New("inventory", retry.New(), breaker.New(), bulkhead.New(5))
}

func succeed(context.Context) (int, error) { return 7, nil }

// A mode is a way to use the package, and what a call of guarded that succeeds allocates in it.
type mode struct {
	name    string
	allocs  float64
	options func() []telemetry.Option
}

// spansOf is a provider that records as a program's does, and exports nowhere.
func spansOf(sampler trace.Sampler) telemetry.Option {
	return telemetry.WithTracerProvider(trace.NewTracerProvider(trace.WithSampler(sampler)))
}

func measured() telemetry.Option {
	return telemetry.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(metric.NewManualReader())))
}

func logged() telemetry.Option {
	return telemetry.WithLogger(slog.New(slog.DiscardHandler))
}

const asMany = -1 // as the SDK makes of it

var modes = []mode{
	{"parent only, no parent", 0, func() []telemetry.Option {
		return []telemetry.Option{spansOf(trace.AlwaysSample()), telemetry.WithParentOnly(), telemetry.WithoutMetrics(), telemetry.WithoutLogs()}
	}},
	{"logs", 1, func() []telemetry.Option {
		return []telemetry.Option{logged(), telemetry.WithoutTraces(), telemetry.WithoutMetrics()}
	}},
	{"metrics", 1, func() []telemetry.Option {
		return []telemetry.Option{measured(), telemetry.WithoutTraces(), telemetry.WithoutLogs()}
	}},
	{"metrics and logs, parent only, no parent", 1, func() []telemetry.Option {
		return []telemetry.Option{spansOf(trace.AlwaysSample()), measured(), logged(), telemetry.WithParentOnly()}
	}},
	{"traces, not sampled", asMany, func() []telemetry.Option {
		return []telemetry.Option{spansOf(trace.NeverSample()), telemetry.WithoutMetrics(), telemetry.WithoutLogs()}
	}},
	{"lean traces", asMany, func() []telemetry.Option {
		return []telemetry.Option{spansOf(trace.AlwaysSample()), telemetry.WithLeanSpans(), telemetry.WithoutMetrics(), telemetry.WithoutLogs()}
	}},
	{"traces", asMany, func() []telemetry.Option {
		return []telemetry.Option{spansOf(trace.AlwaysSample()), telemetry.WithoutMetrics(), telemetry.WithoutLogs()}
	}},
	{"all", asMany, func() []telemetry.Option {
		return []telemetry.Option{spansOf(trace.AlwaysSample()), measured(), logged()}
	}},
}

// What a call allocates in each mode.
func TestCost(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			p := guarded().With(telemetry.New(m.options()...))
			allocs := testing.AllocsPerRun(1000, func() { _, _ = ductile.Do(ctx, p, succeed) })
			if m.allocs == asMany {
				t.Log(allocs)
				return
			}
			assert.Equal(t, m.allocs, allocs)
		})
	}
}

// A caller whose span is there, and not recorded, pays nothing either.
func TestCostBelowASpanThatIsNotRecorded(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	caller, span := trace.NewTracerProvider(trace.WithSampler(trace.NeverSample())).Tracer("program").Start(ctx, "GET /")
	defer span.End()
	p := guarded().With(telemetry.New(telemetry.WithParentOnly(), telemetry.WithoutMetrics(), telemetry.WithoutLogs()))
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = ductile.Do(caller, p, succeed) }))
}

// Rejections are many in an outage: with metrics and logs they cost no more than a success.
func TestCostOfARejection(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	b := breaker.New()
	p := ductile.New("inventory", b).With(telemetry.New(measured(), logged(), telemetry.WithoutTraces()))
	b.Isolate("now")
	_, err := ductile.Do(ctx, p, succeed)
	assert.ErrorIs(t, err, breaker.ErrOpen)
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() { _, _ = ductile.Do(ctx, p, succeed) }), 2.0, "the call, and the list of who refused it")
}

// BenchmarkModes is what docs/telemetry.md has its ratios from.
func BenchmarkModes(b *testing.B) {
	b.Run("no observer", func(b *testing.B) { bench(b, guarded()) })
	for _, m := range modes {
		b.Run(m.name, func(b *testing.B) {
			bench(b, guarded().With(telemetry.New(m.options()...)))
		})
	}
}

func bench(b *testing.B, p *ductile.Pipeline) {
	b.ReportAllocs()
	for range b.N {
		_, _ = ductile.Do(ctx, p, succeed)
	}
}
