package ductiletest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile"
)

// A journey is one call of a simulation, and watches what the pipeline does with it.
type journey struct {
	ductile.NopWatch
	*recording
	number   uint64
	at       time.Duration // when it was made
	asks     atomic.Uint64 // how often the dependency was asked
	turns    atomic.Uint64 // how often something began at an instant at which something else may
	degraded atomic.Bool
}

// traveling is the context of a call, by which the pipeline's watch is found.
type traveling struct {
	context.Context
	*journey
}

type journeyKey struct{}

// Value implements context.Context.
func (t *traveling) Value(key any) any {
	if key == (journeyKey{}) {
		return t.journey
	}
	return t.Context.Value(key)
}

// Begin implements ductile.Observer.
func (r *recording) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	if j, ok := ctx.Value(journeyKey{}).(*journey); ok && j.recording == r {
		return ctx, j
	}
	return ctx, nil
}

// made counts the call.
func (j *journey) made() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.row(j.at).Offered++
	j.second().offered++
}

func (j *journey) second() *second {
	return &j.seconds[min(int64(j.at/j.unit), int64(len(j.seconds)-1))]
}

// ended counts how the call ended.
func (j *journey) ended(err error) {
	took := j.now() - j.at
	patience := j.result.Simulation.Load.Patience
	j.mu.Lock()
	defer j.mu.Unlock()
	t := j.row(j.at)
	t.ends.add(took)
	switch {
	case err != nil:
		t.Failed++
	case patience > 0 && took > patience:
		t.Lost++
	case j.degraded.Load():
		t.Degraded++
	default:
		t.Answered++
		j.second().answered++
		t.answers.add(took)
	}
}

// broke counts a call that did not return.
func (j *journey) broke(said string) {
	took := j.now() - j.at
	j.mu.Lock()
	defer j.mu.Unlock()
	t := j.row(j.at)
	t.Failed++
	t.ends.add(took)
	if j.result.Panics++; j.result.Panics == 1 {
		j.result.panicked = said
	}
}

// Rejected implements ductile.Watch, as what follows does.
func (j *journey) Rejected(ctx context.Context, e ductile.Rejected) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return // a copy that waited when another won: whether it was about to be admitted is chance
	}
	j.count(func(t *Tally) {
		t.Refused++
		j.policy(e.Policy).Refused++
	})
}

func (j *journey) RetryScheduled(_ context.Context, e ductile.RetryScheduled) {
	j.count(func(t *Tally) {
		t.Retries++
		j.policy(e.Policy).Retries++
	})
	j.stepAside()
}

func (j *journey) RetryStopped(_ context.Context, e ductile.RetryStopped) {
	j.count(func(*Tally) { j.policy(e.Policy).GaveUp++ })
}

func (j *journey) HedgeStarted(_ context.Context, e ductile.HedgeStarted) {
	j.count(func(t *Tally) {
		t.Hedges++
		j.policy(e.Policy).Hedges++
	})
	j.stepAside()
}

func (j *journey) TimedOut(_ context.Context, e ductile.TimedOut) {
	j.count(func(*Tally) { j.policy(e.Policy).TimedOut++ })
}

func (j *journey) FellBack(_ context.Context, e ductile.FellBack) {
	if e.Err == nil {
		j.degraded.Store(true)
		j.count(func(*Tally) { j.policy(e.Policy).Answered++ })
	}
}

// stepAside waits for up to 0.1 ms, another time for each call and turn. A call that has failed has given its permit to another at this very
// instant; without this, what both wait for from now on would end at one instant, too.
func (j *journey) stepAside() {
	time.Sleep(task{call: j.number, nth: ^j.turns.Add(1)}.odd())
}
