package ductile_test

import (
	"context"
	"errors"
	"runtime"
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
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

var errDown = errors.New("down")

// An end is a way in which a call can end, and what each policy makes of it: the rows of the table in the package's documentation.
type end struct {
	name string
	fn   func(context.Context, context.CancelFunc) (string, error)
	// what the breaker counts: calls and failures
	counted, failed uint64
	repeated        bool
	answered        bool
	hedged          bool // another copy goes at once
	abnormal        bool // it does not return
}

func ends() []end {
	returns := func(err error) func(context.Context, context.CancelFunc) (string, error) {
		return func(context.Context, context.CancelFunc) (string, error) { return "", err }
	}
	return []end{
		{name: "success", fn: returns(nil), counted: 1},
		{name: "permanent", fn: returns(fault.Permanent(errDown)), counted: 1},
		{name: "ignored", fn: returns(fault.Ignore(errDown))},
		{name: "transient", fn: returns(fault.Transient(errDown)), counted: 1, failed: 1, repeated: true, answered: true, hedged: true},
		{name: "unknown", fn: returns(errDown), counted: 1, failed: 1, repeated: true, answered: true, hedged: true},
		{name: "timeout", fn: returns(context.DeadlineExceeded), counted: 1, failed: 1, repeated: true, answered: true, hedged: true},
		{name: "overload", fn: returns(fault.Overload(errDown, 0)), counted: 1, failed: 1, repeated: true, answered: true},
		{name: "rejected by a policy inside", fn: returns(&ductile.RejectedError{Policy: "quota", Err: errDown}), answered: true},
		{name: "someone else's cancellation", fn: returns(context.Canceled), counted: 1, failed: 1, repeated: true, answered: true, hedged: true},
		{name: "canceled by the caller", fn: func(_ context.Context, cancel context.CancelFunc) (string, error) {
			cancel()
			return "", errDown // whatever fn's error was
		}},
		{name: "panic", abnormal: true, counted: 1, failed: 1, fn: func(context.Context, context.CancelFunc) (string, error) { panic("boom") }},
		{name: "nil panic", abnormal: true, counted: 1, failed: 1, fn: func(context.Context, context.CancelFunc) (string, error) { panic(nil) }}, //nolint:govet // it is the point
		{name: "Goexit", abnormal: true, fn: func(context.Context, context.CancelFunc) (string, error) {
			runtime.Goexit()
			return "", nil
		}},
	}
}

// contained calls f on a goroutine of its own and says how it ended, so that a Goexit is not the test's.
func contained(f func()) (panicked any, returned bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		f()
		returned = true
	}()
	<-done
	return panicked, returned
}

func TestEveryEndInEveryPolicy(t *testing.T) {
	for _, e := range ends() {
		run := func(t *testing.T, policies ...ductile.Policy) (calls int, value string) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, returned := contained(func() {
				value, _ = ductile.Do(ctx, ductile.New("test", policies...), func(ctx context.Context) (string, error) {
					calls++
					return e.fn(ctx, cancel)
				})
			})
			assert.Equal(t, e.abnormal, !returned)
			return calls, value
		}
		t.Run("breaker/"+e.name, func(t *testing.T) {
			b := breaker.New()
			run(t, b)
			s := b.Snapshot()
			assert.Equal(t, e.counted, s.Counts.Calls, "counted")
			assert.Equal(t, e.failed, s.Counts.Failures, "failed")
		})
		t.Run("retry/"+e.name, func(t *testing.T) {
			calls, _ := run(t, retry.New(retry.Constant(0), retry.OverloadBase(0)))
			want := 1
			if e.repeated {
				want = 3
			}
			assert.Equal(t, want, calls)
		})
		t.Run("hedge/"+e.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			calls := 0
			p := ductile.NewConcurrent("test", hedge.New(hedge.After(time.Hour), hedge.Budget(budget.Unlimited())))
			_, returned := contained(func() {
				_, _ = ductile.DoConcurrent(ctx, p, func(ctx context.Context) (string, error) {
					calls++
					return e.fn(ctx, cancel)
				})
			})
			assert.Equal(t, e.abnormal, !returned)
			assert.Equal(t, e.hedged, calls == 2)
		})
		t.Run("fallback/"+e.name, func(t *testing.T) {
			_, value := run(t, fallback.Value("instead"))
			assert.Equal(t, e.answered, value == "instead")
		})
	}
}

// refusal is a gate of somebody else's, that knows nothing of this module.
type refusal struct{ err error }

func (refusal) Name() string                              { return "quota" }
func (g refusal) Acquire(context.Context) (uint64, error) { return 0, g.err }
func (refusal) Release(uint64, error)                     { panic("nothing was admitted") }

func TestRejectionIsNoFailure(t *testing.T) {
	errQuota := errors.New("quota exceeded")
	synctest.Test(t, func(t *testing.T) {
		b := breaker.New()
		p := ductile.New("test", fallback.Value("instead"), retry.New(), b, refusal{errQuota})
		value, err := ductile.Do(t.Context(), p, func(context.Context) (string, error) { panic("called") })
		require.NoError(t, err)
		assert.Equal(t, "instead", value, "a fallback answers")
		assert.Zero(t, b.Snapshot().Counts, "a breaker does not count it")
		assert.Equal(t, breaker.Closed, b.State())
	})
	p := ductile.New("test", retry.New(), refusal{errQuota})
	_, err := ductile.Do(t.Context(), p, func(context.Context) (string, error) { panic("called") })
	var rejected *ductile.RejectedError
	require.ErrorAs(t, err, &rejected)
	assert.Equal(t, "quota", rejected.Policy)
	require.ErrorIs(t, err, fault.ErrRejected)
	require.ErrorIs(t, err, errQuota)
	assert.EqualError(t, err, "test: rejected by quota: quota exceeded")
}

// A probe that is rejected further in, canceled or exited gives its place back: the breaker is not wedged.
func TestProbePlaceComesBack(t *testing.T) {
	for _, e := range ends() {
		t.Run(e.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				b := breaker.New(breaker.Probes(1), breaker.ProbeLease(0), breaker.OpenTimeJitter(0))
				p := ductile.New("test", b)
				open(t, p, b)
				time.Sleep(5 * time.Second)
				_, _ = contained(func() {
					_, _ = ductile.Do(ctx, p, func(ctx context.Context) (string, error) { return e.fn(ctx, cancel) })
				})
				assert.Zero(t, b.Snapshot().Probing)
				time.Sleep(time.Minute)
				require.NoError(t, ductile.Run(t.Context(), p, func(context.Context) error { return nil }))
				assert.Equal(t, breaker.Closed, b.State())
			})
		})
	}
}

// open fails calls until b opens.
func open(t *testing.T, p *ductile.Pipeline, b *breaker.Breaker) {
	t.Helper()
	for range 5 {
		_ = ductile.Run(t.Context(), p, func(context.Context) error { return errDown })
	}
	require.Equal(t, breaker.Open, b.State())
}

// Whose context ended: each layer sees its own.
func TestWhoseContextEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer, inner := breaker.New(breaker.Name("outer")), breaker.New(breaker.Name("inner"))
		p := ductile.New("test", outer, timeout.New(time.Second), inner)
		waits := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

		err := ductile.Run(t.Context(), p, waits)
		require.ErrorIs(t, err, timeout.ErrExceeded, "the policy's timeout")
		assert.Equal(t, uint64(1), outer.Snapshot().Counts.Failures)
		assert.Equal(t, uint64(1), inner.Snapshot().Counts.Failures)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		err = ductile.Run(ctx, p, waits)
		require.NotErrorIs(t, err, timeout.ErrExceeded, "the caller's deadline")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, uint64(2), outer.Snapshot().Counts.Failures, "the dependency did not answer in time")

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second/2, cancel)
		err = ductile.Run(ctx, p, waits)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, uint64(2), outer.Snapshot().Counts.Calls, "the caller has gone: nobody's fault")
		assert.Equal(t, uint64(2), inner.Snapshot().Counts.Calls)

		require.NoError(t, ductile.Run(t.Context(), p, func(ctx context.Context) error { <-ctx.Done(); return nil }))
		assert.Equal(t, uint64(2), outer.Snapshot().Counts.Failures, "a late success is a success")
		assert.Equal(t, uint64(3), outer.Snapshot().Counts.Calls)
	})
}

func TestFunctionNeverStartsOnADeadContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, extra := breaker.New(), budget.New()
		p := ductile.New("test", fallback.Func(func(context.Context, error) (int, error) { panic("a fallback's neither") }),
			retry.New(retry.Budget(extra)), b)
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("the user closed the tab")
		cancel(gone)
		_, err := ductile.Do(ctx, p, func(context.Context) (int, error) { panic("called") })
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, gone)

		late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancelLate()
		_, err = ductile.Do(late, p, func(context.Context) (int, error) { panic("called") })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, b.Snapshot().Counts, "nobody's fault, even on a deadline")
		assert.Zero(t, extra.Snapshot().Earned, "nothing was attempted")
	})
}

// dawdling is a context that takes its time to say when it ends.
type dawdling struct{ context.Context }

func (c dawdling) Deadline() (time.Time, bool) {
	time.Sleep(time.Microsecond)
	return c.Context.Deadline()
}

// Nor does it start right under a timeout, whose context is too young to be asked: neither for a caller who has gone, nor when the timeout
// is so short that it has passed before.
func TestFunctionNeverStartsRightUnderATimeout(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	err := ductile.Run(gone, ductile.New("test", timeout.New(time.Minute)), func(context.Context) error { panic("called") })
	require.ErrorIs(t, err, context.Canceled)
	synctest.Test(t, func(t *testing.T) {
		err := ductile.Run(dawdling{t.Context()}, ductile.New("test", timeout.New(1)), func(context.Context) error { panic("called") })
		require.ErrorIs(t, err, timeout.ErrExceeded)
	})
}

// An answer that comes after the caller's deadline is an answer to every layer.
func TestLateAnswerIsAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, answer := range []struct {
			err     error
			counted uint64
		}{{fault.Permanent(errDown), 1}, {fault.Ignore(errDown), 0}} {
			b := breaker.New()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := ductile.Do(ctx, ductile.New("test", fallback.Value(7), retry.New(), b), func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, answer.err
			})
			cancel()
			assert.Equal(t, answer.err, err)
			assert.Equal(t, breaker.Counts{Calls: answer.counted}, b.Snapshot().Counts)
		}
	})
}

func TestMinPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breaker.New(breaker.MinPatience(100 * time.Millisecond))
		p := ductile.New("test", b)
		for patience, failures := range map[time.Duration]uint64{10 * time.Millisecond: 0, time.Second: 1} {
			b.Reset()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			_ = ductile.Run(ctx, p, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
			cancel()
			assert.Equal(t, failures, b.Snapshot().Counts.Failures, patience)
		}
	})
}
