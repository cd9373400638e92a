package ductile_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// copies is a Hedger of one's own: so many copies, one after each wait, and a record of what it is told.
type copies struct {
	wait time.Duration
	most int
	deny func(started int) bool // refuses to launch
	muse func(err error)        // is called before it says what an end means

	mu       sync.Mutex
	asked    []time.Duration // left, at each launch
	observed []observation
}

type observation struct {
	latency time.Duration
	class   fault.Class
	slow    bool
}

func (*copies) Name() string { return "copies" }

func (h *copies) Delay(started int) (time.Duration, bool) { return h.wait, started < h.most }

func (h *copies) Launch(started int, left time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, left)
	return h.deny == nil || !h.deny(started)
}

func (h *copies) Observe(latency time.Duration, err error) (wins, next bool) {
	if h.muse != nil {
		h.muse(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	class := fault.Of(err)
	h.observed = append(h.observed, observation{latency, class, fault.Outlasted(err)})
	switch class {
	case fault.ClassSuccess, fault.ClassPermanent, fault.ClassIgnored:
		return true, false
	case fault.ClassTransient, fault.ClassTimeout:
		return false, true
	default:
		return false, false
	}
}

// A step is what one copy does: it takes its time, unless its context ends before, and returns.
type step struct {
	takes time.Duration
	err   error
	deaf  bool // it does not heed its context
	then  func()
}

// A play is a function whose copies do as their steps say, and return their numbers.
type play struct {
	p     *ductile.ConcurrentPipeline
	steps []step

	mu        sync.Mutex
	began     map[int]time.Duration
	ended     map[int]error // what the context had to say when the copy ended
	discarded []int
	start     time.Time
}

func (y *play) do(ctx context.Context, options ...ductile.Option[int]) (int, error) {
	y.start, y.began, y.ended = time.Now(), map[int]time.Duration{}, map[int]error{}
	return ductile.DoConcurrent(ctx, y.p, func(ctx context.Context) (int, error) {
		_, number := y.p.Attempt(ctx)
		s := y.steps[number-1]
		y.mu.Lock()
		y.began[number] = time.Since(y.start)
		y.mu.Unlock()
		defer func() {
			y.mu.Lock()
			y.ended[number] = ctx.Err()
			y.mu.Unlock()
		}()
		done := ctx.Done()
		if s.deaf {
			done = nil
		}
		select {
		case <-time.After(s.takes):
		case <-done:
			return number, ctx.Err()
		}
		if s.then != nil {
			s.then()
		}
		return number, s.err
	}, append(options, ductile.Discard(func(n int) {
		y.mu.Lock()
		defer y.mu.Unlock()
		y.discarded = append(y.discarded, n)
	}))...)
}

// gone returns what has been discarded so far.
func (y *play) gone() []int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return slices.Clone(y.discarded)
}

var (
	errSlow  = errors.New("the first copy failed")
	errQuick = errors.New("the second copy failed")
)

const ms = time.Millisecond

func TestHedgedCalls(t *testing.T) {
	for _, test := range []struct {
		name      string
		steps     []step
		wait      time.Duration
		most      int
		want      int
		err       error
		took      time.Duration
		discarded []int
		began     map[int]time.Duration
		observed  []observation
	}{
		{
			name: "the first is fast", steps: []step{{takes: 5 * ms}}, wait: 10 * ms, most: 2, want: 1, took: 5 * ms,
			began: map[int]time.Duration{1: 0}, observed: []observation{{5 * ms, fault.ClassSuccess, false}},
		},
		{
			name: "the second wins", steps: []step{{takes: time.Hour}, {takes: 5 * ms}}, wait: 10 * ms, most: 2, want: 2, took: 15 * ms,
			discarded: []int{1}, began: map[int]time.Duration{1: 0, 2: 10 * ms},
			observed: []observation{{5 * ms, fault.ClassSuccess, false}, {15 * ms, fault.ClassSuperseded, true}},
		},
		{
			name: "the first wins after all", steps: []step{{takes: 12 * ms}, {takes: time.Hour}}, wait: 10 * ms, most: 2, want: 1, took: 12 * ms,
			discarded: []int{2}, began: map[int]time.Duration{1: 0, 2: 10 * ms},
			observed: []observation{{12 * ms, fault.ClassSuccess, false}, {2 * ms, fault.ClassSuperseded, false}},
		},
		{
			name: "three", steps: []step{{takes: time.Hour}, {takes: time.Hour}, {takes: ms}}, wait: 10 * ms, most: 3, want: 3, took: 21 * ms,
			discarded: []int{1, 2}, began: map[int]time.Duration{1: 0, 2: 10 * ms, 3: 20 * ms},
			observed: []observation{{ms, fault.ClassSuccess, false}, {21 * ms, fault.ClassSuperseded, true}, {11 * ms, fault.ClassSuperseded, true}},
		},
		{
			name: "all at once", steps: []step{{takes: 3 * ms}, {takes: 2 * ms}, {takes: ms}}, most: 3, want: 3, took: ms,
			discarded: []int{1, 2}, began: map[int]time.Duration{1: 0, 2: 0, 3: 0},
			observed: []observation{{ms, fault.ClassSuccess, false}, {ms, fault.ClassSuperseded, false}, {ms, fault.ClassSuperseded, false}},
		},
		{
			name: "a failure brings the next at once", steps: []step{{takes: ms, err: errSlow}, {takes: 3 * ms}}, wait: 10 * ms, most: 2, want: 2,
			took: 4 * ms, discarded: []int{1}, began: map[int]time.Duration{1: 0, 2: ms},
			observed: []observation{{ms, fault.ClassTransient, false}, {3 * ms, fault.ClassSuccess, false}},
		},
		{
			name:  "the failure of the second brings the third at once",
			steps: []step{{takes: time.Hour}, {takes: ms, err: errQuick}, {takes: ms}}, wait: 10 * ms, most: 3, want: 3,
			took: 12 * ms, discarded: []int{1, 2}, began: map[int]time.Duration{1: 0, 2: 10 * ms, 3: 11 * ms},
			observed: []observation{{ms, fault.ClassTransient, false}, {ms, fault.ClassSuccess, false}, {12 * ms, fault.ClassSuperseded, true}},
		},
		{
			name: "all fail, and the first failure is returned", steps: []step{{takes: 15 * ms, err: errSlow}, {takes: ms, err: errQuick}},
			wait: 10 * ms, most: 2, want: 1, err: errSlow, took: 15 * ms, discarded: []int{2}, began: map[int]time.Duration{1: 0, 2: 10 * ms},
			observed: []observation{{ms, fault.ClassTransient, false}, {15 * ms, fault.ClassTransient, false}},
		},
		{
			name: "all fail, the first first", steps: []step{{takes: ms, err: errSlow}, {takes: ms, err: errQuick}},
			wait: 10 * ms, most: 2, want: 1, err: errSlow, took: 2 * ms, discarded: []int{2}, began: map[int]time.Duration{1: 0, 2: ms},
			observed: []observation{{ms, fault.ClassTransient, false}, {ms, fault.ClassTransient, false}},
		},
		{
			name:  "a failed first waits for the second",
			steps: []step{{takes: 12 * ms, err: errSlow}, {takes: 10 * ms}}, wait: 10 * ms, most: 2, want: 2, took: 20 * ms,
			discarded: []int{1}, began: map[int]time.Duration{1: 0, 2: 10 * ms},
			observed: []observation{{12 * ms, fault.ClassTransient, false}, {10 * ms, fault.ClassSuccess, false}},
		},
		{
			name:  "an overload lets no further copy start",
			steps: []step{{takes: ms, err: fault.Overload(errSlow, 0)}}, wait: 10 * ms, most: 2, want: 1, err: errSlow, took: ms,
			began: map[int]time.Duration{1: 0}, observed: []observation{{ms, fault.ClassOverload, false}},
		},
		{
			name:  "an overload waits for those that run",
			steps: []step{{takes: 15 * ms, err: fault.Overload(errSlow, 0)}, {takes: 10 * ms}}, wait: 10 * ms, most: 3, want: 2, took: 20 * ms,
			discarded: []int{1}, began: map[int]time.Duration{1: 0, 2: 10 * ms},
			observed: []observation{{15 * ms, fault.ClassOverload, false}, {10 * ms, fault.ClassSuccess, false}},
		},
		{
			name:  "an overload stops the wait for the next",
			steps: []step{{takes: 15 * ms, err: fault.Overload(errSlow, 0)}, {takes: 50 * ms}, {}}, wait: 10 * ms, most: 3, want: 2, took: 60 * ms,
			discarded: []int{1}, began: map[int]time.Duration{1: 0, 2: 10 * ms},
			observed: []observation{{15 * ms, fault.ClassOverload, false}, {50 * ms, fault.ClassSuccess, false}},
		},
		{
			name:  "no is an answer",
			steps: []step{{takes: time.Hour}, {takes: ms, err: fault.Permanent(errQuick)}}, wait: 10 * ms, most: 2, want: 2, err: errQuick,
			took: 11 * ms, discarded: []int{1}, began: map[int]time.Duration{1: 0, 2: 10 * ms},
			observed: []observation{{ms, fault.ClassPermanent, false}, {11 * ms, fault.ClassSuperseded, true}},
		},
		{
			name:  "a first that is deaf holds the winner back",
			steps: []step{{takes: 50 * ms, deaf: true}, {takes: ms}}, wait: 10 * ms, most: 2, want: 2, took: 50 * ms,
			discarded: []int{1}, began: map[int]time.Duration{1: 0, 2: 10 * ms},
			observed: []observation{{ms, fault.ClassSuccess, false}, {11 * ms, fault.ClassSuperseded, true}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &copies{wait: test.wait, most: test.most}
				y := &play{p: ductile.NewConcurrent("test", h), steps: test.steps}
				got, err := y.do(t.Context())
				took := time.Since(y.start)
				synctest.Wait()
				assert.Equal(t, test.want, got)
				if test.err == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, test.err)
				}
				assert.Equal(t, test.took, took)
				assert.ElementsMatch(t, test.discarded, y.gone())
				assert.Equal(t, test.began, y.began)
				assert.Equal(t, test.observed, h.observed)
			})
		})
	}
}

// With Async nothing holds the winner back.
func TestAsync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &copies{wait: 10 * ms, most: 2}
		y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: time.Hour, deaf: true}, {takes: ms}}}
		got, err := y.do(t.Context(), ductile.Async)
		require.NoError(t, err)
		assert.Equal(t, 2, got)
		assert.Equal(t, 11*ms, time.Since(y.start))
		synctest.Wait()
		assert.Empty(t, y.gone())
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		assert.Equal(t, []int{1}, y.gone(), "when it came")
	})
}

// The caller's cancellation ends an asynchronous call at once, and all values are discarded when they come.
func TestAsyncCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &copies{wait: 10 * ms, most: 2}
		y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: time.Hour, deaf: true}, {takes: time.Hour, deaf: true}}}
		ctx, cancel := context.WithTimeout(t.Context(), 50*ms)
		defer cancel()
		_, err := y.do(ctx, ductile.Async)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 50*ms, time.Since(y.start))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		assert.ElementsMatch(t, []int{1, 2}, y.gone())
		assert.Equal(t, []observation{{50 * ms, fault.ClassTimeout, false}, {40 * ms, fault.ClassTimeout, false}}, h.observed)
	})
}

// A copy that cannot start before the deadline is not waited for, and none starts on a dead context.
func TestNoHedgeBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &copies{wait: 10 * ms, most: 2}
		y := &play{p: ductile.NewConcurrent("test", timeout.New(10*ms), h), steps: []step{{takes: time.Hour}}}
		_, err := y.do(t.Context())
		require.ErrorIs(t, err, timeout.ErrExceeded)
		assert.Empty(t, h.asked)

		y = &play{p: ductile.NewConcurrent("test", timeout.New(25*ms), h), steps: []step{{takes: 5 * ms, err: errSlow}, {takes: time.Hour}}}
		_, err = y.do(t.Context())
		require.ErrorIs(t, err, timeout.ErrExceeded)
		require.ErrorIs(t, err, errSlow, "what was known when the time ran out")
		assert.Equal(t, []time.Duration{20 * ms}, h.asked)

		y = &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: 5 * ms, err: errSlow}, {}}}
		_, err = y.do(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{20 * ms, math.MaxInt64}, h.asked)
	})
}

// A hedge that is refused is the last that is asked for.
func TestHedgeRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &copies{wait: 10 * ms, most: 5, deny: func(started int) bool { return started == 2 }}
		y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: 100 * ms}, {takes: 50 * ms, err: errQuick}}}
		got, err := y.do(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, got)
		assert.Len(t, h.asked, 2)
	})
}

// A call that is not to be repeated is not hedged, and the hedger learns from it all the same.
func TestOnceIsNotHedged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &copies{wait: 10 * ms, most: 2}
		y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: 100 * ms, err: errSlow}}}
		_, err := y.do(ductile.Once(t.Context()))
		require.ErrorIs(t, err, errSlow)
		assert.Equal(t, []observation{{100 * ms, fault.ClassTransient, false}}, h.observed)
	})
}

func TestPanicsOfCopies(t *testing.T) {
	boom := errors.New("boom")
	panics := func(value any) func() { return func() { panic(value) } }
	for _, test := range []struct {
		name  string
		steps []step
		want  any
		err   error
	}{
		{"the first's passes through", []step{{takes: 5 * ms, then: panics("boom")}}, "boom", nil},
		{"the first's, with a copy running", []step{{takes: 15 * ms, then: panics("boom")}, {takes: time.Hour}}, "boom", nil},
		{"the first's, after a copy has won", []step{{takes: 15 * ms, deaf: true, then: panics("boom")}, {takes: ms}}, "boom", nil},
		{"a copy's is raised in the caller", []step{{takes: time.Hour}, {takes: 5 * ms, then: panics(boom)}}, boom, boom},
		{"http.ErrAbortHandler is itself", []step{{takes: time.Hour}, {takes: 5 * ms, then: panics(http.ErrAbortHandler)}}, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				y := &play{p: ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}), steps: test.steps}
				var raised any
				func() {
					defer func() { raised = recover() }()
					_, err := y.do(t.Context())
					t.Errorf("returned %v", err)
				}()
				if p, ok := raised.(*ductile.Panic); ok {
					assert.Equal(t, test.want, p.Value)
					require.ErrorIs(t, p, test.err)
					assert.Contains(t, string(p.Stack), "TestPanicsOfCopies")
				} else if test.want == nil {
					assert.Same(t, http.ErrAbortHandler, raised)
				} else {
					assert.Equal(t, test.want, raised)
				}
				synctest.Wait()
				assert.Len(t, y.ended, len(test.steps), "all have ended")
			})
		})
	}
}

func TestGoexitOfACopyIsTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := &play{p: ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}), steps: []step{{takes: time.Hour}, {takes: ms, then: runtime.Goexit}}}
		exited := true
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = y.do(t.Context())
			exited = false
		}()
		<-done
		assert.True(t, exited)
		synctest.Wait()
		assert.Equal(t, []int{1}, y.gone())
	})
}

// A panic of a copy that has lost has no caller. Those who watch are told.
func TestContainedPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []ductile.Contained
		p := ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}).With(listening{contained: func(e ductile.Contained) { told = append(told, e) }})
		y := &play{p: p, steps: []step{{takes: 12 * ms}, {takes: time.Hour, deaf: true, then: func() { panic("boom") }}}}
		got, err := y.do(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, got)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Len(t, told, 1)
		assert.Equal(t, "boom", told[0].Panic.Value)
	})
}

type listening struct {
	ductile.NopWatch
	contained func(ductile.Contained)
}

func (l listening) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	return ctx, l
}
func (l listening) Contained(_ context.Context, e ductile.Contained) { l.contained(e) }

// Each pipeline's attempts and copies are numbered, and no two copies of an attempt alike. An attempt after a hedge goes on where the copies had
// come to, whichever goroutine made them.
func TestAttemptsAndCopies(t *testing.T) {
	type at struct{ attempt, copy int }
	twice := func() ductile.Policy { return &copies{wait: ms, most: 2} }
	again := func() ductile.Policy { return retry.New(retry.Attempts(2), retry.Budget(budget.Unlimited())) }
	for name, test := range map[string]struct {
		policies []ductile.Policy
		want     []at
	}{
		"hedge":        {[]ductile.Policy{twice()}, []at{{1, 1}, {1, 2}}},
		"hedge, hedge": {[]ductile.Policy{twice(), twice()}, []at{{1, 1}, {1, 2}, {1, 3}, {1, 4}}},
		"retry, hedge": {[]ductile.Policy{again(), twice()}, []at{{1, 1}, {1, 2}, {2, 1}, {2, 2}}},
		"hedge, retry": {[]ductile.Policy{twice(), again()}, []at{{1, 1}, {1, 2}, {2, 1}, {2, 2}}},
		"retry, hedge, retry": {
			[]ductile.Policy{again(), twice(), again()}, []at{{1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 1}, {3, 2}, {4, 1}, {4, 2}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
				var mu sync.Mutex
				var got []at
				p := ductile.NewConcurrent("test", test.policies...)
				_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
					attempt, copy := p.Attempt(ctx)
					mu.Lock()
					got = append(got, at{attempt, copy})
					mu.Unlock()
					time.Sleep(10 * ms)
					return 0, errDown
				}, options...)
				require.ErrorIs(t, err, errDown)
				assert.ElementsMatch(t, test.want, got)
			})
		})
	}
}

// Copies of hedges within a hedge have numbers of their own in later attempts, too.
func TestCopiesOfLaterAttempts(t *testing.T) {
	inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
		var mu sync.Mutex
		seen := map[[2]int]int{}
		p := ductile.NewConcurrent("test", &copies{wait: ms, most: 2}, retry.New(retry.Attempts(2), retry.Budget(budget.Unlimited())), &copies{wait: ms, most: 2})
		_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
			attempt, copy := p.Attempt(ctx)
			mu.Lock()
			seen[[2]int{attempt, copy}]++
			mu.Unlock()
			time.Sleep(10 * ms)
			return 0, errDown
		}, options...)
		require.ErrorIs(t, err, errDown)
		assert.Len(t, seen, 8, "two copies, each with two attempts, each of two copies")
	})
}

// A copy that has ended, and is yet to be judged, was counted out already: the failure of another was taken for the last one, and returned
// though there was an answer.
func TestRegressionAnAnswerIsJudgedBeforeAllHaveFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &copies{wait: 10 * ms, most: 2, muse: func(err error) {
			if err == nil {
				time.Sleep(10 * ms)
			}
		}}
		y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: 20 * ms, err: errSlow}, {takes: 5 * ms}}}
		got, err := y.do(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 2, got)
	})
}

// What is safe to do twice but not twice at once is repeated and has no copies.
func TestSequentialIsNotHedged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &copies{wait: 10 * ms, most: 2}
		y := &play{p: ductile.NewConcurrent("test", retry.New(retry.Attempts(2)), h), steps: []step{{takes: 100 * ms, err: errSlow}}}
		ctx, report := ductile.WithReport(ductile.Sequential(t.Context()))
		_, err := y.do(ctx)
		require.ErrorIs(t, err, errSlow)
		assert.Len(t, report.Attempts(), 2)
		assert.Equal(t, 1, report.Copies())
		assert.Empty(t, h.asked)
	})
}
