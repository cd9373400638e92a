// Package telemetry shows what policies did: as OpenTelemetry traces and metrics, and as logs.
//
//	p := ductile.New("inventory", …).With(telemetry.New())
//
// A call is a span, and so is each of its attempts: what they call (an otelhttp client, a database driver) nests under them. Who refused, what
// timed out and who answered instead stand on the call's span. Metrics count calls by outcome, attempts by reason, and show the state of
// breakers, safe modes, bulkheads, limiters and budgets. Logs tell of breakers and safe modes that change, and of calls that failed, at most
// 98 lines a minute however many fail.
//
// docs/telemetry.md lists every name. Names of pipelines and policies, and classes of package fault, are all that is ever said: no error's
// text, which is the peer's, unless [WithErrorText] asks for it.
//
// # Which option for whom
//
// Without options spans and metrics go to the global providers of otel, and logs to slog.Default. Make one observer for all pipelines of a program.
//
//	WithTracerProvider, WithMeterProvider, WithLogger   programs without globals, and tests
//	WithParentOnly                                      services that start a span for each request they serve, and follow its sampling
//	WithLeanSpans                                       calls that are many and mostly succeed at once: one span for these, not two
//	WithoutTraces, WithoutMetrics, WithoutLogs          programs that have the like from elsewhere
//	WithErrorText                                       programs whose traces and logs may hold what peers say
//
// # Cost
//
// Attribute sets are made once for each pipeline and kept. A call that succeeds at once, and has no span, costs one allocation; spans cost what the
// SDK makes of them. With [WithParentOnly], [WithoutMetrics] and [WithoutLogs] a call whose caller's span is not recorded allocates nothing.
// docs/telemetry.md has the cost of each mode.
package telemetry

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/ductile-go/ductile"
)

// An Observer emits telemetry of the pipelines that it is attached to, by Pipeline.With. It is made by [New]; one for all pipelines of a program is
// enough. Attached to a pipeline twice it tells of each call twice. It is safe for concurrent use.
type Observer struct {
	config
	spansOnly   bool         // there is nothing to do without a span
	instruments *instruments // nil without metrics
	gauges      *gauges      // nil without metrics
	registry    registry
	tracer      trace.Tracer           // of the provider that was given; nil without
	global      atomic.Pointer[tracer] // of the one that was global last
	lines       [subjects]limited      // of all pipelines together

	mu     sync.Mutex                         // held to change the following
	series atomic.Pointer[map[string]*series] // never changed in place: every call looks here
}

// New returns an observer that emits traces, metrics and logs: to the global providers of otel and to slog.Default, unless options say otherwise.
// It panics on options that make no sense; [Validate] says the same as an error. What a meter has against an instrument, as after a
// mistake in a view, goes to the error handler of otel.
func New(options ...Option) *Observer {
	c, err := configure(options)
	if err != nil {
		panic(err)
	}
	o := &Observer{config: c, registry: newRegistry()}
	o.spansOnly = c.noMetrics && c.noLogs
	o.series.Store(&map[string]*series{})
	if c.tracers != nil {
		o.tracer = tracerOf(c.tracers)
	}
	if !c.noMetrics {
		m := o.meter()
		o.instruments, o.gauges = newInstruments(m), newGauges(m)
	}
	return o
}

// Begin implements ductile.Observer.
func (o *Observer) Begin(ctx context.Context, pipeline string) (context.Context, ductile.Watch) {
	traced := !o.noTraces && (!o.followParent || trace.SpanFromContext(ctx).IsRecording())
	if !traced && o.spansOnly {
		return ctx, nil
	}
	return o.begin(ctx, pipeline, traced)
}

func (o *Observer) begin(ctx context.Context, pipeline string, traced bool) (context.Context, ductile.Watch) {
	s := o.seriesOf(pipeline)
	var start time.Time
	if o.instruments != nil {
		start = time.Now()
	}
	var tracer trace.Tracer
	var span trace.Span
	if traced {
		tracer = o.tracerNow()
		if ctx, span = tracer.Start(ctx, s.callSpan, s.callOptions...); !span.IsRecording() {
			span = nil
		}
	}
	if span == nil && o.spansOnly {
		return ctx, nil
	}
	s.active.Add(1)
	return ctx, &call{observer: o, series: s, start: start, tracer: tracer, span: span}
}
