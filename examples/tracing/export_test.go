package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ductile-go/ductile"
)

// A collector takes what is sent to it.
type collector struct {
	*httptest.Server
	mu     sync.Mutex
	bodies map[string][]byte // by path
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{bodies: map[string][]byte{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies[r.URL.Path] = append(c.bodies[r.URL.Path], body...)
}

// received reports whether a path has got all of these texts.
func (c *collector) received(path string, texts ...string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range texts {
		if !bytes.Contains(c.bodies[path], []byte(text)) {
			return false
		}
	}
	return true
}

// emit makes a call that is traced and measured, and closes the stage.
func emit(t *testing.T) (said string, err error) {
	t.Helper()
	s, err := newStage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	call := newShop("http://inventory.invalid", http.DefaultTransport, s.shop)
	if _, err := ductile.DoConcurrent(t.Context(), call.pipeline, func(context.Context) (Stock, error) { return Stock{}, nil }); err != nil {
		t.Error(err)
	}
	var b strings.Builder
	err = s.close(t.Context(), &b)
	return b.String(), err
}

func TestExport(t *testing.T) {
	const general, ofTraces, ofMetrics = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
	for _, tt := range []struct {
		name, variable, path string
		traces, metrics      string // where they are expected
	}{
		{"both", general, "", "/v1/traces", "/v1/metrics"},
		{"only traces", ofTraces, "/spans", "/spans", ""},
		{"only metrics", ofMetrics, "/numbers", "", "/numbers"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nowhere(t)
			t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=theater")
			c := newCollector(t)
			t.Setenv(tt.variable, c.URL+tt.path)
			said, err := emit(t)
			if err != nil {
				t.Error(err)
			}
			sent := []string{"service.name", "shop", "theater", "telemetry.sdk.name", "github.com/ductile-go/ductile/telemetry"}
			if tt.traces != "" && !c.received(tt.traces, append(sent, "stock attempt", "ductile.attempt.number")...) {
				t.Errorf("traces did not arrive: %q", c.bodies)
			}
			if tt.metrics != "" && !c.received(tt.metrics, append(sent, "ductile.call.duration")...) {
				t.Errorf("metrics did not arrive: %q", c.bodies)
			}
			for signal, path := range map[string]string{traces: tt.traces, metrics: tt.metrics} {
				if sent := strings.Contains(said, signal+" to "+c.URL+tt.path+"\n"); sent != (path != "") {
					t.Errorf("where %s went is not told: %q", signal, said)
				}
			}
			if strings.Contains(said, "Where OTEL_EXPORTER_OTLP_ENDPOINT") {
				t.Errorf("it is said that nothing was sent: %q", said)
			}
			if tt.traces == "" && len(c.bodies) != 1 || tt.metrics == "" && len(c.bodies) != 1 {
				t.Errorf("more arrived than was asked for: %q", c.bodies)
			}
		})
	}
}

func TestExportToNobody(t *testing.T) {
	nowhere(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", gone.URL)
	said, err := emit(t)
	if err == nil || said != "" {
		t.Fatalf("said %q, and no error", said)
	}
	for _, want := range []string{"traces were not delivered to " + gone.URL, "metrics were not delivered to " + gone.URL, "refused"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("there is no %q in %v", want, err)
		}
	}
}

// A collector that takes a request and does not answer holds nobody up for longer than is allowed.
func TestExportToNobodyWhoAnswers(t *testing.T) {
	nowhere(t)
	arrived := make(chan struct{}, 10)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server would not see that its client has left
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer silent.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", silent.URL)
	s, err := newStage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, span := s.shop.tracers.Tracer("test").Start(t.Context(), "a call")
	span.End()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-arrived
		cancel()
	}()
	if err := s.close(ctx, io.Discard); err == nil || !strings.Contains(err.Error(), "traces were not delivered") {
		t.Errorf("the error is %v", err)
	}
}

func TestExportToNowhere(t *testing.T) {
	nowhere(t)
	said, err := emit(t)
	if err != nil || !strings.HasPrefix(said, "Where OTEL_EXPORTER_OTLP_ENDPOINT is set") {
		t.Errorf("said %q, %v", said, err)
	}
}
