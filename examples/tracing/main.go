// Tracing shows what a trace says of a call that was repeated, hedged, refused and answered by somebody else: a shop asks an inventory how
// many umbrellas there are, over HTTP, and the inventory has a bad time. Each call is printed as a waterfall. It takes a second, and
// exits non-zero if the traces do not keep what they promise.
//
//	go run ./examples/tracing
//	OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 go run ./examples/tracing   # and to a collector, over HTTP; metrics, too
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/telemetry"
	"github.com/ductile-go/ductile/timeout"
)

// providers are where the spans and the measurements of a program go.
type providers struct {
	tracers *sdktrace.TracerProvider
	meters  *sdkmetric.MeterProvider
}

// newProviders returns those of a service. The shop and the inventory are one program here, and two services to those who look at traces.
// Spans go to the journal, from which they are printed, and by OTLP to where the environment says, as measurements do.
func newProviders(ctx context.Context, service string, j *journal) (p providers, err error) {
	about, err := resource.Merge(resource.Default(), resource.NewSchemaless(attribute.String("service.name", service)))
	if err != nil {
		return p, err
	}
	tracing, metering, err := export(ctx)
	if err != nil {
		return p, err
	}
	tracing = append(tracing, sdktrace.WithResource(about), sdktrace.WithSpanProcessor(j), sdktrace.WithSampler(sdktrace.AlwaysSample()))
	metering = append(metering, sdkmetric.WithResource(about))
	return providers{sdktrace.NewTracerProvider(tracing...), sdkmetric.NewMeterProvider(metering...)}, nil
}

// newShop returns a client of the inventory that is traced: its calls and their attempts by package telemetry, and below each attempt its
// request by otelhttp, which tells the inventory whose it is.
func newShop(url string, base http.RoundTripper, otel providers) *shop {
	observer := telemetry.New( // with no option at all it is the global providers', and logs to slog
		telemetry.WithTracerProvider(otel.tracers), telemetry.WithMeterProvider(otel.meters), telemetry.WithoutLogs())
	return &shop{
		url:      url,
		pipeline: pipeline().With(observer),
		http: &http.Client{Transport: otelhttp.NewTransport(base,
			otelhttp.WithTracerProvider(otel.tracers), otelhttp.WithMeterProvider(otel.meters), otelhttp.WithPropagators(propagation.TraceContext{}))},
	}
}

// pipeline returns what protects the shop. The names of policies are worth a thought: who refused, and who answered, is told by them.
func pipeline() *ductile.ConcurrentPipeline {
	return ductile.NewConcurrent("stock", // outermost first
		fallback.Value(Stock{Umbrellas: 7, Old: true}, fallback.Name("yesterday's count")),
		timeout.New(3*time.Second), // the whole call
		retry.New(retry.Constant(pause), retry.OverloadBase(0), retry.NoJitter()),   // for a show whose times are easy to read: leave it all out
		breaker.New(breaker.Name("stock breaker"), breaker.ConsecutiveFailures(2)),  // for a show of five calls
		hedge.New(hedge.After(patience), hedge.Budget(budget.New(budget.Share(1)))), // likewise: so few would not earn a copy
		timeout.New(limit, timeout.Name("answer in time")),                          // each copy
	)
}

const (
	patience = 100 * time.Millisecond // then there is a second copy
	limit    = 300 * time.Millisecond // of each copy
	pause    = 200 * time.Millisecond // before a repeat
)

func main() {
	kept, err := show(context.Background(), os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || !kept {
		os.Exit(1)
	}
}
