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
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// A caller who leaves while copies run: what the call returns, and what the copies and the hedger make of it.

// whenHeLeaves runs a test with a context that ends after 50 ms, by its deadline or because it is canceled.
func whenHeLeaves(t *testing.T, test func(t *testing.T, ctx context.Context)) {
	t.Helper()
	for _, how := range []string{"deadline", "cancel"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if how == "deadline" {
					ctx, cancel = context.WithTimeout(ctx, 50*ms)
					defer cancel()
				} else {
					time.AfterFunc(50*ms, cancel)
				}
				test(t, ctx)
				time.Sleep(2 * time.Hour) // until the deaf have ended
			})
		})
	}
}

// The error says that he has left, and what a copy had failed with by itself before: not what other copies made of his leaving.
func TestWhatWasKnownWhenTheCallerLeft(t *testing.T) {
	heeds, fails := step{takes: time.Hour}, step{takes: 5 * ms, err: errQuick}
	for _, test := range []struct {
		name  string
		wait  time.Duration
		think time.Duration // about each end
		steps []step
		known error
	}{
		{"nothing", 10 * ms, 0, []step{heeds, heeds}, nil},
		{"nothing, and both end before one is judged", 10 * ms, ms, []step{heeds, heeds}, nil},
		{"a failure", 10 * ms, 0, []step{heeds, fails, heeds}, errQuick},
		{"a failure, and both others end before one is judged", 10 * ms, ms, []step{heeds, fails, heeds}, errQuick},
		{"somebody else's cancellation, which is judged after he left", time.Hour, 50 * ms, []step{{takes: 20 * ms, err: context.Canceled}}, nil},
		{"a timeout inside, which is judged after he left", time.Hour, 50 * ms, []step{{takes: 20 * ms, err: context.DeadlineExceeded}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			whenHeLeaves(t, func(t *testing.T, ctx context.Context) {
				h := &copies{wait: test.wait, most: max(2, len(test.steps)), muse: func(error) { time.Sleep(test.think) }}
				y := &play{p: ductile.NewConcurrent("test", h), steps: test.steps}
				_, err := y.do(ctx)
				switch first := test.steps[0].err; {
				case first != nil:
					assert.Equal(t, first, err, "as it is")
				case test.known != nil:
					require.EqualError(t, err, ctx.Err().Error()+": "+test.known.Error())
					require.ErrorIs(t, err, test.known)
				default:
					assert.Equal(t, ctx.Err(), err)
				}
			})
		})
	}
}

// What a copy returns of its own when he has left is the call's as it is, whatever failed before.
func TestAnEndAfterTheCallerLeft(t *testing.T) {
	for name, end := range map[string]error{"a failure": errSlow, "an answer": fault.Permanent(context.DeadlineExceeded)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				y := &play{
					p:     ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}),
					steps: []step{{takes: 100 * ms, deaf: true, err: end}, {takes: 5 * ms, err: errQuick}},
				}
				ctx, cancel := context.WithTimeout(t.Context(), 50*ms)
				defer cancel()
				got, err := y.do(ctx)
				assert.Equal(t, 1, got)
				assert.Equal(t, end, err)
			})
		})
	}
}

// A value whose copy has not ended is not his yet, though its function has returned: it is discarded when the copy ends.
func TestAValueThatCameTooLate(t *testing.T) {
	for name, p := range map[string]*ductile.ConcurrentPipeline{
		"hedge":    ductile.NewConcurrent("test", &copies{wait: time.Hour, most: 2}, lingering{passing{"lingering"}, time.Hour}),
		"detached": ductile.NewConcurrent("test", timeout.New(time.Minute, timeout.Detached()), lingering{passing{"lingering"}, time.Hour}),
	} {
		t.Run(name, func(t *testing.T) {
			whenHeLeaves(t, func(t *testing.T, ctx context.Context) {
				y := &play{p: p, steps: []step{{}, {}}}
				got, err := y.do(ctx, ductile.Async)
				assert.Equal(t, ctx.Err(), err)
				assert.Zero(t, got)
				assert.Empty(t, y.gone())
				time.Sleep(2 * time.Hour)
				assert.Equal(t, []int{1}, y.gone())
			})
		})
	}
}

// A retry around the hedge: with the call's error comes the value of the last attempt that had one, where no copy has one now.
func TestTheValueOfAnAttemptBefore(t *testing.T) {
	refused := &ductile.RejectedError{Policy: "quota", Err: errDown}
	for name, last := range map[string]error{"the copy fails without one": errQuick, "the caller leaves it running": nil} {
		t.Run(name, func(t *testing.T) {
			inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
				if last == nil && len(options) == 0 {
					return // he would wait for it
				}
				var y tally
				nexts := 0
				h := &opinionated{copies{wait: time.Hour, most: 2}, func(error) (wins, next bool) { return false, true }}
				p := ductile.NewConcurrent("test", retry.New(retry.Attempts(2), retry.Constant(0)), h,
					around(func(ctx context.Context, next func(context.Context) error) error {
						switch nexts++; {
						case nexts == 3: // the first copy of the second attempt
							return refused
						case nexts == 4 && last != nil:
							return last
						}
						return next(ctx)
					}))
				ctx, cancel := context.WithTimeout(t.Context(), 50*ms)
				defer cancel()
				got, err := y.do(ctx, p, func(_ context.Context, n int) error {
					if n == 3 {
						time.Sleep(time.Hour)
					}
					return errDown
				}, options...)
				require.Error(t, err)
				assert.Equal(t, 1, got)
				time.Sleep(2 * time.Hour)
				assert.NotContains(t, y.gone(), 1)
			})
		})
	}
}

// Gates around are not given the time at which the first copy failed, which may be long ago.
func TestTheClockOfACallThatWasLeft(t *testing.T) {
	whenHeLeaves(t, func(t *testing.T, ctx context.Context) {
		outer := &stopwatch{label: "outer"}
		y := &play{
			p:     ductile.NewConcurrent("test", outer, &copies{wait: 10 * ms, most: 2}),
			steps: []step{{takes: 20 * ms, err: errSlow}, {takes: time.Hour, deaf: true}},
		}
		_, err := y.do(ctx)
		require.ErrorIs(t, err, ctx.Err())
		assert.Equal(t, []time.Duration{-1}, outer.ages)
	})
}

// A hedger that panics when it hears of it holds no lock: the call panics, and the copies end.
func TestTheHedgerPanicsWhenTheCallerLeaves(t *testing.T) {
	whenHeLeaves(t, func(t *testing.T, ctx context.Context) {
		h := &opinionated{copies{wait: 10 * ms, most: 2}, func(error) (wins, next bool) { panic(errSlow) }}
		y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: time.Hour, deaf: true}, {takes: time.Hour, deaf: true}}}
		panicked, _ := contained(func() { _, _ = y.do(ctx, ductile.Async) })
		err, _ := panicked.(error)
		require.ErrorIs(t, err, errSlow)
		time.Sleep(2 * time.Hour)
		assert.ElementsMatch(t, []int{1, 2}, y.gone())
	})
}
