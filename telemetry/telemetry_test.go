package telemetry_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/telemetry"
)

var (
	ctx     = context.Background()
	errDown = errors.New("password=secret refused") // what must not be said
)

// A scene is what receives the telemetry of a test.
type scene struct {
	*testing.T
	*telemetry.Observer
	spans   *tracetest.SpanRecorder
	tracers *trace.TracerProvider
	reader  *metric.ManualReader
	meters  *metric.MeterProvider
	logs    *logs
	made    []interface{ Detach() } // pipelines
}

func newScene(t *testing.T, options ...telemetry.Option) *scene {
	s := &scene{T: t, spans: tracetest.NewSpanRecorder(), reader: metric.NewManualReader(), logs: new(logs)}
	s.tracers = trace.NewTracerProvider(trace.WithSpanProcessor(s.spans))
	s.meters = metric.NewMeterProvider(metric.WithReader(s.reader))
	s.Observer = telemetry.New(slices.Concat([]telemetry.Option{
		telemetry.WithTracerProvider(s.tracers), telemetry.WithMeterProvider(s.meters), telemetry.WithLogger(s.logs.logger()),
	}, options)...)
	return s
}

// pipeline returns one that the scene watches.
func (s *scene) pipeline(policies ...ductile.Policy) *ductile.Pipeline {
	p := ductile.New("inventory", policies...).With(s.Observer)
	s.made = append(s.made, p)
	return p
}

func (s *scene) concurrent(policies ...ductile.Policy) *ductile.ConcurrentPipeline {
	p := ductile.NewConcurrent("inventory", policies...).With(s.Observer)
	s.made = append(s.made, p)
	return p
}

// leave detaches the pipelines.
func (s *scene) leave() {
	for _, p := range s.made {
		p.Detach()
	}
}

// logs are lines of log, without their time.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// lines returns the lines, and forgets them.
func (l *logs) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := strings.TrimSuffix(l.text.String(), "\n")
	l.text.Reset()
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// tree returns the spans that have ended as text, each below its parent: when it began and ended, in milliseconds since the first, its
// attributes, and whether it is an error.
func (s *scene) tree() string {
	spans := s.spans.Ended()
	slices.SortStableFunc(spans, func(a, b trace.ReadOnlySpan) int {
		return cmp.Or(a.StartTime().Compare(b.StartTime()), cmp.Compare(fmt.Sprint(a.Attributes()), fmt.Sprint(b.Attributes())))
	})
	ids := map[api.SpanID]bool{}
	for _, span := range spans {
		ids[span.SpanContext().SpanID()] = true
	}
	var b strings.Builder
	var below func(parent api.SpanID, indent string)
	below = func(parent api.SpanID, indent string) {
		for _, span := range spans {
			under := span.Parent().SpanID()
			if under != parent && (parent.IsValid() || ids[under]) {
				continue
			}
			fmt.Fprintf(&b, "%s%s %d-%d%s\n", indent, span.Name(), ms(span.StartTime().Sub(spans[0].StartTime())),
				ms(span.EndTime().Sub(spans[0].StartTime())), said(span))
			below(span.SpanContext().SpanID(), indent+"  ")
		}
	}
	below(api.SpanID{}, "")
	return b.String()
}

func ms(d time.Duration) int64 { return d.Milliseconds() }

// said returns what a span says, without the pipeline, which its name is.
func said(span trace.ReadOnlySpan) string {
	var b strings.Builder
	for _, a := range span.Attributes() {
		if a.Key != "ductile.pipeline.name" {
			fmt.Fprintf(&b, " %s=%s", strings.TrimPrefix(string(a.Key), "ductile."), a.Value.String())
		}
	}
	if status := span.Status(); status.Code != codes.Unset {
		b.WriteString(" " + strings.ToUpper(status.Code.String()))
		if status.Description != "" {
			b.WriteString("(" + status.Description + ")")
		}
	}
	return b.String()
}

// metrics returns what is collected now, by instrument: for each set of attributes a line with its value.
func (s *scene) metrics() map[string][]string {
	found := map[string][]string{}
	for _, m := range s.collect() {
		found[m.Name] = points(m.Data)
	}
	return found
}

func (s *scene) collect() []metricdata.Metrics {
	var all metricdata.ResourceMetrics
	require.NoError(s.T, s.reader.Collect(ctx, &all))
	var found []metricdata.Metrics
	for _, scope := range all.ScopeMetrics {
		if scope.Scope.Name == telemetry.ScopeName {
			found = append(found, scope.Metrics...)
		}
	}
	return found
}

// points returns a line for each point.
func points(data metricdata.Aggregation) (lines []string) {
	add := func(attributes attribute.Set, value string) {
		var words []string
		for _, a := range attributes.ToSlice() {
			words = append(words, strings.TrimPrefix(string(a.Key), "ductile.")+"="+a.Value.String())
		}
		lines = append(lines, strings.Join(append(words, value), " "))
	}
	switch data := data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, strconv.FormatInt(p.Value, 10))
		}
	case metricdata.Sum[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, fmt.Sprint(p.Value))
		}
	case metricdata.Gauge[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, strconv.FormatInt(p.Value, 10))
		}
	case metricdata.Gauge[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, fmt.Sprint(p.Value))
		}
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, fmt.Sprintf("%d in %gs", p.Count, p.Sum))
		}
	default:
		lines = append(lines, fmt.Sprintf("%T", data))
	}
	slices.Sort(lines)
	return lines
}

// work takes a time and ends in err, or in its context's error if that ends before.
func work(ctx context.Context, takes time.Duration, err error) (int, error) {
	if takes == 0 {
		return 7, err
	}
	select {
	case <-time.After(takes):
		return 7, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// A step is how one call of a function goes.
type step struct {
	takes time.Duration
	err   error
}

// script returns a function that goes as it is told, call by call; the last step for ever. It opens a span of its own in each call.
func (s *scene) script(steps ...step) func(context.Context) (int, error) {
	var mu sync.Mutex
	return func(ctx context.Context) (int, error) {
		mu.Lock()
		is := steps[0]
		if len(steps) > 1 {
			steps = steps[1:]
		}
		mu.Unlock()
		ctx, span := s.tracers.Tracer("program").Start(ctx, "GET")
		defer span.End()
		return work(ctx, is.takes, is.err)
	}
}
