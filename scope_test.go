package ductile_test

import (
	"context"
	"runtime/debug"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/retry"
)

func TestAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer, inner := ductile.New("outer", retry.New()), ductile.New("inner", retry.New())
		watched := outer.With(indifferent{})
		type seen struct{ outer, inner int }
		var calls []seen
		_ = ductile.Run(t.Context(), watched, func(ctx context.Context) error {
			return ductile.Run(ctx, inner, func(ctx context.Context) error {
				o, copies := outer.Attempt(ctx)
				i, _ := inner.Attempt(ctx)
				assert.Equal(t, 1, copies)
				calls = append(calls, seen{o, i})
				return errDown
			})
		})
		assert.Equal(t, []seen{{1, 1}, {1, 2}, {1, 3}, {2, 1}, {2, 2}, {2, 3}, {3, 1}, {3, 2}, {3, 3}}, calls)
		attempt, copies := outer.Attempt(t.Context())
		assert.Equal(t, []int{1, 1}, []int{attempt, copies}, "outside of a call")
	})
}

// A pipeline within itself counts anew: the second attempt of the outer call is the first of the inner one.
func TestAttemptOfARecursiveCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ductile.New("tree", retry.New(retry.Attempts(2)))
		var inner []int
		_ = ductile.Run(t.Context(), p, func(ctx context.Context) error {
			_ = ductile.Run(ctx, p, func(ctx context.Context) error {
				attempt, _ := p.Attempt(ctx)
				inner = append(inner, attempt)
				return nil
			})
			return errDown
		})
		assert.Equal(t, []int{1, 1}, inner)
	})
}

func TestOnce(t *testing.T) {
	b := breaker.New()
	p := ductile.New("test", retry.New(), b)
	calls := 0
	err := ductile.Run(ductile.Once(t.Context()), p, func(context.Context) error { calls++; return errDown })
	assert.Equal(t, errDown, err, "returned as it is")
	assert.Equal(t, 1, calls)
	assert.Equal(t, uint64(1), b.Snapshot().Counts.Failures, "it counts all the same")
}

// The panic that reaches the caller is fn's own, with the stack it was raised on.
func TestPanicPassesUntouched(t *testing.T) {
	type private struct{ n int }
	p := ductile.New("test", retry.New(), breaker.New())
	var value any
	var stack string
	func() {
		defer func() {
			value = recover()
			stack = string(debug.Stack())
		}()
		_ = ductile.Run(t.Context(), p, func(context.Context) error { explode(private{7}); return nil })
	}()
	assert.Equal(t, private{7}, value)
	assert.Contains(t, stack, "explode")
	assert.NotContains(t, stack, "repanicked")
}

//go:noinline
func explode(value any) { panic(value) }

func TestReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ductile.New("test", retry.New(), breaker.New(breaker.ConsecutiveFailures(2)))
		ctx, report := ductile.WithReport(t.Context())
		assert.Empty(t, report.Attempts(), "before the call")
		err := ductile.Run(ctx, p, func(ctx context.Context) error {
			// A call within the call is not in the report.
			_ = ductile.Run(ctx, ductile.New("inner"), func(context.Context) error { return nil })
			assert.False(t, report.Ended())
			return errDown
		})
		require.Error(t, err)
		attempts := report.Attempts()
		require.Len(t, attempts, 2)
		assert.Equal(t, ductile.AttemptEnded{Attempt: 2, Copy: 1, Class: attempts[1].Class, Err: errDown}, attempts[1])
		require.Len(t, report.Rejections(), 1)
		assert.Equal(t, "breaker", report.Rejections()[0].Policy)
		require.ErrorIs(t, report.Stopped(), breaker.ErrOpen)
		assert.False(t, report.Degraded())
		assert.Equal(t, 1, report.Copies())
		assert.Equal(t, err, report.End().Err)
		assert.Equal(t, "pipeline \"test\": transient\n  attempt 1: transient\n  attempt 2: transient\n  rejected by breaker\n  gave up",
			report.String())

		require.Error(t, ductile.Run(ctx, p, func(context.Context) error { return nil }), "the breaker is open")
		assert.Empty(t, report.Attempts(), "the report is of the last call")
	})
}

// What the context of a call says holds for every policy of it, inside a cut as outside: a call may be repeated until it says that it was sent,
// and has no copies all the while.
func TestOnceSent(t *testing.T) {
	for name, policies := range map[string]func() []ductile.Policy{
		"outside": func() []ductile.Policy {
			return []ductile.Policy{retry.New(retry.Attempts(5)), &copies{most: 2}, through{}}
		},
		"inside": func() []ductile.Policy {
			return []ductile.Policy{through{}, retry.New(retry.Attempts(5)), &copies{most: 2}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := ductile.NewConcurrent("test", policies()...)
				for _, sentAt := range []int{1, 2, 5, 6} {
					ctx, sent := ductile.OnceSent(t.Context())
					calls := 0
					_, err := ductile.DoConcurrent(ctx, p, func(context.Context) (int, error) {
						if calls++; calls == sentAt {
							sent()
						}
						return 0, errDown
					})
					require.ErrorIs(t, err, errDown)
					assert.Equal(t, min(sentAt, 5), calls)
				}
			})
		})
	}
}

// through is a middleware that does nothing: what a context says reaches what is inside of one.
type through struct{}

func (through) Name() string { return "through" }

func (through) Around(ctx context.Context, next func(context.Context) error) error {
	return next(ctx)
}
