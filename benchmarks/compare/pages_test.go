package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// Where the figures of the last long run are, and the pages that quote them.
const (
	figures = "../../docs/benchmarks/compare.json"
	readme  = "../../README.md"
	whole   = "../../docs/benchmarks.md"
)

// A quoted row is one of the tables of ratios: what it says, of which path and beside whom, and what it says of the peer.
type quoted struct {
	says, path, by, peer string
	readme               bool // it stands there, too
}

var rows = []quoted{
	{"fallback, retry, breaker, bulkhead", "stack", "failsafe-go", "failsafe-go", true},
	{"the same and an attempt timeout", "stack-timeout", "failsafe-go", "failsafe-go", true},
	{"the same, by a function that waits on its context", "stack-done", "failsafe-go", "failsafe-go", false},
	{"the first row, on all cores", "stack-contended", "failsafe-go", "failsafe-go", false},
	{"a closed breaker", "breaker", "gobreaker", "gobreaker", true},
	{"the same, on all cores", "breaker-contended", "gobreaker", "gobreaker", true},
	{"an open breaker: refusals", "breaker-open", "gobreaker", "gobreaker", true},
	{"a bulkhead, in a pipeline", "bulkhead", "semaphore", "x/sync/semaphore, bare", true},
	{"a bulkhead alone, on all cores", "bulkhead-contended", "semaphore", "x/sync/semaphore", false},
	{"a rate limit, in a pipeline", "ratelimit", "rate.Limiter", "x/time/rate, bare", false},
	{"a retry that is not needed", "retry", "backoff v4", "cenkalti/backoff v4, which has no budget", true},
	{"the same", "retry", "avast", "avast/retry-go, shared as it advises: without the caller's context, and without a budget, which it has if asked", true},
	{"a hedge that is not needed", "hedge", "failsafe-go", "failsafe-go", true},
	{"the same, by a function that waits on its context", "hedge-done", "failsafe-go", "failsafe-go", false},
	{"a transport with retry, breaker and timeout, besides the base", "transport", "failsafe-go", "failsafehttp", true},
	{"the same", "transport-retries", "retryablehttp", "go-retryablehttp, which has a retry alone", true},
	{"the same, a request over loopback", "loopback", "bare", "net/http without any", false},
	{"a handler with bulkhead and timeout", "handler", "failsafe-go", "failsafehttp", true},
	{"a handler with a bulkhead alone", "handler-bulkhead", "semaphore", "x/sync/semaphore in four lines", false},
	{"a gRPC interceptor with retry and breaker, besides the call", "grpc", "failsafe-go", "failsafegrpc", true},
	{"one with a retry alone", "grpc-retries", "go-grpc-middleware", "go-grpc-middleware, which knows no pushback, budget or idempotency", true},
	{"one with a hedge that is not needed", "grpc-hedge", "bhope/hedge", "bhope/hedge", false},
	{"a gRPC call with retry and breaker, over loopback", "grpc-net", "bare", "gRPC without any", false},
}

// What the pages quote is what the last long run has measured.
func TestPagesQuoteTheLastRun(t *testing.T) {
	report := measured(t)
	for page, wanted := range map[string]func(quoted) bool{
		readme: func(q quoted) bool { return q.readme },
		whole:  func(quoted) bool { return true },
	} {
		table, text := ratios(t, report, wanted), read(t, page)
		if !strings.Contains(text, table) || strings.Count(text, "| a call through |") != 1 {
			t.Errorf("%s does not have the table, once, that %s comes to:\n%s", page, figures, table)
		}
	}
	if table := weights(report); !strings.Contains(read(t, whole), table) {
		t.Errorf("%s does not have the weights of %s:\n%s", whole, figures, table)
	}
}

// The page says with what was measured.
func TestPagesSayWithWhat(t *testing.T) {
	report := measured(t)
	if report.Settings.Runs < 12 {
		t.Errorf("%d runs are too few to quote", report.Settings.Runs)
	}
	text := read(t, whole)
	for _, what := range slices.Concat([]string{
		fmt.Sprintf("Median and extremes of %d", report.Settings.Runs), fmt.Sprintf("%s with %d cores", report.Machine.Processor, report.Machine.Cores),
		"Go " + strings.TrimPrefix(report.Machine.Go, "go"),
	}, report.Machine.Modules) {
		if !strings.Contains(text, what) {
			t.Errorf("%s does not say %q", whole, what)
		}
	}
}

func measured(t *testing.T) (r Report) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, figures)), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ratios returns a table of our times beside those of peers.
func ratios(t *testing.T, r Report, wanted func(quoted) bool) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| a call through | Ductile / peer | spread | allocations | peer | its allocations |\n|---|---|---|---|---|---|\n")
	for _, q := range rows {
		if !wanted(q) {
			continue
		}
		i := slices.IndexFunc(r.Paths, func(p Result) bool { return p.Path == q.path })
		if i < 0 {
			t.Fatalf("%s has no path %q", figures, q.path)
		}
		path := r.Paths[i]
		i = slices.IndexFunc(path.Peers, func(p Peer) bool { return p.By == q.by })
		if i < 0 {
			t.Fatalf("%s: path %q has no peer %q", figures, q.path, q.by)
		}
		peer := path.Peers[i]
		fmt.Fprintf(&b, "| %s | **%.2f** | %.2f … %.2f | %d | %s | %d |\n",
			q.says, peer.Ratio.Median, peer.Ratio.Min, peer.Ratio.Max, path.Ours.Allocs, q.peer, peer.Allocs)
	}
	return b.String()
}

// weights returns a table of what objects keep in memory.
func weights(r Report) string {
	var b strings.Builder
	b.WriteString("| what | whose | bytes |\n|---|---|---|\n")
	for _, w := range r.Weights {
		for _, o := range w.Objects {
			fmt.Fprintf(&b, "| %s | %s | %d |\n", w.What, o.By, o.Bytes)
		}
	}
	return b.String()
}
