package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// export returns what makes providers send by OTLP what the environment wants sent. The exporters look there, too: for the endpoint, for
// headers, for certificates.
func export(ctx context.Context) (tracing []sdktrace.TracerProviderOption, metering []sdkmetric.Option, err error) {
	if endpoint(traces) != "" {
		exporter, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, nil, err
		}
		tracing = append(tracing, sdktrace.WithBatcher(exporter))
	}
	if endpoint(metrics) != "" {
		exporter, err := otlpmetrichttp.New(ctx)
		if err != nil {
			return nil, nil, err
		}
		metering = append(metering, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	}
	return tracing, metering, nil
}

// The signals.
const (
	traces  = "traces"
	metrics = "metrics"
)

// endpoint returns where a signal is to go, empty for nowhere.
func endpoint(signal string) string {
	if where := os.Getenv("OTEL_EXPORTER_OTLP_" + strings.ToUpper(signal) + "_ENDPOINT"); where != "" {
		return where
	}
	return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")
}

// deliver is how long the last spans and measurements may take on their way. Nobody waits for a collector that is gone.
const deliver = 5 * time.Second

// close sends what is left. Spans are flushed first, because what cannot be sent at a shutdown is logged, and not returned.
func (p providers) close(ctx context.Context) error {
	return errors.Join(
		undelivered(traces, cmp.Or(p.tracers.ForceFlush(ctx), p.tracers.Shutdown(ctx))),
		undelivered(metrics, p.meters.Shutdown(ctx)),
	)
}

func undelivered(signal string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s were not delivered to %s: %w", signal, endpoint(signal), err)
}
