package main

import (
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/ductile-go/ductile/telemetry"
)

func TestRead(t *testing.T) {
	ours := instrumentation.Scope{Name: telemetry.ScopeName}
	begun := time.UnixMilli(1000)
	for _, tt := range []struct {
		stub tracetest.SpanStub
		want kind
	}{
		{tracetest.SpanStub{InstrumentationScope: ours}, call},
		{tracetest.SpanStub{InstrumentationScope: ours, Attributes: []attribute.KeyValue{attribute.Int(number, 1)}}, attempt},
		{tracetest.SpanStub{SpanKind: trace.SpanKindClient}, request},
		{tracetest.SpanStub{SpanKind: trace.SpanKindServer}, served},
		{tracetest.SpanStub{Attributes: []attribute.KeyValue{attribute.Int(number, 1)}}, request}, // somebody else's
	} {
		tt.stub.Name, tt.stub.StartTime, tt.stub.EndTime = "a name", begun, begun.Add(time.Second)
		tt.stub.Resource = resource.NewSchemaless(attribute.String("service.version", "1"), attribute.String("service.name", "shop"))
		tt.stub.SpanContext = trace.NewSpanContext(trace.SpanContextConfig{SpanID: trace.SpanID{2}})
		tt.stub.Parent = trace.NewSpanContext(trace.SpanContextConfig{SpanID: trace.SpanID{1}})
		for _, failed := range []bool{false, true} {
			tt.stub.Status = sdktrace.Status{Code: map[bool]codes.Code{true: codes.Error}[failed]}
			got := read(tt.stub.Snapshot())
			if got.kind != tt.want || got.name != "a name" || got.service != "shop" || got.took() != time.Second || !got.start.Equal(begun) ||
				got.failed != failed || got.id != (trace.SpanID{2}) || got.parent != (trace.SpanID{1}) || got.has(number) != (len(tt.stub.Attributes) > 0) {
				t.Errorf("%+v instead of kind %d", got, tt.want)
			}
		}
	}
}

func TestTree(t *testing.T) {
	spans := eventful()
	slices.Reverse(spans) // as they end, rather than as they start
	spans = append(spans, made(9, 77, served, "GET /", 5, 6))
	roots := tree(spans)
	if len(roots) != 2 || roots[0].id[0] != 1 || roots[1].id[0] != 9 {
		t.Fatalf("the roots are %v", roots)
	}
	var order []byte
	for s := range roots[0].all {
		order = append(order, s.id[0])
	}
	if !slices.Equal(order, []byte{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("the order is %v", order)
	}
	for s := range roots[0].all {
		if s.id[0] == 4 {
			break // which must not go on
		}
	}
}

func TestReading(t *testing.T) {
	s := made(1, 0, call, "stock", 0, 1500)
	s.says[retryWait] = attribute.Float64Value(0.25)
	if s.time(retryWait) != 250*time.Millisecond || s.time(delay) != 0 || s.number(attempts) != 0 || s.text(outcome) != "" || s.list(rejectedBy) != nil {
		t.Errorf("%+v", s)
	}
	for d, want := range map[time.Duration]string{
		0: "0.0 ms", 1250 * time.Microsecond: "1.2 ms", 9949 * time.Microsecond: "9.9 ms", 9950 * time.Microsecond: "10 ms", 1500 * time.Millisecond: "1500 ms",
	} {
		if got := ms(d); got != want {
			t.Errorf("%v is printed as %q", d, got)
		}
	}
}

func TestAnswers(t *testing.T) {
	for how, of := range map[string]rune{
		"success": answer, "permanent": answer, "ignored": answer, "superseded": loss,
		"transient": failure, "timeout": failure, "overload": failure, "canceled": failure, "rejected": failure,
	} {
		if got := material(try(1, 0, 1, 1, 1, how)); got != of {
			t.Errorf("%s is drawn as %c", how, got)
		}
	}
	for of, want := range map[kind]rune{call: whole, request: sent, served: received} {
		if got := material(made(1, 0, of, "", 0, 1)); got != want {
			t.Errorf("kind %d is drawn as %c", of, got)
		}
	}
}

func TestWhy(t *testing.T) {
	won := made(1, 0, call, "stock", 0, 1, attribute.Int(wonBy, 2))
	for _, tt := range []struct {
		of, attempt *span
		want        string
	}{
		{made(1, 0, call, "stock", 0, 1), try(2, 0, 1, 1, 1, "success"), ""},
		{made(1, 0, call, "stock", 0, 1), try(2, 0, 1, 2, 2, "success"), ""}, // nobody won: the others had failed
		{won, try(2, 0, 1, 1, 1, "superseded"), ""},
		{won, try(2, 0, 1, 1, 1, "success"), ""}, // too late to be superseded
		{won, try(2, 0, 1, 1, 2, "success"), "the first to answer: it won"},
		{won, try(2, 0, 1, 1, 2, "permanent"), "the first to answer: it won"},
		{won, try(2, 0, 1, 1, 2, "timeout"), ""},
	} {
		if got := tt.attempt.why(tt.of); got != tt.want {
			t.Errorf("%v: %q instead of %q", tt.attempt.says, got, tt.want)
		}
	}
}

func TestEnds(t *testing.T) {
	s := made(1, 0, call, "stock", 0, 1, attribute.StringSlice(rejectedBy, []string{"a", "b"}), attribute.Float64(retryWait, 2))
	want := []end{{title: "refused by: a", mark: refusal, wait: 2 * time.Second}, {title: "refused by: b", mark: refusal}}
	if got := s.ends(); !slices.Equal(got, want) {
		t.Errorf("%+v instead of %+v", got, want)
	}
}
