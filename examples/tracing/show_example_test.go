package main

import (
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// made returns a span as package telemetry and otelhttp make them, from one time to another, in milliseconds.
func made(id, parent byte, of kind, name string, from, to int, says ...attribute.KeyValue) *span {
	s := &span{
		id: trace.SpanID{id}, parent: trace.SpanID{parent}, kind: of, name: name, service: "shop",
		start: time.UnixMilli(int64(from)), end: time.UnixMilli(int64(to)), says: map[attribute.Key]attribute.Value{},
	}
	if of == served {
		s.service = "inventory"
	}
	for _, a := range says {
		s.says[a.Key] = a.Value
	}
	return s
}

// try returns an attempt's span.
func try(id byte, from, to, nth, nthCopy int, how string, says ...attribute.KeyValue) *span {
	says = append(says, attribute.Int(number, nth), attribute.Int(copyNumber, nthCopy), attribute.String(outcome, how))
	return made(id, 1, attempt, "stock attempt", from, to, says...)
}

// eventful returns the spans of a call in which all that can happen does.
func eventful() []*span {
	because := func(why string, after float64) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String(reason, why), attribute.Float64(delay, after)}
	}
	return []*span{
		made(1, 0, call, "stock", 0, 900, attribute.String(outcome, "degraded"), attribute.Float64(retryWait, 0.5),
			attribute.String(stopped, "rejected"), attribute.StringSlice(rejectedBy, []string{"breaker"}), attribute.String(answeredBy, "cache")),
		try(2, 0, 300, 1, 1, "timeout", attribute.String(reason, "first")),
		made(3, 2, request, "HTTP GET", 0, 300),
		made(4, 3, served, "GET /", 1, 301, attribute.Int(statusCode, 499)),
		try(5, 100, 130, 1, 2, "overload", because("hedge", 0.1)...),
		made(6, 5, request, "HTTP GET", 101, 129, attribute.Int(statusCode, 503)),
		try(7, 500, 600, 2, 1, "transient", append(because("retry", 0.2), attribute.String(cause, "timeout"))...),
		try(8, 600, 601, 2, 2, "transient", append(because("hedge", 0), attribute.String(cause, "transient"))...),
	}
}

func Example_waterfall() {
	for _, root := range tree(eventful()) {
		draw(os.Stdout, root)
	}
	// Output:
	// stock                         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  900 ms  degraded
	// ├ attempt 1                   ▒▒▒▒▒▒▒▒▒▒                      300 ms  timeout
	// │ └ HTTP GET                  ──────────                      300 ms  no answer
	// │   └ inventory GET /         ══════════                      300 ms  499
	// ├ attempt 1, copy 2           ···▒                             30 ms  overload
	// │ │ a copy: there was no answer after 100 ms
	// │ └ HTTP GET                     ─                             28 ms  503
	// ├ attempt 2                             ·······▒▒▒            100 ms  transient
	// │   a repeat, after a wait of 200 ms: the attempt before ended with timeout
	// ├ attempt 2, copy 2                               ▒           1.0 ms  transient
	// │   a copy, made at once: another one ended with transient
	// ├ refused by: breaker                             ·········✗
	// └ answered by: cache                                       ✓
}

// A copy that has lost may end after the call.
func Example_won() {
	for _, root := range tree([]*span{
		made(1, 0, call, "stock", 0, 240, attribute.String(outcome, "success"), attribute.Int(wonBy, 1)),
		try(2, 0, 240, 1, 1, "success"),
		try(3, 100, 300, 1, 2, "superseded", attribute.String(reason, "hedge"), attribute.Float64(delay, 0.1)),
	}) {
		draw(os.Stdout, root)
	}
	// Output:
	// stock                         ━━━━━━━━━━━━━━━━━━━━━━━━        240 ms  success
	// ├ attempt 1                   ████████████████████████        240 ms  success
	// │   the first to answer: it won
	// └ attempt 1, copy 2           ··········░░░░░░░░░░░░░░░░░░░░  200 ms  superseded
	//     a copy: there was no answer after 100 ms
}

func Example_gaveUp() {
	for _, root := range tree([]*span{
		made(1, 0, call, "stock", 0, 100, attribute.String(outcome, "transient"), attribute.String(stopped, "budget")), try(2, 0, 100, 1, 1, "transient"),
	}) {
		draw(os.Stdout, root)
	}
	// Output:
	// stock                         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  100 ms  transient
	// ├ attempt 1                   ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒  100 ms  transient
	// └ no more attempts: budget                                 ✗
}

func Example_legend() {
	legend(os.Stdout)
	fmt.Println("The end.")
	// Output:
	// ━ the call, with all that is done for it · a wait, before an attempt or a copy
	// █ an attempt that was answered           ─ its HTTP request, as the shop sees it
	// ▒ an attempt that failed                 ═ the same, as the inventory sees it
	// ░ one whose copy was faster (superseded) 499: the shop did not wait for that
	// ✗ a policy refused an attempt            ✓ who answered instead (degraded)
	//
	// The end.
}
