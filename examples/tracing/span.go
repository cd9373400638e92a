package main

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/ductile-go/ductile/telemetry"
)

// The attributes that are read here. docs/telemetry.md lists all of them.
const (
	outcome    = "ductile.outcome"
	number     = "ductile.attempt.number"
	copyNumber = "ductile.attempt.copy"
	reason     = "ductile.attempt.reason"
	delay      = "ductile.attempt.delay"
	cause      = "ductile.attempt.cause"
	attempts   = "ductile.call.attempts"
	wonBy      = "ductile.call.won_by"
	retryWait  = "ductile.call.retry_wait"
	stopped    = "ductile.call.retry_stopped"
	rejectedBy = "ductile.call.rejected_by"
	answeredBy = "ductile.call.answered_by"
	statusCode = "http.response.status_code"
)

// A kind is whose span it is.
type kind int

const (
	call kind = iota
	attempt
	request // as the client sees it
	served  // as the server does
)

// A span is what a waterfall knows of a span.
type span struct {
	id, parent trace.SpanID
	kind       kind
	name       string
	service    string
	start, end time.Time
	failed     bool // its status says so
	says       map[attribute.Key]attribute.Value
	inside     []*span // in the order in which they started
}

// read returns what a waterfall knows of a span of the SDK.
func read(s sdktrace.ReadOnlySpan) *span {
	known := &span{
		id: s.SpanContext().SpanID(), parent: s.Parent().SpanID(), name: s.Name(), start: s.StartTime(), end: s.EndTime(),
		failed: s.Status().Code == codes.Error, says: map[attribute.Key]attribute.Value{},
	}
	for _, a := range s.Attributes() {
		known.says[a.Key] = a.Value
	}
	for _, a := range s.Resource().Attributes() {
		if a.Key == "service.name" {
			known.service = a.Value.AsString()
		}
	}
	_, numbered := known.says[number]
	switch {
	case s.InstrumentationScope().Name == telemetry.ScopeName && numbered:
		known.kind = attempt
	case s.InstrumentationScope().Name == telemetry.ScopeName:
		known.kind = call
	case s.SpanKind() == trace.SpanKindServer:
		known.kind = served
	default:
		known.kind = request
	}
	return known
}

// tree puts spans below their parents, and returns those that have none there.
func tree(spans []*span) (roots []*span) {
	known := map[trace.SpanID]*span{}
	for _, s := range spans {
		known[s.id] = s
	}
	sorted := slices.SortedStableFunc(slices.Values(spans), func(a, b *span) int { return cmp.Or(a.start.Compare(b.start), b.end.Compare(a.end)) })
	for _, s := range sorted {
		if parent := known[s.parent]; parent != nil {
			parent.inside = append(parent.inside, s)
		} else {
			roots = append(roots, s)
		}
	}
	return roots
}

// all yields the span and those below it, each before what is inside of it.
func (s *span) all(yield func(*span) bool) { s.walk(yield) }

func (s *span) walk(yield func(*span) bool) bool {
	return yield(s) && !slices.ContainsFunc(s.inside, func(inside *span) bool { return !inside.walk(yield) })
}

func (s *span) took() time.Duration             { return s.end.Sub(s.start) }
func (s *span) has(key attribute.Key) bool      { _, ok := s.says[key]; return ok }
func (s *span) number(key attribute.Key) int    { return int(s.says[key].AsInt64()) }
func (s *span) text(key attribute.Key) string   { return s.says[key].AsString() }
func (s *span) list(key attribute.Key) []string { return s.says[key].AsStringSlice() }
func (s *span) time(key attribute.Key) time.Duration {
	return time.Duration(s.says[key].AsFloat64() * float64(time.Second))
}
