package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func TestJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := new(journal)
		if spans, err := j.take(t.Context()); err == nil {
			t.Errorf("before anything happened there are %d spans", len(spans))
		}
		tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(j)).Tracer("test")

		for range 2 { // the second time with nothing of the first
			other, straggler := tracer.Start(t.Context(), "of another trace")
			ctx, root := tracer.Start(t.Context(), "root")
			_, late := tracer.Start(ctx, "late")
			_, child := tracer.Start(other, "of the other trace, too")
			root.End()
			straggler.End()
			go func() {
				time.Sleep(time.Second)
				late.End()
			}()
			began := time.Now()
			spans, err := j.take(t.Context())
			child.End()
			if err != nil || len(spans) != 2 || time.Since(began) != time.Second {
				t.Errorf("%d spans after %v, %v", len(spans), time.Since(began), err)
			}
		}

		_, open := tracer.Start(t.Context(), "never ends")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if spans, err := j.take(ctx); err == nil {
			t.Errorf("there are %d spans of a trace that has not ended", len(spans))
		}
		open.End()
		if j.Shutdown(t.Context()) != nil || j.ForceFlush(t.Context()) != nil {
			t.Error("there is nothing that could fail")
		}
	})
}

func TestLeaks(t *testing.T) {
	j := new(journal)
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(j)).Tracer("test")
	ctx, root := tracer.Start(t.Context(), "root")
	for _, leak := range []func(trace.Span){
		func(trace.Span) {},
		func(s trace.Span) { s.SetName("was told: " + insides) },
		func(s trace.Span) { s.SetAttributes(attribute.String("text", insides)) },
		func(s trace.Span) { s.AddEvent("event", trace.WithAttributes(attribute.String("text", insides))) },
		func(s trace.Span) { s.SetStatus(codes.Error, insides) },
	} {
		_, s := tracer.Start(ctx, "a span")
		leak(s)
		s.End()
	}
	root.End()
	var found scene
	if err := found.find(t.Context(), j); err != nil || found.leaks != 4 || len(found.spans) != 6 || len(found.roots) != 1 {
		t.Errorf("%d leaks in %d spans, %v", found.leaks, len(found.spans), err)
	}
}
