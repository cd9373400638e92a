package ductile_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// label is a policy without a shape, and what the types below are made of.
type label string

func (n label) Name() string { return string(n) }

// passing is a gate that is nothing but methods.
type passing struct{ label }

func (passing) Acquire(context.Context) (uint64, error) { return 0, nil }
func (passing) Release(uint64, error)                   {}

// amphibian is a gate and a deadline.
type amphibian struct{ passing }

func (amphibian) Timeout(context.Context) time.Duration       { return time.Second }
func (amphibian) Exceeded(_ time.Duration, cause error) error { return cause }

func TestNewRefusesNonsense(t *testing.T) {
	b := breaker.New()
	for _, test := range []struct {
		name     string
		policies []ductile.Policy
		want     string
	}{
		{"nil", []ductile.Policy{retry.New(), nil}, `ductile: pipeline "test": policy 2 is nil`},
		{"a nil pointer", []ductile.Policy{(*breaker.Breaker)(nil)}, `ductile: pipeline "test": policy 1 is nil`},
		{"no shape", []ductile.Policy{label("odd")}, `ductile: pipeline "test": policy 1 ("odd", a ductile_test.label) has no shape: ` +
			`it needs the methods of a Gate, a Retrier, a Deadline, a Fallback, a Hedger or a Middleware`},
		{"two shapes", []ductile.Policy{amphibian{passing{"odd"}}}, `ductile: pipeline "test": policy 1 ("odd", a ductile_test.amphibian) ` +
			`has several shapes (Gate, Deadline): make it several policies`},
		{"no name", []ductile.Policy{passing{""}}, `ductile: pipeline "test": policy 1 ("", a ductile_test.passing) has no name: ` +
			`errors and telemetry could not say which policy it was (was it made by its package's New?)`},
		{"a gate twice", []ductile.Policy{b, retry.New(), b}, `ductile: pipeline "test": policy 3 ("breaker", a *breaker.Breaker) ` +
			`stands in the pipeline twice: it would count each call twice`},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.PanicsWithValue(t, test.want, func() { ductile.New("test", test.policies...) })
		})
	}
	assert.NotPanics(t, func() { ductile.New("test", passing{"a"}, passing{"a"}) }, "values have no identity")
	limit := timeout.New(time.Second)
	assert.NotPanics(t, func() { ductile.New("test", limit, limit) }, "a timeout has no state")
	assert.PanicsWithValue(t, "ductile: With was given a nil Observer: leave it out instead", func() { ductile.New("test").With(nil) })
}

func TestZeroPipeline(t *testing.T) {
	var p ductile.Pipeline
	value, err := ductile.Do(t.Context(), &p, func(context.Context) (int, error) { return 7, nil })
	require.NoError(t, err)
	assert.Equal(t, 7, value)
	assert.Equal(t, `pipeline "": no policies`, p.String())
	assert.Empty(t, p.Policies())
	ctx, report := ductile.WithReport(t.Context())
	require.NoError(t, ductile.Run(ctx, p.With(indifferent{}), func(context.Context) error { return nil }))
	assert.Len(t, report.Attempts(), 1)
}

func TestPipelineIsACopyOfItsList(t *testing.T) {
	policies := []ductile.Policy{passing{"a"}, passing{"b"}}
	p := ductile.New("test", policies...)
	policies[0] = nil
	p.Policies()[1] = nil
	assert.Equal(t, []ductile.Policy{passing{"a"}, passing{"b"}}, p.Policies())
	assert.Equal(t, "test", p.Name())
}

func TestPipelineString(t *testing.T) {
	p := ductile.New("inventory",
		fallback.Value(0),
		timeout.New(2*time.Second, timeout.Name("total")),
		retry.New(),
		breaker.New(),
		passing{"quota"},
		timeout.From(func(context.Context) time.Duration { return time.Second }))
	assert.Equal(t, strings.TrimSpace(`
pipeline "inventory"
  fallback  answers with int, on transient, timeout, overload, rejected
  total     2s
  retry     3 attempts, full jitter under 100ms growing 2-fold to 5s, on transient, timeout, overload
  breaker   opens at 50 % failures of >= 20 calls in 10s, or with fewer at 5 in a row; for 5s, then 5 probes
  quota     ductile_test.passing
  timeout   asks how long for each call`), p.String())
}

// One breaker, one pipeline, calls of any type.
func TestOnePipelineForEveryType(t *testing.T) {
	p := ductile.New("test", retry.New(), breaker.New())
	n, err := ductile.Do(t.Context(), p, func(context.Context) (int, error) { return 7, nil })
	require.NoError(t, err)
	assert.Equal(t, 7, n)
	r, err := ductile.Do(t.Context(), p, func(context.Context) (io.Reader, error) { return strings.NewReader("x"), nil })
	require.NoError(t, err)
	assert.NotNil(t, r)
	require.NoError(t, ductile.Run(t.Context(), p, func(context.Context) error { return nil }))
	length := ductile.Wrap(p, func(_ context.Context, s string) (int, error) { return len(s), nil })
	n, err = length(t.Context(), "four")
	require.NoError(t, err)
	assert.Equal(t, 4, n)
}

func TestValueIsReturnedWithItsError(t *testing.T) {
	p := ductile.New("test", retry.New(retry.Constant(0)))
	calls := 0
	value, err := ductile.Do(t.Context(), p, func(context.Context) (int, error) { calls++; return calls, errDown })
	require.ErrorIs(t, err, errDown)
	assert.Equal(t, 3, value, "the last attempt's")
}

// A policy without a budget of its own draws on the pipeline's, and one that stands in two pipelines on each one's.
func TestEachPipelineHasABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := retry.New(retry.Attempts(100), retry.Constant(0))
		for range 2 {
			p := ductile.New("test", again)
			calls := 0
			err := ductile.Run(t.Context(), p, func(context.Context) error { calls++; return errDown })
			assert.Equal(t, 11, calls, "the floor of one a second, over 10 s")
			require.ErrorIs(t, err, retry.ErrBudget)
		}
		assert.Nil(t, again.Budget(), "the policy itself is untouched")
	})
}

// Two retries that share a budget earn a first attempt's share once.
func TestFirstAttemptsEarnOnce(t *testing.T) {
	shared := budget.New()
	p := ductile.New("test", retry.New(retry.Budget(shared)), retry.New(retry.Budget(shared)))
	require.NoError(t, ductile.Run(t.Context(), p, func(context.Context) error { return nil }))
	assert.Equal(t, uint64(1), shared.Snapshot().Earned)
}

func TestRetryInsideRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := retry.Budget(budget.Unlimited())
		p := ductile.New("test", retry.New(free, retry.Name("outer")), retry.New(free, retry.Name("inner")))
		var attempts []int
		err := ductile.Run(t.Context(), p, func(ctx context.Context) error {
			attempt, _ := p.Attempt(ctx)
			attempts = append(attempts, attempt)
			return errDown
		})
		assert.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, attempts)
		var stopped *ductile.RetryError
		require.ErrorAs(t, err, &stopped)
		assert.Equal(t, "outer", stopped.Policy)
		require.ErrorIs(t, err, errDown)
	})
}

// A later attempt's refusal is not the story: the failure before it is, and both can be found.
func TestLastRealErrorSurvivesARejection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		extra := budget.New()
		b := breaker.New(breaker.ConsecutiveFailures(1))
		p := ductile.New("test", retry.New(retry.Budget(extra)), b)
		err := ductile.Run(t.Context(), p, func(context.Context) error { return errDown })
		require.ErrorIs(t, err, errDown)
		require.ErrorIs(t, err, breaker.ErrOpen)
		var stopped *ductile.RetryError
		require.ErrorAs(t, err, &stopped)
		assert.Equal(t, 1, stopped.Attempts)
		assert.Equal(t, errDown, stopped.Last)
		assert.Zero(t, extra.Snapshot().Spent, "the withdrawal came to nothing and is back")
	})
}

func TestCanceledInTheBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		extra := budget.New()
		p := ductile.New("test", fallback.Value(0), retry.New(retry.Budget(extra), retry.Constant(time.Minute), retry.NoJitter()))
		time.Sleep(time.Minute) // the budget is older than its window
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		_, err := ductile.Do(ctx, p, func(context.Context) (int, error) { return 0, errDown })
		assert.Equal(t, time.Second, time.Since(began))
		require.ErrorIs(t, err, errDown, "the last error survives")
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, extra.Snapshot().Spent)
	})
}

// A call that is canceled after a wait longer than the budget's window gives nothing back: what it took has left the window by then.
func TestCanceledAfterALongWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		extra := budget.New(budget.Share(0)) // ten in 10 s
		p := ductile.New("test", retry.New(retry.Budget(extra)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		time.AfterFunc(19*time.Second, func() {
			for extra.Withdraw() { // others use the window up
			}
		})
		time.AfterFunc(20*time.Second, cancel)
		err := ductile.Run(ctx, p, func(context.Context) error { return fault.Overload(errDown, 30*time.Second) })
		require.ErrorIs(t, err, context.Canceled)
		assert.False(t, extra.Withdraw())
	})
}

// impatient is a retrier that does not look at the deadline.
type impatient struct{ label }

func (impatient) Start() any { return nil }
func (impatient) Next(any, int, error, time.Duration) (time.Duration, error) {
	return time.Minute, nil
}
func (impatient) Settle(any, int, int, time.Duration, error) {}

func TestDriverNeverSleepsBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := ductile.Run(ctx, ductile.New("test", impatient{"again"}), func(context.Context) error { return errDown })
		assert.Zero(t, time.Since(began))
		require.ErrorIs(t, err, errDown)
		assert.EqualError(t, err, "test: again gave up after 1 attempt (no time for another attempt before the deadline): down")
	})
}

func TestFailingFallbackCarriesBothCauses(t *testing.T) {
	errStale := errors.New("stale")
	p := ductile.New("test", fallback.Func(func(context.Context, error) (int, error) { return 0, errStale }))
	_, err := ductile.Do(t.Context(), p, func(context.Context) (int, error) { return 0, errDown })
	require.ErrorIs(t, err, errDown)
	require.ErrorIs(t, err, errStale)
	assert.EqualError(t, err, "down; and fallback failed: stale")
}

func TestMismatchShowsOnTheFirstCall(t *testing.T) {
	p := ductile.New("test", fallback.Value("text"))
	_, err := ductile.Do(t.Context(), p, func(context.Context) (int, error) { panic("called") })
	assert.EqualError(t, err, "test: fallback has no answer of type int, which is what the call returns")
	err = ductile.Run(t.Context(), p, func(context.Context) error { panic("called") })
	assert.EqualError(t, err, "test: fallback has a value, and ductile.Run has none: use fallback.Run, or ductile.Do")
	r, err := ductile.Do(t.Context(), ductile.New("test", fallback.Value(strings.NewReader("instead"))),
		func(context.Context) (io.Reader, error) { return nil, errDown })
	require.NoError(t, err)
	text, _ := io.ReadAll(r)
	assert.Equal(t, "instead", string(text))
}
