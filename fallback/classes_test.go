package fallback_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
)

func says(class fault.Class) fallback.Option {
	return fallback.Classify(func(error) fault.Class { return class })
}

// What a fallback answers for, by the class of the cause as the driver shows it.
func TestWhichClasses(t *testing.T) {
	type options []fallback.Option
	of := func(class fault.Class) error { return fault.End(errDown, class) }
	for _, row := range []struct {
		name    string
		options options
		cause   error
		answers bool
	}{
		{"transient", nil, errDown, true},
		{"timeout", nil, of(fault.ClassTimeout), true},
		{"overload", nil, of(fault.ClassOverload), true},
		{"rejected", nil, of(fault.ClassRejected), true},
		{"permanent", nil, of(fault.ClassPermanent), false},
		{"ignored", nil, of(fault.ClassIgnored), false},
		{"canceled", nil, of(fault.ClassCanceled), false},
		{"a panic", nil, fault.ErrAborted, false},
		{"a Goexit", nil, fault.ErrExited, false},
		{"a copy that lost", nil, fault.Superseded(true), false},

		{"On permanent", options{fallback.On(fault.ClassPermanent)}, of(fault.ClassPermanent), true},
		{"On permanent, and nothing else", options{fallback.On(fault.ClassPermanent)}, errDown, false},
		{"On canceled", options{fallback.On(fault.ClassCanceled)}, of(fault.ClassCanceled), true},
		{"On, twice: the last", options{fallback.On(fault.ClassPermanent), fallback.On(fault.ClassTransient)}, errDown, true},

		{"Classify says permanent", options{says(fault.ClassPermanent)}, errDown, false},
		{"Classify says transient", options{says(fault.ClassTransient)}, of(fault.ClassPermanent), true},
		{"Classify is not asked about a caller who has gone", options{says(fault.ClassTransient)}, of(fault.ClassCanceled), false},
		{"nor about a panic", options{says(fault.ClassTransient)}, fault.ErrAborted, false},
		{"Classify says what is no class", options{says(fault.Class(99))}, errDown, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			one := fallback.Value(7, row.options...)
			two := fallback.Chain([]*fallback.Policy{one, one}, row.options...)
			for name, f := range map[string]*fallback.Policy{"alone": one, "in a chain": two} {
				var out int
				by, err := f.Recover(t.Context(), row.cause, &out)
				require.NoError(t, err, name)
				assert.Equal(t, row.answers, by == "fallback", name)
				assert.Equal(t, row.answers, out == 7, name)
			}
		})
	}
}

// A caller who has gone gets no answer unless the fallback is told to, and then only one that needs no work: a function is never called on
// a dead context.
func TestACallerWhoHasGone(t *testing.T) {
	onCanceled := fallback.On(fault.ClassCanceled)
	gone := func(f *fallback.Policy) (int, error) {
		ctx, cancel := context.WithCancel(t.Context())
		return ductile.Do(ctx, ductile.New("p", f), func(context.Context) (int, error) { cancel(); return 0, errDown })
	}
	_, err := gone(fallback.Value(7))
	assert.Same(t, errDown, err)
	got, err := gone(fallback.Value(7, onCanceled))
	require.NoError(t, err)
	assert.Equal(t, 7, got)

	never := func(context.Context, error) (int, error) { t.Error("called on a dead context"); return 0, nil }
	assert.PanicsWithError(t, "fallback: On(canceled): must be left to Value: the context of a canceled call is dead, and no function is called on it",
		func() { fallback.Func(never, onCanceled) })
	got, err = gone(fallback.Chain([]*fallback.Policy{fallback.Func(never), fallback.Value(7, onCanceled)}, onCanceled))
	require.NoError(t, err, "a chain passes over what may not be called")
	assert.Equal(t, 7, got)
}

// Where the caller's own deadline has passed, it is the dependency that failed: a value answers, a function is not called any more.
func TestTheCallersDeadlineHasPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := func(f *fallback.Policy) (int, error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return ductile.Do(ctx, ductile.New("p", f), func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
		}
		got, err := late(fallback.Value(7))
		require.NoError(t, err)
		assert.Equal(t, 7, got)
		_, err = late(unasked(t))
		assert.Equal(t, context.DeadlineExceeded, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		run := fallback.Run(func(context.Context, error) error { t.Error("called on a dead context"); return nil })
		err = ductile.Run(ctx, ductile.New("p", run), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		assert.Equal(t, context.DeadlineExceeded, err)
	})
}

// A fallback that is told how long it may take by its caller's context alone: that of an attempt has ended, and is not shown to it.
func TestAFunctionGetsTheContextAround(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fallback.Func(func(ctx context.Context, cause error) (int, error) {
			require.ErrorIs(t, cause, context.DeadlineExceeded)
			_, limited := ctx.Deadline()
			assert.False(t, limited)
			return 7, ctx.Err()
		})
		got, err := ductile.Do(t.Context(), ductile.New("p", f, second{}), func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		require.NoError(t, err)
		assert.Equal(t, 7, got)
	})
}

// second is a timeout of one second, as anybody can write one.
type second struct{}

func (second) Name() string                          { return "second" }
func (second) Timeout(context.Context) time.Duration { return time.Second }
func (second) Exceeded(_ time.Duration, cause error) error {
	return fmt.Errorf("too late: %w", cause)
}
