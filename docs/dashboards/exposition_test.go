package dashboards_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/ductile-go/ductile/telemetry"
)

// A process is what has a /metrics for Prometheus: the exporter as it is without options, but for its registry.
type process struct {
	instance string
	metrics  http.Handler
	observer *telemetry.Observer
}

func newProcess(t *testing.T, instance string) *process {
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	require.NoError(t, err)
	meters := metric.NewMeterProvider(metric.WithReader(reader))
	return &process{
		instance: instance,
		metrics:  promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}),
		observer: telemetry.New(telemetry.WithMeterProvider(meters), telemetry.WithoutTraces(), telemetry.WithoutLogs()),
	}
}

// A scrape is what a process said when Prometheus asked.
type scrape struct {
	instance string
	at       time.Time
	kind     string // its Content-Type
	text     []byte
}

// every is how often Prometheus asks.
const every = 15 * time.Second

func (p *process) scrape(t *testing.T) scrape {
	answer := httptest.NewRecorder()
	p.metrics.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	return scrape{p.instance, time.Now(), answer.Header().Get("Content-Type"), bytes.Clone(answer.Body.Bytes())}
}

// samples yields the series of a scrape as Prometheus stores them, with the labels of the target.
func (s scrape) samples(t *testing.T, yield func(labels.Labels, float64)) {
	parser, err := textparse.New(s.text, s.kind, labels.NewSymbolTable(), textparse.ParserOptions{})
	require.NoError(t, err)
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		if entry != textparse.EntrySeries {
			continue
		}
		var of labels.Labels
		parser.Labels(&of)
		_, _, value := parser.Series()
		with := labels.NewBuilder(of)
		with.Set("job", job).Set("instance", s.instance)
		yield(with.Labels(), value)
	}
}

// store returns the storage of a Prometheus that has seen these scrapes.
func store(t *testing.T, scrapes []scrape) *teststorage.TestStorage {
	kept, err := teststorage.NewWithError() // not New, which ends with the test
	require.NoError(t, err)
	for _, s := range scrapes {
		batch := kept.Appender(t.Context())
		s.samples(t, func(of labels.Labels, value float64) {
			_, err := batch.Append(0, of, s.at.UnixMilli(), value)
			require.NoError(t, err)
		})
		require.NoError(t, batch.Commit())
	}
	return kept
}
