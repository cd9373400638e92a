package telemetry

import (
	"errors"
	"log/slog"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] makes.
type Option func(*config) error

type config struct {
	tracers trace.TracerProvider // nil for the global one
	meters  metric.MeterProvider // nil for the global one
	logger  *slog.Logger         // nil for the default

	noTraces, noMetrics, noLogs bool

	followParent bool
	lean         bool
	errorText    bool
}

// WithTracerProvider sets where spans go: the global provider of otel unless set, as it is at the time of each call.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return func(c *config) error {
		if provider == nil {
			return errors.New("telemetry: WithTracerProvider(nil): must be a provider; leave it out for the global one, or see WithoutTraces")
		}
		c.tracers = provider
		return nil
	}
}

// WithMeterProvider sets where metrics go: the global provider of otel unless set, as it is when New is called; where
// there was none yet, the first that is set takes over.
func WithMeterProvider(provider metric.MeterProvider) Option {
	return func(c *config) error {
		if provider == nil {
			return errors.New("telemetry: WithMeterProvider(nil): must be a provider; leave it out for the global one, or see WithoutMetrics")
		}
		c.meters = provider
		return nil
	}
}

// WithLogger sets where logs go: slog.Default unless set, as it is when something is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return errors.New("telemetry: WithLogger(nil): must be a logger; leave it out for slog.Default, or see WithoutLogs")
		}
		c.logger = logger
		return nil
	}
}

// WithoutTraces leaves the spans out.
func WithoutTraces() Option { return func(c *config) error { c.noTraces = true; return nil } }

// WithoutMetrics leaves the metrics out.
func WithoutMetrics() Option { return func(c *config) error { c.noMetrics = true; return nil } }

// WithoutLogs leaves the logs out.
func WithoutLogs() Option { return func(c *config) error { c.noLogs = true; return nil } }

// WithParentOnly makes spans only for calls whose caller's span is recorded: not for calls without a span around them, and not where a sampler
// has decided against it. Such a call costs nothing but a look into its context, if metrics and logs are left out as well.
func WithParentOnly() Option { return func(c *config) error { c.followParent = true; return nil } }

// WithLeanSpans gives the first attempt of a call no span of its own: what it does nests under the call's, which says how it ended. So a call that
// succeeds at once has one span. Repeats and copies have theirs.
func WithLeanSpans() Option { return func(c *config) error { c.lean = true; return nil } }

// WithErrorText puts the text of errors into the status of spans and into logs, and the values and stacks of contained panics and the reasons for
// which people isolated breakers and held safe modes into logs. It is the peer's text and may hold what does not belong there, so without this option there are only classes,
// such as timeout.
func WithErrorText() Option { return func(c *config) error { c.errorText = true; return nil } }

// Validate returns what New would panic with, or nil.
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	var c config
	err := refuse.Apply("telemetry", &c, options)
	return c, err
}
