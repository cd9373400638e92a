package telemetry

import (
	"context"
	"maps"
	"slices"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
)

// gauges are the instruments that are read when somebody collects, at no cost to calls.
type gauges struct {
	meter metric.Meter

	active, state, modes, inFlight, limit, queued, waiting metric.Int64ObservableUpDownCounter
	waits, refused                                         metric.Int64ObservableCounter
	waitTime                                               metric.Float64ObservableCounter
	balance                                                metric.Int64ObservableGauge
	tokens, delay                                          metric.Float64ObservableGauge
}

func newGauges(m metric.Meter) *gauges {
	sum := func(name, unit, says string) metric.Int64ObservableUpDownCounter {
		i, err := m.Int64ObservableUpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(says))
		return usable[metric.Int64ObservableUpDownCounter](i, err, noop.Int64ObservableUpDownCounter{})
	}
	count := func(name, unit, says string) metric.Int64ObservableCounter {
		i, err := m.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(says))
		return usable[metric.Int64ObservableCounter](i, err, noop.Int64ObservableCounter{})
	}
	level := func(name, unit, says string) metric.Float64ObservableGauge {
		i, err := m.Float64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(says))
		return usable[metric.Float64ObservableGauge](i, err, noop.Float64ObservableGauge{})
	}
	g := &gauges{
		meter:    m,
		active:   sum(nameCallsActive, "{call}", "Calls that run."),
		state:    sum(nameBreakerState, "{breaker}", "Breakers in a state: 1 for the one that a breaker is in, and 0 for the others."),
		modes:    sum(nameModeLevel, "{mode}", "Safe modes at a level: 1 for the one that a mode is at, and 0 for the others."),
		inFlight: sum(nameInFlight, "{call}", "Calls that hold a permit of a bulkhead."),
		limit:    sum(nameLimit, "{call}", "Permits of a bulkhead."),
		queued:   sum(nameQueued, "{call}", "Calls that wait for a permit of a bulkhead."),
		waits:    count(nameWaits, "{call}", "Calls that have waited for a permit of a bulkhead."),
		waiting:  sum(nameWaiting, "{call}", "Calls that wait for a limiter."),
		tokens:   level(nameTokens, "{call}", "How many calls a limiter admits at once; below zero, how many it has promised."),
		delay:    level(nameHedgeDelay, "s", "How long a hedge waits before another copy."),
		refused:  count(nameBudgetRefused, "{attempt}", "Attempts that a budget refused."),
	}
	var err error
	g.waitTime, err = m.Float64ObservableCounter(nameWaitTime, metric.WithUnit("s"),
		metric.WithDescription("How long calls have waited for a permit of a bulkhead, together."))
	g.waitTime = usable[metric.Float64ObservableCounter](g.waitTime, err, noop.Float64ObservableCounter{})
	g.balance, err = m.Int64ObservableGauge(nameBudget, metric.WithUnit("{attempt}"),
		metric.WithDescription("How many more attempts a budget would grant."))
	g.balance = usable[metric.Int64ObservableGauge](g.balance, err, noop.Int64ObservableGauge{})
	return g
}

// watch has the meter ask for the states while pipelines are attached, and not beyond. The caller holds the registry's coming.
func (o *Observer) watch() {
	r, g := &o.registry, o.gauges
	switch {
	case g == nil:
	case len(r.attached) > 0 && r.callback == nil:
		callback, err := g.meter.RegisterCallback(o.observe, g.active, g.state, g.modes, g.inFlight, g.limit, g.queued, g.waits, g.waitTime,
			g.waiting, g.tokens, g.delay, g.balance, g.refused)
		report(err)
		r.callback = callback
	case len(r.attached) == 0 && r.callback != nil:
		report(r.callback.Unregister())
		r.callback = nil
	}
}

// observe reports the states of what is attached. The meter may hold a lock of its own meanwhile, so nothing here waits for anything but the
// moments in which our own policies are read.
func (o *Observer) observe(_ context.Context, to metric.Observer) error {
	r, g := &o.registry, o.gauges
	readings := map[where]*reading{}
	r.mu.Lock()
	for m, in := range r.members {
		is := readings[m.where]
		if is == nil {
			is = newReading(r.past[m.where])
			readings[m.where] = is
		}
		is.add(m, in.before)
	}
	attached := slices.Collect(maps.Keys(r.attached))
	r.mu.Unlock()
	for w, is := range readings {
		is.report(w, g, to)
	}
	for _, s := range attached {
		to.ObserveInt64(g.active, s.active.Load(), s.tags(labels{}).observe...)
	}
	return nil
}
