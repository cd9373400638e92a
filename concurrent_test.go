package ductile_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

func TestNewRefusesConcurrentShapes(t *testing.T) {
	none := around(func(context.Context, func(context.Context) error) error { return nil })
	for _, policy := range []ductile.Policy{&copies{most: 2}, none, timeout.New(1, timeout.Detached())} {
		func() {
			defer func() { assert.Contains(t, recover(), "needs NewConcurrent", policy.Name()) }()
			ductile.New("test", policy)
		}()
	}
	assert.PanicsWithValue(t, `ductile: pipeline "test": policy 1 is nil`, func() { ductile.NewConcurrent("test", nil) })
	assert.Panics(t, func() { b := breaker.New(); ductile.NewConcurrent("test", b, &copies{most: 2}, b) }, "twice, with a cut between them")
}

func TestConcurrentPipeline(t *testing.T) {
	p := ductile.NewConcurrent("stock", timeout.New(time.Second), &copies{most: 2}, retry.New(), timeout.New(ms, timeout.Detached()))
	assert.Equal(t, "stock", p.Name())
	assert.Len(t, p.Policies(), 4)
	assert.Equal(t, `pipeline "stock"
  timeout  1s
  copies   *ductile_test.copies
  retry    3 attempts, full jitter under 100ms growing 2-fold to 5s, on transient, timeout, overload
  timeout  1ms, detached`, p.String())
	attempt, copy := p.Attempt(t.Context())
	assert.Equal(t, []int{1, 1}, []int{attempt, copy})
}

func TestDoConcurrentRefusesNil(t *testing.T) {
	fn := func(context.Context) (int, error) { return 0, nil }
	req := func(context.Context, int) (int, error) { return 0, nil }
	p := new(ductile.ConcurrentPipeline)
	const noPipeline = "ductile: DoConcurrent was given a nil pipeline: make one by NewConcurrent"
	for _, nonsense := range []struct {
		do   func()
		want string
	}{
		{func() { _, _ = ductile.DoConcurrent[int](t.Context(), p, nil) }, "ductile: DoConcurrent was given a nil function"},
		{func() { _, _ = ductile.DoConcurrent(t.Context(), nil, fn) }, noPipeline},
		{func() { _, _ = ductile.DoConcurrent(t.Context(), (*ductile.ConcurrentPipeline)(nil), fn) }, noPipeline},
		{func() { _, _ = ductile.DoConcurrent(t.Context(), (*ductile.Pipeline)(nil), fn) }, noPipeline},
		{
			func() { _, _ = ductile.DoConcurrent(t.Context(), p, fn, ductile.Async, nil) },
			"ductile: DoConcurrent: option 2 is nil: leave it out instead",
		},
		{func() { ductile.Discard[int](nil) }, "ductile: Discard was given a nil function: leave it out instead"},
		{func() { ductile.WrapConcurrent[int, int](p, nil) }, "ductile: WrapConcurrent was given a nil pipeline or function"},
		{func() { ductile.WrapConcurrent(nil, req) }, "ductile: WrapConcurrent was given a nil pipeline or function"},
	} {
		assert.PanicsWithValue(t, nonsense.want, nonsense.do)
	}
}

// DoConcurrent takes either kind of pipeline, and does with a serial one what Do does.
func TestDoConcurrentOfASerialPipeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ductile.New("test", fallback.Value(42), retry.New(retry.Attempts(3)))
		var discarded []int
		calls := 0
		got, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) {
			calls++
			return calls, errDown
		}, ductile.Discard(func(n int) { discarded = append(discarded, n) }))
		require.NoError(t, err)
		assert.Equal(t, 42, got)
		assert.Equal(t, []int{1, 2, 3}, discarded)

		got, err = ductile.WrapConcurrent(new(ductile.ConcurrentPipeline), func(_ context.Context, n int) (int, error) { return 2 * n, nil })(t.Context(), 21)
		require.NoError(t, err)
		assert.Equal(t, 42, got)
	})
}

// What fails with nothing to be discarded: a nil.
func TestNilIsNotDiscarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 7
		values := []*int{nil, &n, nil}
		var discarded []*int
		_, err := ductile.DoConcurrent(t.Context(), ductile.New("test", retry.New()), func(context.Context) (*int, error) {
			v := values[0]
			values = values[1:]
			return v, errDown
		}, ductile.Discard(func(v *int) { discarded = append(discarded, v) }))
		require.ErrorIs(t, err, errDown)
		assert.Equal(t, []*int{&n}, discarded)
	})
}

// A retry around a hedge: the value returned is that of the last attempt that reached the function, and all others are discarded once.
func TestValuesOfRetriedHedges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var y tally
		b := breaker.New(breaker.ConsecutiveFailures(4), breaker.MinCalls(1000))
		p := ductile.NewConcurrent("test", retry.New(retry.Attempts(3)), &copies{wait: 10 * ms, most: 2}, b)
		got, err := y.do(t.Context(), p, func(_ context.Context, n int) error { time.Sleep(20 * ms); return errDown })
		require.ErrorIs(t, err, errDown)
		require.ErrorIs(t, err, breaker.ErrOpen, "the third attempt was refused")
		assert.Equal(t, 4, y.calls)
		assert.Equal(t, 3, got, "the first copy of the second attempt")
		assert.ElementsMatch(t, []int{1, 2, 4}, y.gone())
	})
}

// Where a copy is refused and another has failed, the failure is the call's.
func TestARefusedCopyIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refusing := &choosy{refuse: func(n int) bool { return n == 1 }}
		h := &copies{wait: 10 * ms, most: 2}
		slow := around(func(ctx context.Context, next func(context.Context) error) error {
			time.Sleep(20 * ms)
			return next(ctx)
		})
		p := ductile.NewConcurrent("test", h, slow, refusing)
		_, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { return 0, errDown })
		require.ErrorIs(t, err, errDown)
		require.NotErrorIs(t, err, fault.ErrRejected)
	})
}

// Where the first two are refused and the third has failed, that is the call's, and where all are refused, the first refusal is.
func TestTheFirstThatIsNoMereRefusal(t *testing.T) {
	slow := around(func(ctx context.Context, next func(context.Context) error) error {
		time.Sleep(50 * ms) // until all have started
		return next(ctx)
	})
	refusals := []error{errors.New("the first refusal"), errors.New("the second refusal"), errors.New("the third refusal")}
	for refused, want := range map[int]error{2: errDown, 3: refusals[0]} {
		inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
			quota := &choosy{refuse: func(n int) bool { return n <= refused }, say: func(n int) error { return refusals[n-1] }}
			p := ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 3}, slow, quota)
			_, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { return 0, errDown }, options...)
			require.ErrorIs(t, err, want)
			for _, refusal := range refusals {
				assert.Equal(t, refusal == want, errors.Is(err, refusal)) //nolint:errorlint // itself
			}
		})
	}
}

// choosy refuses some calls by their number.
type choosy struct {
	mu     sync.Mutex
	n      int
	refuse func(n int) bool
	say    func(n int) error // why; nil for no particular reason
}

func (*choosy) Name() string { return "choosy" }

func (g *choosy) Acquire(context.Context) (uint64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n++; !g.refuse(g.n) {
		return 0, nil
	}
	if g.say != nil {
		return 0, g.say(g.n)
	}
	return 0, errors.New("not this one")
}

func (*choosy) Release(uint64, error) {}

// The winner's context lives as long as its value is retained, with timeouts outside and inside of the hedge; the others end at once.
func TestRetainedWinner(t *testing.T) {
	for name, async := range map[string][]ductile.Option[context.Context]{"inline": nil, "async": {ductile.Async[context.Context]}} {
		for winner, takes := range map[int][]time.Duration{1: {15 * ms, time.Hour}, 2: {time.Hour, 5 * ms}} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := ductile.NewConcurrent("test", timeout.New(time.Minute), &copies{wait: 10 * ms, most: 2}, timeout.New(time.Second))
					var mu sync.Mutex
					contexts := map[int]context.Context{}
					releases := map[int]func(){}
					won, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (context.Context, error) {
						_, n := p.Attempt(ctx)
						mu.Lock()
						contexts[n], releases[n] = ctx, ductile.Retain(ctx)
						mu.Unlock()
						select {
						case <-time.After(takes[n-1]):
							return ctx, nil
						case <-ctx.Done():
							return ctx, ctx.Err()
						}
					}, async...)
					require.NoError(t, err)
					synctest.Wait()
					assert.Same(t, contexts[winner], won)
					require.NoError(t, won.Err())
					loser := contexts[3-winner]
					assert.Equal(t, context.Canceled, loser.Err(), "though it is retained, too")
					assert.Equal(t, fault.ClassSuperseded, fault.Of(context.Cause(loser)))
					releases[winner]()
					synctest.Wait()
					require.Error(t, won.Err())
					releases[3-winner]()
				})
			})
		}
	}
}

// Deadlines go on running under a retained value: that of the attempt first.
func TestRetainedWinnersDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ductile.NewConcurrent("test", timeout.New(time.Minute), &copies{wait: 10 * ms, most: 2}, timeout.New(time.Second))
		start := time.Now()
		ctx, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (context.Context, error) {
			ductile.Retain(ctx)
			return ctx, nil
		})
		require.NoError(t, err)
		<-ctx.Done()
		assert.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, context.Cause(ctx), timeout.ErrExceeded)
	})
}

// Those who watch hear of every copy, and the report says who won.
func TestWatchingAHedge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w hearing
		h := &copies{wait: 10 * ms, most: 3}
		y := &play{p: ductile.NewConcurrent("test", h).With(&w), steps: []step{{takes: time.Hour}, {takes: 5 * ms, err: errQuick}, {takes: 5 * ms}}}
		ctx, report := ductile.WithReport(t.Context())
		_, err := y.do(ctx)
		require.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, []ductile.HedgeStarted{
			{Policy: "copies", Attempt: 1, Copy: 2, After: 10 * ms},
			{Policy: "copies", Attempt: 1, Copy: 3, After: 15 * ms, Cause: errQuick, Class: fault.ClassTransient},
		}, w.started)
		assert.Equal(t, []ductile.HedgeWon{{Policy: "copies", Attempt: 1, Copy: 3}}, w.won)
		assert.ElementsMatch(t, []fault.Class{fault.ClassTransient, fault.ClassSuccess, fault.ClassSuperseded}, w.ends)
		assert.Equal(t, 3, report.Copies())
		assert.Equal(t, 3, report.WonBy())
		assert.Equal(t, `pipeline "test": success
  attempt 1, copy 2: transient
  attempt 1, copy 3: success
  attempt 1, copy 1: superseded
  3 copies, won by copy 3`, report.String())
	})
}

// They hear with what a copy won, which may be a no.
func TestWinningWithANo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w hearing
		no := fault.Permanent(errQuick)
		y := &play{p: ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}).With(&w), steps: []step{{takes: time.Hour}, {takes: ms, err: no}}}
		_, err := y.do(t.Context())
		require.ErrorIs(t, err, errQuick)
		assert.Equal(t, []ductile.HedgeWon{{Policy: "copies", Attempt: 1, Copy: 2, Class: fault.ClassPermanent}}, w.won)
	})
}

type hearing struct {
	ductile.NopWatch
	mu      sync.Mutex
	started []ductile.HedgeStarted
	won     []ductile.HedgeWon
	ends    []fault.Class
}

func (w *hearing) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	return ctx, w
}

func (w *hearing) HedgeStarted(_ context.Context, e ductile.HedgeStarted) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started = append(w.started, e)
}

func (w *hearing) HedgeWon(_ context.Context, e ductile.HedgeWon) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.won = append(w.won, e)
}

func (w *hearing) AttemptEnded(_ context.Context, e ductile.AttemptEnded) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = append(w.ends, e.Class)
}

// A copy that a pipeline within it makes hears the same as its own policies: a faster copy won, and it is nobody's cancellation.
func TestSupersededReachesAPipelineWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := map[int]*breaker.Breaker{1: breaker.New(), 2: breaker.New()}
		replica := map[int]*ductile.Pipeline{1: ductile.New("one", inner[1]), 2: ductile.New("two", inner[2])}
		outer := breaker.New(breaker.Name("outer"))
		p := ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}, outer)
		_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
			_, n := p.Attempt(ctx)
			return ductile.Do(ctx, replica[n], func(ctx context.Context) (int, error) {
				if n == 1 {
					<-ctx.Done()
					return 0, ctx.Err()
				}
				return n, nil
			})
		})
		require.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, breaker.Counts{Calls: 1, Slow: 1, Consecutive: 1}, inner[1].Snapshot().Counts)
		assert.Equal(t, breaker.Counts{Calls: 1}, inner[2].Snapshot().Counts)
		assert.Equal(t, breaker.Counts{Calls: 2, Slow: 1, Consecutive: 1}, outer.Snapshot().Counts)
	})
}
