package ductile_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
)

// inBothWays runs a test with the first copy on the caller's goroutine, and on its own.
func inBothWays(t *testing.T, test func(t *testing.T, options ...ductile.Option[int])) {
	t.Helper()
	for name, options := range map[string][]ductile.Option[int]{"inline": nil, "async": {ductile.Async[int]}} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { test(t, options...) }) })
	}
}

// opinionated is copies with an opinion of its own of ends.
type opinionated struct {
	copies
	observe func(err error) (wins, next bool)
}

func (h *opinionated) Observe(latency time.Duration, err error) (wins, next bool) {
	_, _ = h.copies.Observe(latency, err)
	return h.observe(err)
}

// The timer for a copy fired at the moment when the copy before it failed, whose replacement was the last that the hedger allowed. The
// timer's goroutine came second, and started one more: it took a timer that had fired for one that was set.
func TestRegressionNoCopyBeyondTheLast(t *testing.T) {
	for range 100 { // who is first at the same moment is not said
		synctest.Test(t, func(t *testing.T) {
			h := &copies{wait: 10 * ms, most: 2}
			y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: 10 * ms, err: errSlow}, {takes: 50 * ms}, {takes: 50 * ms}}}
			_, err := y.do(t.Context())
			require.NoError(t, err)
			require.Len(t, h.asked, 1)
		})
	}
}

// A middleware that answers without calling next has no value, it says, and the call returned that of a failed attempt before, or of a copy
// that had failed: a cache that knew there is nothing appeared to have something.
func TestRegressionAnAnswerWithoutAValue(t *testing.T) {
	for name, policy := range map[string]ductile.Policy{"retry": retry.New(), "hedge": &copies{wait: time.Hour, most: 2}} {
		t.Run(name, func(t *testing.T) {
			inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
				calls := 0
				p := ductile.NewConcurrent("test", policy, around(func(ctx context.Context, next func(context.Context) error) error {
					if calls++; calls > 1 {
						return nil
					}
					return next(ctx)
				}))
				var discarded []int
				got, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { return 7, errDown },
					append(options, ductile.Discard(func(n int) { discarded = append(discarded, n) }))...)
				require.NoError(t, err)
				assert.Zero(t, got)
				assert.Equal(t, []int{7}, discarded)
			})
		})
	}
}

// moody is an error whose class cannot be asked for the n-th time.
type moody struct {
	asked *atomic.Int32
	n     int32
}

func (moody) Error() string { return "moody" }

func (e moody) Fault() fault.Class {
	if e.asked.Add(1) == e.n {
		panic("moody")
	}
	return fault.ClassTransient
}

// The class of a copy's end was asked under the race's lock. It is the user's code, and where it panicked the lock was never given back:
// the call hung, and so did its copies.
func TestRegressionTheUsersErrorIsAskedOutsideTheLock(t *testing.T) {
	for n := range int32(5) {
		inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
			end := moody{new(atomic.Int32), n}
			y := &play{p: ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}), steps: []step{{takes: 20 * ms, err: end}, {takes: 15 * ms, err: errQuick}}}
			got := 0
			_, returned := contained(func() { got, _ = y.do(t.Context(), options...) })
			synctest.Wait()
			if returned {
				assert.Equal(t, 1, got)
				assert.Equal(t, []int{2}, y.gone())
			} else {
				assert.ElementsMatch(t, []int{1, 2}, y.gone())
			}
		})
	}
}

// A hedger of one's own may say that a success does not win. Where all copies had ended, the success was returned with an error that
// printed as "<nil>: ..." and matched the other copy's.
func TestRegressionASuccessThatDoesNotWin(t *testing.T) {
	inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
		h := &opinionated{copies{wait: 10 * ms, most: 2}, func(error) (wins, next bool) { return false, false }}
		y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: 20 * ms}, {takes: 5 * ms, err: errQuick}}}
		got, err := y.do(t.Context(), options...)
		require.NoError(t, err)
		assert.Equal(t, 1, got)
	})
}

// earning is a hedger with a budget.
type earning struct {
	copies
	budget *budget.Budget
}

func (h *earning) Budget() *budget.Budget        { return h.budget }
func (h *earning) WithBudget(*budget.Budget) any { return h }

// A first attempt earns however it ends, but one that panicked did not where the hedger wanted no copy, as it does at first.
func TestRegressionAnUnhedgedPanicEarns(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		for most := 1; most <= 2; most++ {
			h := &earning{copies{wait: time.Hour, most: most}, budget.New()}
			p := ductile.NewConcurrent("test", h)
			contained(func() {
				_, _ = ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { end(); return 0, nil })
			})
			assert.Equal(t, uint64(1), h.budget.Snapshot().Earned, "%s, %d copies", name, most)
		}
	}
}

// Where all copies had failed, gates around the hedge were given the time at which the first had, however long ago that was: a breaker took
// a slow call for a fast one.
func TestRegressionTheClockOfAHedgedCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer := &stopwatch{label: "outer"}
		for _, steps := range [][]step{
			{{takes: 20 * ms, err: errSlow}, {takes: 50 * ms, err: errQuick}}, // on the timer's goroutine
			{{takes: 5 * ms, err: errSlow}, {takes: 50 * ms, err: errQuick}},  // on the caller's
			{{takes: 5 * ms, err: errSlow}, {takes: 50 * ms}},
		} {
			outer.ages = nil
			y := &play{p: ductile.NewConcurrent("test", outer, &copies{wait: 10 * ms, most: 2}), steps: steps}
			_, err := y.do(t.Context())
			require.Equal(t, steps[1].err != nil, err != nil)
			assert.Equal(t, []time.Duration{-1}, outer.ages)
		}
		y := &play{p: ductile.NewConcurrent("test", outer, &copies{wait: 10 * ms, most: 2}), steps: []step{{takes: 5 * ms}}}
		outer.ages = nil
		_, err := y.do(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{0}, outer.ages, "one copy's time is the call's")
	})
}

// A middleware called next with a nil context and recovered the panic. When it returned, the call panicked within package context, and the
// value of the next that had worked was neither returned nor discarded.
func TestRegressionNextWithoutAContext(t *testing.T) {
	var y tally
	p := ductile.NewConcurrent("test", around(func(ctx context.Context, next func(context.Context) error) error {
		assert.PanicsWithValue(t, "ductile: next was called with a nil context: give it Around's, or one made from it", func() {
			_ = next(nil)
		})
		return next(ctx)
	}))
	got, err := y.do(t.Context(), p, works)
	require.NoError(t, err)
	assert.Equal(t, 1, got)
	assert.Empty(t, y.gone())
}

// sore is a gate that panics when a permit comes back.
type sore struct{ passing }

func (sore) Release(uint64, error) { panic("sore") }

// A copy panicked after it had its value, and the hedger when it was told: the value was not discarded.
func TestRegressionTheHedgerPanicsToo(t *testing.T) {
	inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
		h := &opinionated{copies{wait: 10 * ms, most: 2}, func(error) (wins, next bool) { panic("observed") }}
		y := &play{p: ductile.NewConcurrent("test", h, sore{passing{"sore"}}), steps: []step{{takes: 20 * ms, deaf: true}, {takes: 5 * ms}}}
		panicked, _ := contained(func() { _, _ = y.do(t.Context(), options...) })
		assert.NotNil(t, panicked)
		time.Sleep(time.Second)
		assert.ElementsMatch(t, []int{1, 2}, y.gone())
	})
}

// A copy that had lost, and of which the hedger had heard that, was told of again when it panicked.
func TestRegressionTheHedgerHearsOfALoserOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &copies{wait: 10 * ms, most: 2}
		y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: 15 * ms}, {takes: 20 * ms, deaf: true, then: func() { panic("boom") }}}}
		_, err := y.do(t.Context())
		require.NoError(t, err)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, []observation{{15 * ms, fault.ClassSuccess, false}, {5 * ms, fault.ClassSuperseded, false}}, h.observed)
	})
}

// The caller left, and the copy that heeded it ended the call. Of the other the hedger heard that a faster one had won, and that it had been
// slow: a caller in a hurry made the dependency look so.
func TestRegressionACopyIsNotOvertakenByACallerWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for class, leave := range map[fault.Class]func() (context.Context, context.CancelFunc){
			fault.ClassTimeout: func() (context.Context, context.CancelFunc) { return context.WithTimeout(t.Context(), 50*ms) },
			fault.ClassCanceled: func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(50*ms, cancel)
				return ctx, cancel
			},
		} {
			h := &copies{wait: 10 * ms, most: 2}
			y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: 100 * ms, deaf: true}, {takes: time.Hour}}}
			ctx, cancel := leave()
			_, err := y.do(ctx)
			require.ErrorIs(t, err, ctx.Err())
			cancel()
			synctest.Wait()
			assert.Equal(t, []observation{{40 * ms, class, false}, {50 * ms, class, false}}, h.observed)
		}
	})
}

// A hedger says of a canceled copy that the call is over, and it was taken for the winner: those who watch heard of a victory, and what a
// copy before had failed with was lost. It was lost, too, where another canceled copy hid it: "context canceled: context canceled".
func TestRegressionNobodyWinsACanceledCall(t *testing.T) {
	for range 100 { // which copy hears first that the caller has left is not said
		synctest.Test(t, func(t *testing.T) {
			for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
				var w hearing
				h := hedge.New(hedge.After(10*ms), hedge.Extra(2), hedge.Budget(budget.Unlimited()))
				y := &play{p: ductile.NewConcurrent("test", h).With(&w), steps: []step{{takes: time.Hour}, {takes: 5 * ms, err: errQuick}, {takes: time.Hour}}}
				ctx, cancel := context.WithTimeout(t.Context(), 50*ms)
				if errors.Is(end, context.Canceled) {
					time.AfterFunc(40*ms, cancel)
				}
				ctx, report := ductile.WithReport(ctx)
				_, err := y.do(ctx)
				cancel()
				require.ErrorIs(t, err, end)
				require.ErrorIs(t, err, errQuick, "what was known by then")
				synctest.Wait()
				assert.Empty(t, w.won)
				assert.Zero(t, report.WonBy())
			}
		})
	}
}

// A copy panicked, and the first panicked or exited for its part when that canceled it: one panic was raised, of the other nobody heard.
func TestRegressionAPanicThatGivesWayIsContained(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic("mine") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told []ductile.Contained
				p := ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}).With(listening{contained: func(e ductile.Contained) { told = append(told, e) }})
				panicked, returned := contained(func() {
					_, _ = ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
						if _, n := p.Attempt(ctx); n > 1 {
							panic("boom")
						}
						<-ctx.Done()
						end()
						return 0, errors.New("not reached")
					})
				})
				assert.False(t, returned)
				assert.Equal(t, name == "panic", panicked == "mine")
				require.Len(t, told, 1)
				assert.Equal(t, "boom", told[0].Panic.Value)
			})
		})
	}
}

// A copy won without a value, as a middleware's refusal does, and the call returned the value of the first copy, which had failed, with it.
func TestRegressionAWinnerWithoutAValue(t *testing.T) {
	for name, async := range map[string][]ductile.Option[int]{"inline": nil, "async": {ductile.Async[int]}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				errNever := fault.Permanent(errors.New("never"))
				var p *ductile.ConcurrentPipeline
				refusing := around(func(ctx context.Context, next func(context.Context) error) error {
					if _, n := p.Attempt(ctx); n > 1 {
						return errNever
					}
					return next(ctx)
				})
				p = ductile.NewConcurrent("test", hedge.New(hedge.After(10*ms), hedge.Budget(budget.Unlimited())), refusing)
				var discarded []int
				value, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) {
					return 1, errQuick
				}, append(async, ductile.Discard(func(n int) { discarded = append(discarded, n) }))...)
				require.ErrorIs(t, err, errNever)
				assert.Zero(t, value)
				assert.Equal(t, []int{1}, discarded)
			})
		})
	}
}
