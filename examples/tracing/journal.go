package main

import (
	"context"
	"errors"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// A journal keeps the spans of one trace at a time. It is a span processor, as the one that sends them to a collector is.
type journal struct {
	mu    sync.Mutex
	trace trace.TraceID
	open  int
	ended []sdktrace.ReadOnlySpan
	quiet chan struct{} // closed when no span is open any more
}

// OnStart implements sdktrace.SpanProcessor. A span without a parent begins another trace.
func (j *journal) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !s.Parent().IsValid() {
		j.trace, j.open, j.ended = s.SpanContext().TraceID(), 0, nil
	}
	if s.SpanContext().TraceID() != j.trace {
		return
	}
	if j.open == 0 {
		j.quiet = make(chan struct{})
	}
	j.open++
}

// OnEnd implements sdktrace.SpanProcessor.
func (j *journal) OnEnd(s sdktrace.ReadOnlySpan) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if s.SpanContext().TraceID() != j.trace {
		return
	}
	j.ended = append(j.ended, s)
	if j.open--; j.open == 0 {
		close(j.quiet)
	}
}

// Shutdown implements sdktrace.SpanProcessor.
func (j *journal) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (j *journal) ForceFlush(context.Context) error { return nil }

// take returns the spans of the last trace, once all have ended: a copy that lost may end after the call, and so may its server.
func (j *journal) take(ctx context.Context) ([]sdktrace.ReadOnlySpan, error) {
	j.mu.Lock()
	quiet := j.quiet
	j.mu.Unlock()
	if quiet == nil {
		return nil, errors.New("there are no spans")
	}
	select {
	case <-quiet:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.ended, nil
}
