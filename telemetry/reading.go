package telemetry

import (
	"math"

	"go.opentelemetry.io/otel/metric"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/safemode"
)

// A reading is what the policies of one name, and their budgets, have together.
type reading struct {
	breaks, degrades, holds, limits, hedges, spends bool // which of the following there are

	states  [breaker.ForcedClosed + 1]int64
	levels  [safemode.Safe + 1]int64
	permits bulkhead.Snapshot
	waiting int
	tokens  float64 // the least
	delay   float64 // the longest
	balance int64   // the least
	totals  totals
}

func newReading(past totals) *reading {
	return &reading{totals: past, balance: math.MaxInt64, tokens: math.Inf(1)}
}

// add adds a member, without what it had counted before it was one.
func (r *reading) add(m member, before totals) {
	r.totals = r.totals.plus(m.totals().minus(before))
	switch is := m.is.(type) {
	case *breaker.Breaker:
		r.breaks = true
		r.states[is.State()]++
	case *safemode.Mode:
		r.degrades = true
		r.levels[is.Level()]++
	case *bulkhead.Bulkhead:
		s := is.Snapshot()
		r.holds = true
		r.permits.InFlight += s.InFlight
		r.permits.Limit += s.Limit
		r.permits.Queued += s.Queued
	case *ratelimit.Limiter:
		s := is.Snapshot()
		r.limits = true
		r.waiting += s.Waiting
		r.tokens = min(r.tokens, s.Tokens)
	case *hedge.Policy:
		if s := is.Snapshot(); s.Known {
			r.hedges, r.delay = true, max(r.delay, s.Delay.Seconds())
		}
	case *budget.Budget:
		r.spends, r.balance = true, min(r.balance, is.Snapshot().Balance)
	}
}

// report reports what was read.
func (r *reading) report(w where, g *gauges, to metric.Observer) {
	with := w.series.tags(labels{policy: w.policy}).observe
	if r.breaks {
		for state, breakers := range r.states {
			l := labels{policy: w.policy, one: label{keyState, breaker.State(state).String()}}
			to.ObserveInt64(g.state, breakers, w.series.tags(l).observe...)
		}
	}
	if r.degrades {
		for level, modes := range r.levels {
			l := labels{policy: w.policy, one: label{keyModeLevel, safemode.Level(level).String()}}
			to.ObserveInt64(g.modes, modes, w.series.tags(l).observe...)
		}
	}
	if r.holds {
		to.ObserveInt64(g.inFlight, int64(r.permits.InFlight), with...)
		to.ObserveInt64(g.limit, int64(r.permits.Limit), with...)
		to.ObserveInt64(g.queued, int64(r.permits.Queued), with...)
		to.ObserveInt64(g.waits, r.totals.waits, with...)
		to.ObserveFloat64(g.waitTime, r.totals.seconds, with...)
	}
	if r.limits {
		to.ObserveInt64(g.waiting, int64(r.waiting), with...)
		if !math.IsInf(r.tokens, 1) {
			to.ObserveFloat64(g.tokens, r.tokens, with...)
		}
	}
	if r.hedges {
		to.ObserveFloat64(g.delay, r.delay, with...)
	}
	if r.spends {
		to.ObserveInt64(g.refused, r.totals.refused, with...)
		if r.balance < math.MaxInt64 { // else it is unlimited
			to.ObserveInt64(g.balance, r.balance, with...)
		}
	}
}
