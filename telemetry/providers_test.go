package telemetry_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	api "go.opentelemetry.io/otel/metric"
	apinoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	traceapi "go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/telemetry"
)

// globals restores the global providers.
func globals(t *testing.T) {
	tracers, meters, logger := otel.GetTracerProvider(), otel.GetMeterProvider(), slog.Default()
	t.Cleanup(func() {
		otel.SetTracerProvider(tracers)
		otel.SetMeterProvider(meters)
		slog.SetDefault(logger)
	})
}

// handedOn is whether global providers were set before.
var handedOn bool

// Without options the global providers get what there is: those that were set before the observer was made, and those that are set later.
// No other test sets them.
func TestGlobalProviders(t *testing.T) {
	if handedOn {
		t.Skip("otel does that once in a program")
	}
	handedOn = true
	globals(t)
	before := telemetry.New()
	early := ductile.New("inventory", bulkhead.New(1)).With(before)
	_, _ = ductile.Do(ctx, early, func(context.Context) (int, error) { return 7, nil })

	s := newScene(t)
	otel.SetTracerProvider(s.tracers)
	otel.SetMeterProvider(s.meters)
	slog.SetDefault(s.logs.logger())
	late := ductile.New("inventory", bulkhead.New(1)).With(telemetry.New())
	for i, p := range []*ductile.Pipeline{early, late} {
		s.do(p, down)
		assert.Len(t, s.spans.Ended(), 3*(i+1))
		assert.Contains(t, s.metrics()["ductile.call.duration"][0], "inventory error.type=transient "+[]string{"1", "2"}[i]+" in")
		assert.Equal(t, []string{"pipeline.name=inventory policy.name=bulkhead 2"}, s.metrics()["ductile.bulkhead.limit"], "of both observers")
		assert.Len(t, s.logs.lines(), 1)
	}

	other := tracetest.NewSpanRecorder() // and another one later
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(other)))
	s.do(early, down)
	assert.Len(t, other.Ended(), 2)

	otel.SetTracerProvider(uncomparable{TracerProvider: s.tracers, of: []int{1}})
	s.spans.Reset()
	s.do(early, down)
	assert.Len(t, s.spans.Ended(), 3)
	otel.SetTracerProvider(tracenoop.NewTracerProvider())
	s.do(early, down)
	assert.Len(t, s.spans.Ended(), 4)
}

// uncomparable is a provider that == panics on.
type uncomparable struct {
	traceapi.TracerProvider
	of []int
}

// A provider that was given need not be comparable.
func TestUncomparableProvider(t *testing.T) {
	s := newScene(t)
	s.Observer = telemetry.New(telemetry.WithTracerProvider(uncomparable{TracerProvider: s.tracers}), telemetry.WithoutMetrics(), telemetry.WithoutLogs())
	s.do(s.pipeline(), fine)
	assert.Len(t, s.spans.Ended(), 3)
}

// The options that leave something out leave that out, and nothing else.
func TestWithout(t *testing.T) {
	for name, without := range map[string]telemetry.Option{
		"traces": telemetry.WithoutTraces(), "metrics": telemetry.WithoutMetrics(), "logs": telemetry.WithoutLogs(),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := told(t, "a panic that is contained while the call goes on", newScene(t, without))
				told(t, "rejection on the second attempt", s)
				synctest.Wait()
				assert.Equal(t, name == "traces", len(s.spans.Ended()) == 1, "the program's own")
				assert.Equal(t, name == "metrics", len(s.metrics()) == 0)
				assert.Equal(t, name == "logs", len(s.logs.lines()) == 0)
			})
		})
	}
	s := newScene(t, telemetry.WithoutTraces(), telemetry.WithoutMetrics(), telemetry.WithoutLogs())
	at, w := s.Begin(ctx, "inventory")
	assert.Equal(t, ctx, at)
	assert.Nil(t, w)
}

// Nonsense is refused with words that help.
func TestNonsense(t *testing.T) {
	err := telemetry.Validate(telemetry.WithTracerProvider(nil), telemetry.WithMeterProvider(nil), telemetry.WithLogger(nil), nil)
	require.Error(t, err)
	for _, says := range []string{
		"telemetry: WithTracerProvider(nil): must be a provider; leave it out for the global one, or see WithoutTraces",
		"telemetry: WithMeterProvider(nil): must be a provider; leave it out for the global one, or see WithoutMetrics",
		"telemetry: WithLogger(nil): must be a logger; leave it out for slog.Default, or see WithoutLogs",
		"telemetry: option 4 is nil: leave it out instead",
	} {
		assert.ErrorContains(t, err, says)
	}
	assert.PanicsWithError(t, "telemetry: option 1 is nil: leave it out instead", func() { telemetry.New(nil) })
	assert.NoError(t, telemetry.Validate(telemetry.WithErrorText()))
}

// A meter that refuses an instrument is heard by otel's error handler, and the program serves without it.
func TestAMeterThatRefuses(t *testing.T) {
	var heard []error
	handler := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { heard = append(heard, err) }))
	defer otel.SetErrorHandler(handler)
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.WithMeterProvider(refusing{}))
		for _, is := range stories {
			is.tell(s)
		}
		assert.NotEmpty(t, heard)
	})
	heard = nil
	view := metric.NewView(metric.Instrument{Name: "ductile.*"}, metric.Stream{Aggregation: metric.AggregationLastValue{}})
	o := telemetry.New(telemetry.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()), metric.WithView(view))))
	p := ductile.New("inventory", bulkhead.New(1)).With(o)
	_, err := ductile.Do(ctx, p, func(context.Context) (int, error) { return 7, nil })
	require.NoError(t, err)
	p.Detach()
	assert.NotEmpty(t, heard)
}

var errRefused = errors.New("no such instrument")

// refusing makes no instrument.
type refusing struct{ apinoop.MeterProvider }

func (refusing) Meter(string, ...api.MeterOption) api.Meter { return refusingMeter{} }

type refusingMeter struct{ apinoop.Meter }

func (refusingMeter) Int64Counter(string, ...api.Int64CounterOption) (api.Int64Counter, error) {
	return nil, errRefused
}

func (refusingMeter) Float64Histogram(string, ...api.Float64HistogramOption) (api.Float64Histogram, error) {
	return nil, errRefused
}

func (refusingMeter) Int64ObservableUpDownCounter(string, ...api.Int64ObservableUpDownCounterOption) (api.Int64ObservableUpDownCounter, error) {
	return nil, errRefused
}

func (refusingMeter) Int64ObservableCounter(string, ...api.Int64ObservableCounterOption) (api.Int64ObservableCounter, error) {
	return nil, errRefused
}

func (refusingMeter) Float64ObservableCounter(string, ...api.Float64ObservableCounterOption) (api.Float64ObservableCounter, error) {
	return nil, errRefused
}

func (refusingMeter) Int64ObservableGauge(string, ...api.Int64ObservableGaugeOption) (api.Int64ObservableGauge, error) {
	return nil, errRefused
}

func (refusingMeter) Float64ObservableGauge(string, ...api.Float64ObservableGaugeOption) (api.Float64ObservableGauge, error) {
	return nil, errRefused
}

func (refusingMeter) RegisterCallback(api.Callback, ...api.Observable) (api.Registration, error) {
	return nil, errRefused
}
