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
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// around is a Middleware of one's own.
type around func(ctx context.Context, next func(context.Context) error) error

func (around) Name() string { return "around" }

func (f around) Around(ctx context.Context, next func(context.Context) error) error {
	return f(ctx, next)
}

// tally makes calls whose values are their numbers, and keeps what is discarded.
type tally struct {
	mu        sync.Mutex
	calls     int
	discarded []int
}

func (y *tally) do(
	ctx context.Context, p *ductile.ConcurrentPipeline, fn func(ctx context.Context, n int) error, options ...ductile.Option[int],
) (int, error) {
	return ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int, error) {
		y.mu.Lock()
		y.calls++
		n := y.calls
		y.mu.Unlock()
		return n, fn(ctx, n)
	}, append(options, ductile.Discard(func(n int) {
		y.mu.Lock()
		defer y.mu.Unlock()
		y.discarded = append(y.discarded, n)
	}))...)
}

func (y *tally) gone() []int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return append([]int(nil), y.discarded...)
}

func works(context.Context, int) error { return nil }

func TestMiddleware(t *testing.T) {
	for _, test := range []struct {
		name      string
		around    around
		fn        func(context.Context, int) error
		want      int
		err       error
		discarded []int
	}{
		{"passes on", func(ctx context.Context, next func(context.Context) error) error { return next(ctx) }, works, 1, nil, nil},
		{
			"passes an error on, and the value with it",
			func(ctx context.Context, next func(context.Context) error) error { return next(ctx) },
			func(context.Context, int) error { return errDown }, 1, errDown, nil,
		},
		{
			"never calls next", func(context.Context, func(context.Context) error) error { return nil },
			func(context.Context, int) error { panic("called") }, 0, nil, nil,
		},
		{
			"refuses", func(context.Context, func(context.Context) error) error { return errDown },
			func(context.Context, int) error { panic("called") }, 0, errDown, nil,
		},
		{
			"calls it twice: the last value wins",
			func(ctx context.Context, next func(context.Context) error) error {
				return errors.Join(next(ctx), next(ctx))
			}, works, 2, nil, []int{1},
		},
		{
			"calls it until it works",
			func(ctx context.Context, next func(context.Context) error) error {
				for next(ctx) != nil {
				}
				return nil
			},
			func(_ context.Context, n int) error {
				if n < 4 {
					return errDown
				}
				return nil
			}, 4, nil, []int{1, 2, 3},
		},
		{
			"has an opinion of its own: the value stays",
			func(ctx context.Context, next func(context.Context) error) error { _ = next(ctx); return errDown }, works, 1, errDown, nil,
		},
		{
			"mends an error: the value stays",
			func(ctx context.Context, next func(context.Context) error) error { _ = next(ctx); return nil },
			func(context.Context, int) error { return errDown }, 1, nil, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var y tally
			got, err := y.do(t.Context(), ductile.NewConcurrent("test", test.around), test.fn)
			assert.Equal(t, test.want, got)
			require.ErrorIs(t, err, test.err)
			assert.Equal(t, test.discarded, y.gone())
		})
	}
}

// Calls of next side by side: the one that returns last is the call's, and the others' values are discarded.
func TestMiddlewareConcurrentCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var y tally
		p := ductile.NewConcurrent("test", around(func(ctx context.Context, next func(context.Context) error) error {
			var both sync.WaitGroup
			for range 3 {
				both.Go(func() { _ = next(ctx) })
				synctest.Wait()
			}
			both.Wait()
			return nil
		}))
		got, err := y.do(t.Context(), p, func(_ context.Context, n int) error {
			time.Sleep(time.Duration(10-n) * ms)
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, 1, got)
		assert.Equal(t, []int{3, 2}, y.gone())
	})
}

// What still runs when Around returns is canceled and its value discarded; what is called after is not called.
func TestMiddlewareReturnsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var y tally
		var late error
		p := ductile.NewConcurrent("test", around(func(ctx context.Context, next func(context.Context) error) error {
			go func() { _ = next(ctx) }()
			go func() {
				time.Sleep(time.Second)
				late = next(ctx)
			}()
			time.Sleep(10 * ms)
			return errDown
		}))
		var ended time.Duration
		start := time.Now()
		got, err := y.do(t.Context(), p, func(ctx context.Context, _ int) error {
			<-ctx.Done()
			ended = time.Since(start)
			return ctx.Err()
		})
		require.ErrorIs(t, err, errDown)
		assert.Zero(t, got)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Equal(t, 10*ms, ended)
		assert.Equal(t, 1, y.calls)
		assert.Equal(t, []int{1}, y.gone())
		require.ErrorContains(t, late, "next was called after Around had returned")
	})
}

// A panic inside passes through the middleware, and one that is recovered there is over.
func TestMiddlewareAndPanics(t *testing.T) {
	b := breaker.New(breaker.ConsecutiveFailures(1))
	p := ductile.NewConcurrent("test", around(func(ctx context.Context, next func(context.Context) error) error { return next(ctx) }), b)
	var y tally
	assert.PanicsWithValue(t, "boom", func() { _, _ = y.do(t.Context(), p, func(context.Context, int) error { panic("boom") }) })
	assert.Equal(t, breaker.Open, b.State())

	p = ductile.NewConcurrent("test", retry.New(), around(func(ctx context.Context, next func(context.Context) error) (err error) {
		defer func() {
			if recover() != nil {
				err = errDown
			}
		}()
		return next(ctx)
	}))
	synctest.Test(t, func(t *testing.T) {
		got, err := y.do(t.Context(), p, func(_ context.Context, n int) error {
			if n < 4 { // the panic above was the first call
				panic("boom")
			}
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, 4, got, "a retry around it goes on")
	})
}

// Each call of next is another attempt, and the policies around a middleware see whether the function was reached.
func TestMiddlewareAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		twice := around(func(ctx context.Context, next func(context.Context) error) error {
			return errors.Join(next(ctx), next(ctx))
		})
		p := ductile.NewConcurrent("test", retry.New(retry.Attempts(2)), twice)
		var attempts []int
		_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
			attempt, copy := p.Attempt(ctx)
			assert.Equal(t, 1, copy)
			attempts = append(attempts, attempt)
			return 0, errDown
		})
		var gaveUp *ductile.RetryError
		require.ErrorAs(t, err, &gaveUp)
		assert.Equal(t, 2, gaveUp.Attempts)
		assert.Equal(t, []int{1, 2, 3, 4}, attempts)

		b := breaker.New(breaker.ConsecutiveFailures(1))
		stuck := around(func(ctx context.Context, _ func(context.Context) error) error { <-ctx.Done(); return ctx.Err() })
		p = ductile.NewConcurrent("test", b, stuck)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = ductile.DoConcurrent(ctx, p, func(context.Context) (int, error) { panic("called") })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, breaker.Closed, b.State(), "the function was never reached: nobody's fault")
	})
}

// A fallback inside and one outside of the cut answer with the call's value.
func TestFallbacksAroundACut(t *testing.T) {
	pass := around(func(ctx context.Context, next func(context.Context) error) error { return next(ctx) })
	fails := func(context.Context, int) error { return errDown }
	for name, p := range map[string]*ductile.ConcurrentPipeline{
		"outside": ductile.NewConcurrent("test", fallback.Value(42), pass),
		"inside":  ductile.NewConcurrent("test", pass, fallback.Value(42)),
	} {
		var y tally
		got, err := y.do(t.Context(), p, fails)
		require.NoError(t, err, name)
		assert.Equal(t, 42, got, name)
		assert.Equal(t, []int{1}, y.gone(), "fn's value is not returned, the fallback's is not discarded")
		_, err = ductile.DoConcurrent(t.Context(), p, func(context.Context) (string, error) { return "", nil })
		var mismatch *ductile.MismatchError
		require.ErrorAs(t, err, &mismatch, name)
		assert.Equal(t, &ductile.MismatchError{Pipeline: "test", Policy: "fallback", Type: "string"}, mismatch, name)
	}
}

// filling is a fallback that writes an answer down before it knows whether it has one.
type filling struct {
	label
	by  string
	err error
}

func (filling) Accepts(any) bool { return true }

func (f filling) Recover(_ context.Context, _ error, out any) (by string, err error) {
	*(out.(*int)) = 42 //nolint:forcetypeassert,errcheck // it is one
	return f.by, f.err
}

// A fallback without an answer leaves the function's value with its error, and one's answer that another replaces is not discarded: it was
// never the function's.
func TestValuesOfFallbacks(t *testing.T) {
	errUnanswered := errors.New("no answer")
	twice := around(func(ctx context.Context, next func(context.Context) error) error { _ = next(ctx); return next(ctx) })
	for name, test := range map[string]struct {
		fallback  filling
		want      int
		err       error
		discarded []int
	}{
		"answers":               {filling{"filling", "filling", nil}, 42, nil, []int{1, 2}},
		"declines":              {filling{"filling", "", nil}, 2, errDown, []int{1}},
		"fails":                 {filling{"filling", "", errUnanswered}, 2, errUnanswered, []int{1}},
		"answers, and fails so": {filling{"filling", "filling", errUnanswered}, 2, errUnanswered, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			var y tally
			got, err := y.do(t.Context(), ductile.NewConcurrent("test", twice, test.fallback), func(context.Context, int) error { return errDown })
			require.ErrorIs(t, err, test.err)
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.discarded, y.gone())
		})
	}
}

// That the function was reached is known outside of all cuts around it: its timeout is then the dependency's.
func TestReachedWithinCuts(t *testing.T) {
	pass := around(func(ctx context.Context, next func(context.Context) error) error { return next(ctx) })
	inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
		for name, cuts := range map[string][]ductile.Policy{
			"two middlewares":           {pass, pass},
			"a hedge in a middleware":   {pass, &copies{wait: time.Hour, most: 2}},
			"a middleware in a hedge":   {&copies{wait: time.Hour, most: 2}, pass},
			"a middleware in a timeout": {timeout.New(time.Minute, timeout.Detached()), pass},
		} {
			b := breaker.New()
			p := ductile.NewConcurrent("test", append([]ductile.Policy{b}, cuts...)...)
			_, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { return 0, context.DeadlineExceeded }, options...)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, uint64(1), b.Snapshot().Counts.Failures, name)
		}
	})
}

// One middleware answers without a value, and one around it objects: with that error comes the value of the attempt before.
func TestAnAnswerWithoutAValueIsObjectedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var y tally
		again := retry.New(retry.Attempts(2), retry.Constant(0))
		asked, answered := 0, 0
		objects := around(func(ctx context.Context, next func(context.Context) error) error {
			asked++
			if err := next(ctx); asked == 1 {
				return err
			}
			return errDown
		})
		knows := around(func(ctx context.Context, next func(context.Context) error) error {
			if answered++; answered == 4 {
				return nil
			}
			return next(ctx)
		})
		got, err := y.do(t.Context(), ductile.NewConcurrent("test", again, objects, again, knows), func(context.Context, int) error { return errDown })
		require.ErrorIs(t, err, errDown)
		assert.Equal(t, 2, got)
		assert.Equal(t, []int{1, 3}, y.gone())
	})
}

// Those who watch hear of a middleware's refusal as they do of a gate's.
func TestMiddlewareRefuses(t *testing.T) {
	ctx, report := ductile.WithReport(t.Context())
	refusal := &ductile.RejectedError{Policy: "quota", Err: errDown}
	p := ductile.NewConcurrent("test", around(func(context.Context, func(context.Context) error) error { return refusal }))
	_, err := ductile.DoConcurrent(ctx, p, func(context.Context) (int, error) { panic("called") })
	require.ErrorIs(t, err, errDown)
	assert.Equal(t, []ductile.Rejected{{Policy: "around", Err: refusal}}, report.Rejections())
	_, err = ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { panic("called") })
	require.ErrorIs(t, err, errDown, "with nobody watching")
}

// A middleware's answer is no refusal, nor is a failure of its own, nor what next has returned to it: of that, who refused has told.
func TestMiddlewareThatDoesNotRefuse(t *testing.T) {
	refusal := &ductile.RejectedError{Policy: "quota", Err: errDown}
	for name, test := range map[string]struct {
		around around
		want   error
	}{
		"answers":   {func(context.Context, func(context.Context) error) error { return nil }, nil},
		"fails":     {func(context.Context, func(context.Context) error) error { return errDown }, errDown},
		"passes on": {func(ctx context.Context, next func(context.Context) error) error { return next(ctx) }, refusal},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, report := ductile.WithReport(t.Context())
			_, err := ductile.DoConcurrent(ctx, ductile.NewConcurrent("test", test.around), func(context.Context) (int, error) { return 0, refusal })
			require.ErrorIs(t, err, test.want)
			assert.Empty(t, report.Rejections())
		})
	}
}
