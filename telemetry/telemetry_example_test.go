package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/telemetry"
)

// The code of docs/telemetry.md: what stands there stands here.

// Stock is what the examples ask an inventory for.
type Stock struct{ Count int }

// A program that has set its providers up needs one line more.
func switchOn(exporter trace.SpanExporter, reader metric.Reader) *ductile.Pipeline {
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithBatcher(exporter)))
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(reader)))

	observer := telemetry.New() // one for all pipelines
	return standard.Client("inventory").With(observer)
}

// A busy service follows the spans of its requests, and has one span for a call that succeeds at once.
func busy() *telemetry.Observer {
	return telemetry.New(telemetry.WithParentOnly(), telemetry.WithLeanSpans())
}

// Pipelines that come and go have one name, and so one set of series, and keyed detaches them.
func forHosts(observer *telemetry.Observer) *keyed.Pipelines[string, *ductile.Pipeline] {
	return keyed.New(func(string) *ductile.Pipeline {
		return standard.Client("upstream").With(observer)
	})
}

// One that a program throws away itself it detaches itself.
func once(observer *telemetry.Observer, call func(context.Context) (Stock, error)) (Stock, error) {
	p := standard.Client("migration").With(observer)
	defer p.Detach()
	return ductile.Do(context.Background(), p, call)
}

var _ = []any{switchOn, busy, forHosts, once}

// What a call that failed twice looks like: its own span is no error, for it has an answer.
func Example() {
	spans := tracetest.NewInMemoryExporter()
	reader := metric.NewManualReader()
	observer := telemetry.New(
		telemetry.WithTracerProvider(trace.NewTracerProvider(trace.WithSyncer(spans))),
		telemetry.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))),
	)
	p := ductile.New("inventory", retry.New(retry.Constant(time.Millisecond))).With(observer)

	calls := 0
	stock, err := ductile.Do(context.Background(), p, func(context.Context) (Stock, error) {
		if calls++; calls < 3 {
			return Stock{}, errors.New("connection reset")
		}
		return Stock{Count: 7}, nil
	})
	fmt.Println(stock.Count, err)

	for _, span := range spans.GetSpans() {
		fmt.Printf("%-17s %s\n", span.Name, span.Status.Code)
	}
	var all metricdata.ResourceMetrics
	_ = reader.Collect(context.Background(), &all)
	for _, m := range all.ScopeMetrics[0].Metrics {
		fmt.Println(m.Name)
	}
	// Output:
	// 7 <nil>
	// inventory attempt Error
	// inventory attempt Error
	// inventory attempt Unset
	// inventory         Unset
	// ductile.call.duration
	// ductile.attempt.duration
	// ductile.retry.wait
	// ductile.call.active
	// ductile.budget.refusals
	// ductile.budget.balance
}

// Logs need no OpenTelemetry: WithLogger and two options less make an observer that only writes lines.
func ExampleWithLogger() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{} // this one is an example, and must print the same every time
		}
		return a
	}}))
	observer := telemetry.New(telemetry.WithLogger(logger), telemetry.WithoutTraces(), telemetry.WithoutMetrics())
	p := ductile.New("inventory", fallback.Value(Stock{})).With(observer)

	for range 1000 {
		_, _ = ductile.Do(context.Background(), p, func(context.Context) (Stock, error) {
			return Stock{}, errors.New("connection reset")
		})
	}
	// Output:
	// level=WARN msg="ductile: call answered by a fallback" pipeline=inventory outcome=degraded attempts=1 answered_by=fallback
}
