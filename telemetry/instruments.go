package telemetry

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
)

// instruments are those that are told what happens. What is only read now and then is in gauges.
type instruments struct {
	calls, attempts, waits                        metric.Float64Histogram
	rejections, timeouts, stops, hedges, hedgeWon metric.Int64Counter
	fallbacks, contained, transitions             metric.Int64Counter
	modeChanges                                   metric.Int64Counter
}

func (o *Observer) meter() metric.Meter {
	provider := o.meters
	if provider == nil {
		provider = otel.GetMeterProvider()
	}
	return provider.Meter(ScopeName, metric.WithInstrumentationVersion(Version), metric.WithSchemaURL(SchemaURL))
}

// newInstruments makes the instruments.
func newInstruments(m metric.Meter) *instruments {
	// From a call in memory to one that people have given up on.
	seconds := metric.WithExplicitBucketBoundaries(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
	histogram := func(name, says string) metric.Float64Histogram {
		h, err := m.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(says), seconds)
		return usable[metric.Float64Histogram](h, err, noop.Float64Histogram{})
	}
	counter := func(name, unit, says string) metric.Int64Counter {
		c, err := m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(says))
		return usable[metric.Int64Counter](c, err, noop.Int64Counter{})
	}
	return &instruments{
		calls:       histogram(nameCallDuration, "How long calls took, by how they ended for their caller."),
		attempts:    histogram(nameAttemptDuration, "How long attempts took, by why they were made and how they ended."),
		waits:       histogram(nameRetryWait, "How long retries waited before an attempt."),
		rejections:  counter(nameRejections, "{rejection}", "Attempts that a policy refused."),
		timeouts:    counter(nameTimeouts, "{timeout}", "Timeouts that passed."),
		stops:       counter(nameRetryStops, "{call}", "Failed calls that a retry gave up, by why."),
		hedges:      counter(nameHedges, "{copy}", "Further copies of attempts that were started, by why."),
		hedgeWon:    counter(nameHedgeWins, "{attempt}", "Attempts with several copies that had an answer, by whose it was."),
		fallbacks:   counter(nameFallbacks, "{call}", "Calls that a fallback answered, or failed to, by what it answered for."),
		contained:   counter(nameContained, "{panic}", "Panics of copies that nobody waited for any more."),
		transitions: counter(nameTransitions, "{transition}", "Changes of state of breakers."),
		modeChanges: counter(nameModeChanges, "{change}", "Changes of safe modes, by why."),
	}
}

// usable returns an instrument, or one that does nothing where the meter has made none. What the meter has against it goes to the error handler of
// otel: a mistake in a view is no reason not to serve.
func usable[I comparable](made I, err error, instead I) I {
	report(err)
	var none I
	if made == none {
		return instead
	}
	return made
}

func report(err error) {
	if err != nil {
		otel.Handle(err)
	}
}
