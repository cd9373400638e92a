package ductile_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// When a timeout has passed, what is said of it, and to whom. A detached one says the same, but for what it does not wait for.

// inBothKinds runs a test with a timeout that waits for its function and with a detached one.
func inBothKinds(t *testing.T, test func(t *testing.T, options ...timeout.Option)) {
	t.Helper()
	for name, options := range map[string][]timeout.Option{"waits": nil, "detached": {timeout.Detached()}} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { test(t, options...) }) })
	}
}

// timing hears of timeouts.
type timing struct {
	ductile.NopWatch
	events []ductile.TimedOut
}

func (w *timing) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) { return ctx, w }
func (w *timing) TimedOut(_ context.Context, e ductile.TimedOut)                       { w.events = append(w.events, e) }

func TestTimedOut(t *testing.T) {
	late := &timeout.Error{Name: "timeout", After: time.Second}
	with := func(cause error) error { return &timeout.Error{Name: "timeout", After: time.Second, Cause: cause} }
	no := fault.Permanent(errDown)
	in := func(takes time.Duration, err error) func(context.Context) error {
		return func(context.Context) error { time.Sleep(takes); return err }
	}
	heeds := func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(ms) // so that a detached one has ended first
		return ctx.Err()
	}
	for _, test := range []struct {
		name            string
		fn              func(context.Context) error
		waits, detached error
		told            bool
	}{
		{"in time", in(time.Second-1, nil), nil, nil, false},
		{"a failure in time", in(time.Second-1, errDown), errDown, errDown, false},
		{"it heeds its context", heeds, with(context.DeadlineExceeded), late, true},
		{"a late failure", in(time.Minute, errDown), with(errDown), late, true},
		{"a late no", in(time.Minute, no), no, late, true},
		{"a late success", in(time.Minute, nil), nil, late, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBothKinds(t, func(t *testing.T, options ...timeout.Option) {
				var w timing
				p := ductile.NewConcurrent("test", timeout.New(time.Second, options...))
				want := test.waits
				if len(options) > 0 {
					want = test.detached
				}
				var told []ductile.TimedOut
				if test.told {
					told = []ductile.TimedOut{{Policy: "timeout", After: time.Second, Err: want}}
				}
				for _, p := range []*ductile.ConcurrentPipeline{p, p.With(&w)} {
					_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) { return 0, test.fn(ctx) })
					assert.Equal(t, want, err)
				}
				assert.Equal(t, told, w.events)
				time.Sleep(time.Hour)
			})
		})
	}
}

// A call that never came to its function has not timed out: what kept it says why it ended.
func TestTimedOutBeforeTheFunction(t *testing.T) {
	inBothKinds(t, func(t *testing.T, options ...timeout.Option) {
		queue := &choosy{refuse: func(int) bool { time.Sleep(time.Second + 1); return true }, say: func(int) error { return errDown }}
		if len(options) > 0 {
			queue.refuse = func(int) bool { time.Sleep(time.Hour); return true }
		}
		var w timing
		p := ductile.NewConcurrent("test", timeout.New(time.Second, options...), queue).With(&w)
		_, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { panic("called") })
		if len(options) > 0 {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		} else {
			require.ErrorIs(t, err, errDown)
			require.NotErrorIs(t, err, timeout.ErrExceeded)
		}
		assert.Empty(t, w.events)
		time.Sleep(2 * time.Hour)
	})
}

// Zero and less is no limit.
func TestNoTimeout(t *testing.T) {
	for _, after := range []time.Duration{0, -time.Second} {
		inBothKinds(t, func(t *testing.T, options ...timeout.Option) {
			p := ductile.NewConcurrent("test", timeout.From(func(context.Context) time.Duration { return after }, options...))
			_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
				_, limited := ctx.Deadline()
				assert.False(t, limited)
				time.Sleep(time.Hour)
				return 0, ctx.Err()
			})
			require.NoError(t, err)
		})
	}
}

// Of the caller's deadline and the timeout the sooner counts, and the caller's where both are at once.
func TestTheSoonerDeadline(t *testing.T) {
	for _, test := range []struct {
		name    string
		callers time.Duration
		took    time.Duration
		ours    bool
	}{
		{"the caller's", time.Second / 2, time.Second / 2, false},
		{"both at once", time.Second, time.Second, false},
		{"ours", time.Second + 1, time.Second, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBothKinds(t, func(t *testing.T, options ...timeout.Option) {
				ctx, cancel := context.WithTimeout(t.Context(), test.callers)
				defer cancel()
				start := time.Now()
				_, err := ductile.DoConcurrent(ctx, ductile.NewConcurrent("test", timeout.New(time.Second, options...)), func(ctx context.Context) (int, error) {
					<-ctx.Done()
					return 0, ctx.Err()
				})
				assert.Equal(t, test.took, time.Since(start))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				if test.ours {
					require.ErrorIs(t, err, timeout.ErrExceeded)
				} else {
					require.NotErrorIs(t, err, timeout.ErrExceeded)
				}
			})
		})
	}
}
