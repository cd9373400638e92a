package telemetry

import (
	"reflect"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

// A tracer is that of a provider.
type tracer struct {
	trace.Tracer
	of trace.TracerProvider
}

func tracerOf(provider trace.TracerProvider) trace.Tracer {
	return provider.Tracer(ScopeName, trace.WithInstrumentationVersion(Version), trace.WithSchemaURL(SchemaURL))
}

// tracerNow returns the tracer of the provider that was given, or of the one that is global now.
func (o *Observer) tracerNow() trace.Tracer {
	if o.tracer != nil {
		return o.tracer
	}
	provider := otel.GetTracerProvider()
	if reflect.TypeOf(provider).Kind() != reflect.Pointer { // it might not even be comparable
		return tracerOf(provider)
	}
	if t := o.global.Load(); t != nil && t.of == provider {
		return t.Tracer
	}
	t := &tracer{tracerOf(provider), provider}
	o.global.Store(t)
	return t.Tracer
}
