package fallback_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
)

// A value answers for a call that failed, and for no other.
func TestValue(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		want int
	}{"success": {nil, 0}, "failure": {errDown, 7}, "an answer": {fault.Permanent(errDown), 0}} {
		t.Run(name, func(t *testing.T) {
			got, err := call[int](t.Context(), row.err, fallback.Value(7))
			assert.Equal(t, row.want, got)
			assert.Equal(t, row.want == 0 && row.err != nil, err != nil)
		})
	}
}

// The failed call's own value gives way to the answer, and stays where there is none.
func TestTheAnswerTakesThePlaceOfTheValue(t *testing.T) {
	half := func(err error) (string, error) {
		p := ductile.New("p", fallback.Value("whole"))
		return ductile.Do(t.Context(), p, func(context.Context) (string, error) { return "half", err })
	}
	got, err := half(errDown)
	require.NoError(t, err)
	assert.Equal(t, "whole", got)

	got, err = half(fault.Permanent(errDown))
	require.Error(t, err)
	assert.Equal(t, "half", got)
}

// A function answers for the cause, which it gets without the driver's mark, in the context that the fallback stands in.
func TestFunc(t *testing.T) {
	type key struct{}
	var got []error
	p := ductile.New("p", fallback.Func(func(ctx context.Context, cause error) (int, error) {
		got = append(got, cause)
		return ctx.Value(key{}).(int), nil //nolint:errcheck,forcetypeassert // a panic tells as much
	}))
	for _, cause := range []error{errDown, context.Canceled} { // under a live context the driver marks the second as a failure
		value, err := ductile.Do(context.WithValue(t.Context(), key{}, 7), p, func(context.Context) (int, error) { return 0, cause })
		require.NoError(t, err)
		assert.Equal(t, 7, value)
	}
	assert.Equal(t, []error{errDown, context.Canceled}, got)
	assert.Same(t, errDown, got[0])
}

// Run is for calls without a value.
func TestRun(t *testing.T) {
	var cause error
	p := ductile.New("p", fallback.Run(func(_ context.Context, err error) error { cause = err; return nil }))
	require.NoError(t, ductile.Run(t.Context(), p, func(context.Context) error { return errDown }))
	assert.Same(t, errDown, cause)
}

// A fallback that fails leaves the caller with both errors, and with the class of the call's own.
func TestAFallbackThatFails(t *testing.T) {
	overloaded := fault.Overload(errDown, 0)
	for name, run := range map[string]func() error{
		"Func": func() error {
			_, err := call[int](t.Context(), overloaded, fallback.Func(failing[int](errCache), fallback.Name("cache")))
			return err
		},
		"Run": func() error {
			p := ductile.New("p", fallback.Run(func(context.Context, error) error { return errCache }, fallback.Name("cache")))
			return ductile.Run(t.Context(), p, func(context.Context) error { return overloaded })
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := run()
			require.ErrorIs(t, err, errDown)
			require.ErrorIs(t, err, errCache)
			require.EqualError(t, err, "down; and cache failed: the cache is empty")
			var both *ductile.FallbackError
			require.ErrorAs(t, err, &both)
			assert.Equal(t, &ductile.FallbackError{Pipeline: "p", Policy: "cache", Cause: overloaded, Err: errCache}, both)
			assert.Equal(t, fault.ClassOverload, fault.Of(err))
		})
	}
}

// A fallback that fails has no value either, whatever it returned beside its error.
func TestTheValueOfAFallbackThatFails(t *testing.T) {
	f := fallback.Func(func(context.Context, error) (int, error) { return 7, errCache })
	got, err := call[int](t.Context(), errDown, f)
	require.ErrorIs(t, err, errCache)
	assert.Zero(t, got)
}

// A panic in a fallback is the caller's, with its value.
func TestAFallbackThatPanics(t *testing.T) {
	f := fallback.Func(func(context.Context, error) (int, error) { panic("the fallback's") })
	assert.PanicsWithValue(t, "the fallback's", func() { _, _ = call[int](t.Context(), errDown, f) })
	chain := fallback.Chain([]*fallback.Policy{f, unasked(t)})
	assert.PanicsWithValue(t, "the fallback's", func() { _, _ = call[int](t.Context(), errDown, chain) })
}

// A panic or a Goexit of the function is not a fallback's to answer.
func TestAPanicIsNotAnswered(t *testing.T) {
	p := ductile.New("p", unasked(t))
	assert.PanicsWithValue(t, "fn's", func() {
		_, _ = ductile.Do(t.Context(), p, func(context.Context) (int, error) { panic("fn's") })
	})
}

// One fallback serves any number of pipelines, and fallbacks within fallbacks: the innermost that has an answer gives it.
func TestFallbacksWithinFallbacks(t *testing.T) {
	inner := fallback.Value(1, fallback.Name("inner"), fallback.On(fault.ClassTimeout))
	outer := fallback.Value(2, fallback.Name("outer"))
	for err, want := range map[error]int{errDown: 2, fault.Timeout(errDown): 1} {
		for range 2 {
			got, err := call[int](t.Context(), err, outer, inner)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
}

// Who asks for a report hears whose answer it was.
func TestAReportNamesTheFallback(t *testing.T) {
	ctx, report := ductile.WithReport(t.Context())
	_, err := call[int](ctx, errDown, fallback.Value(7, fallback.Name("default")))
	require.NoError(t, err)
	assert.True(t, report.Degraded())
	assert.Equal(t, "default", report.AnsweredBy())
}

// A call that succeeds does not pay for its fallback.
func TestAFallbackCostsASuccessNothing(t *testing.T) {
	p := ductile.New("p", fallback.Value(7), fallback.Chain([]*fallback.Policy{fallback.Value(1), fallback.Func(answers(2))}))
	ctx := t.Context()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = ductile.Do(ctx, p, func(context.Context) (int, error) { return 1, nil })
	}))
}
