package ductile_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// turnstile counts who is inside.
type turnstile struct {
	inside, passed int
	onAcquire      func()
}

func (*turnstile) Name() string { return "turnstile" }

func (g *turnstile) Acquire(context.Context) (uint64, error) {
	g.onAcquire()
	g.inside++
	g.passed++
	return 0, nil
}

func (g *turnstile) Release(uint64, error) { g.inside-- }

// loud calls back at every event.
type loud struct {
	ductile.NopWatch
	at func(point string)
}

func (w loud) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	w.at("observer: begin")
	return ctx, w
}

func (w loud) AttemptStarted(ctx context.Context, _ ductile.AttemptStarted) context.Context {
	w.at("observer: attempt started")
	return ctx
}

func (w loud) AttemptEnded(context.Context, ductile.AttemptEnded) { w.at("observer: attempt ended") }
func (w loud) Rejected(context.Context, ductile.Rejected)         { w.at("observer: rejected") }
func (w loud) RetryScheduled(context.Context, ductile.RetryScheduled) {
	w.at("observer: retry scheduled")
}
func (w loud) RetryStopped(context.Context, ductile.RetryStopped) { w.at("observer: retry stopped") }
func (w loud) TimedOut(context.Context, ductile.TimedOut)         { w.at("observer: timed out") }
func (w loud) FellBack(context.Context, ductile.FellBack)         { w.at("observer: fell back") }
func (w loud) Ended(context.Context, ductile.Ended)               { w.at("observer: ended") }

// A call can be interrupted anywhere. Whatever the point and the way, every permit is back, no withdrawal is lost, no probe's place is
// taken, and the next calls find everything in order.
func TestInterruptedAnywhere(t *testing.T) {
	ways := map[string]func(context.CancelFunc){
		"panic":  func(context.CancelFunc) { panic("boom") },
		"Goexit": func(context.CancelFunc) { runtime.Goexit() },
		"cancel": func(cancel context.CancelFunc) { cancel() },
	}
	points := []string{
		"before: in a gate", "in the first attempt", "in the second attempt", "in the wait", "before the wait: in the listener of retry",
		"in the listener of the breaker, opening", "in the listener of the breaker, probing", "in the listener of the breaker, closing",
		"in a probe", "in a fallback", "in a timeout's function", "observer: begin", "observer: attempt started", "observer: attempt ended",
		"observer: rejected", "observer: retry scheduled", "observer: retry stopped", "observer: timed out", "observer: fell back",
		"observer: ended",
	}
	for _, point := range points {
		for name, interrupt := range ways {
			if point == "in the wait" && name != "cancel" {
				continue // no code of the user's runs there
			}
			t.Run(point+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					var done atomic.Bool // the wait is interrupted by another goroutine
					at := func(here string) {
						if here == point && done.CompareAndSwap(false, true) {
							interrupt(cancel)
						}
					}
					r := rig(at)
					if point == "in the wait" {
						time.AfterFunc(50*time.Millisecond, func() { at("in the wait") })
					}
					for range 60 { // enough for the breaker to open, probe and close
						_, _ = contained(func() { r.call(ctx, at) })
						time.Sleep(2 * time.Second)
					}
					require.True(t, done.Load(), "never reached")
					r.inOrder(t)
				})
			})
		}
	}
}

// apparatus is a pipeline of everything, before a dependency that fails, hangs and recovers.
type apparatus struct {
	p       *ductile.Pipeline
	b       *breaker.Breaker
	extra   *budget.Budget
	gates   []*turnstile
	started int
	repeats int
}

func rig(at func(string)) *apparatus {
	r := &apparatus{extra: budget.New(budget.Floor(100), budget.Window(10*time.Minute))}
	outer, inner := &turnstile{onAcquire: func() {}}, &turnstile{onAcquire: func() { at("before: in a gate") }}
	r.gates = []*turnstile{outer, inner}
	r.b = breaker.New(breaker.ConsecutiveFailures(3), breaker.Probes(1), breaker.OpenTimeJitter(0), breaker.OnTransition(func(t breaker.Transition) {
		switch t.To {
		case breaker.Open:
			at("in the listener of the breaker, opening")
		case breaker.HalfOpen:
			at("in the listener of the breaker, probing")
		case breaker.Closed:
			at("in the listener of the breaker, closing")
		default:
		}
	}))
	r.p = ductile.New("rig",
		outer,
		fallback.Func(func(context.Context, error) (int, error) { at("in a fallback"); return -1, nil }),
		retry.New(retry.Attempts(2), retry.Constant(100*time.Millisecond), retry.NoJitter(), retry.Budget(r.extra),
			retry.OnRetry(func(retry.Event) { at("before the wait: in the listener of retry") })),
		r.b,
		inner,
		timeout.From(func(context.Context) time.Duration { at("in a timeout's function"); return time.Second }),
	).With(loud{at: at})
	return r
}

// call fails for the first six times and hangs once among them; then the dependency works.
func (r *apparatus) call(ctx context.Context, at func(string)) {
	_, _ = ductile.Do(ctx, r.p, func(ctx context.Context) (int, error) {
		r.started++
		if attempt, _ := r.p.Attempt(ctx); attempt == 1 {
			at("in the first attempt")
		} else {
			r.repeats++
			at("in the second attempt")
		}
		if r.b.State() == breaker.HalfOpen {
			at("in a probe")
		}
		if r.started == 2 {
			<-ctx.Done()
		}
		if r.started <= 6 {
			return 0, errDown
		}
		return r.started, nil
	})
}

// inOrder checks that nothing is left of the calls, and that new ones go as if nothing had happened.
func (r *apparatus) inOrder(t *testing.T) {
	t.Helper()
	for _, g := range r.gates {
		assert.Zero(t, g.inside, "permits that did not come back")
		assert.Positive(t, g.passed)
	}
	assert.Equal(t, r.repeats, int(r.extra.Snapshot().Spent), "withdrawals are the repeats that ran")
	assert.Zero(t, r.b.Snapshot().Probing, "probes that did not come back")
	for range 20 {
		time.Sleep(time.Minute)
		_ = ductile.Run(t.Context(), ductile.New("repaired", r.b), func(context.Context) error { return nil })
	}
	require.Equal(t, breaker.Closed, r.b.State())
	value, err := ductile.Do(t.Context(), r.p, func(context.Context) (int, error) { return 7, nil })
	require.NoError(t, err)
	assert.Equal(t, 7, value)
}
