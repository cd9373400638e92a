package deadline_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile/internal/deadline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tooLate is the policy that the contexts of these tests are made for.
type tooLate struct{}

func (tooLate) Exceeded(after time.Duration, cause error) error { return errTooLate{after, cause} }

// errTooLate is what that policy makes of an end.
type errTooLate struct {
	after time.Duration
	cause error
}

func (e errTooLate) Error() string { return fmt.Sprintf("too late, after %v", e.after) }
func (e errTooLate) Unwrap() error { return e.cause }

// within returns a context of parent that ends after a while.
func within(parent context.Context, after time.Duration) *deadline.Context {
	return deadline.New(parent, time.Now().Add(after), after, tooLate{})
}

var errGone = errors.New("the user closed the page")

func isDone(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// It ends when its time is up, and says so to whoever asks in whatever way.
func TestItsTimeIsUp(t *testing.T) {
	for name, early := range map[string]func(context.Context){
		"asked before":           func(ctx context.Context) { ctx.Done() },
		"asked for nothing":      func(context.Context) {},
		"asked for its error":    func(ctx context.Context) { assert.NoError(t, ctx.Err()) },
		"asked for a value":      func(ctx context.Context) { assert.Nil(t, ctx.Value("key")) },
		"asked for its cause":    func(ctx context.Context) { assert.NoError(t, context.Cause(ctx)) },
		"asked for its deadline": func(ctx context.Context) { _, ok := ctx.Deadline(); assert.True(t, ok) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				ctx := within(t.Context(), time.Second)
				defer ctx.End()
				early(ctx)
				time.Sleep(time.Second - 1)
				require.NoError(t, ctx.Err())
				assert.False(t, ctx.Expired())

				time.Sleep(time.Nanosecond)
				synctest.Wait()
				assert.True(t, ctx.Expired())
				assert.Equal(t, context.DeadlineExceeded, ctx.Err())
				assert.True(t, isDone(ctx))
				at, ok := ctx.Deadline()
				assert.True(t, ok)
				assert.Equal(t, start.Add(time.Second), at)
			})
		})
	}
}

// Whoever waits is woken when it is time.
func TestWaitingForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx := within(t.Context(), time.Second)
		defer ctx.End()
		<-ctx.Done()
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, context.DeadlineExceeded, ctx.Err())
	})
}

// The cause of a timeout is the policy's error, wherever one looks for it, and is a timeout to whoever asks as package net does.
func TestTheCauseIsThePolicys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := within(t.Context(), time.Second)
		defer ctx.End()
		child, cancel := context.WithCancel(context.WithValue(ctx, key{}, "value"))
		defer cancel()
		time.Sleep(time.Second)
		synctest.Wait()
		for _, cause := range []error{context.Cause(ctx), context.Cause(child)} {
			require.EqualError(t, cause, "too late, after 1s")
			var late errTooLate
			require.ErrorAs(t, cause, &late)
			assert.Equal(t, errTooLate{time.Second, nil}, late)
			var timed interface{ Timeout() bool }
			require.ErrorAs(t, cause, &timed)
			assert.True(t, timed.Timeout())
		}
	})
}

// A parent that ends first ends it, with the parent's error and cause: before anybody asked, while somebody waits, and where it had ended
// before.
func TestItsParentEnds(t *testing.T) {
	for name, when := range map[string]struct{ asked, before bool }{
		"before the context is made": {before: true}, "before anybody asks": {}, "while somebody waits": {asked: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancelCause(t.Context())
				if when.before {
					cancel(errGone)
				}
				ctx := within(parent, time.Second)
				defer ctx.End()
				if when.asked {
					assert.False(t, isDone(ctx))
				}
				cancel(errGone)
				assert.Equal(t, context.Canceled, ctx.Err())
				assert.Same(t, errGone, context.Cause(ctx))
				assert.True(t, isDone(ctx))
				assert.False(t, ctx.Expired(), "its own time is not up")

				time.Sleep(time.Minute) // and what was said stays
				assert.Equal(t, context.Canceled, ctx.Err())
				assert.Same(t, errGone, context.Cause(ctx))
			})
		})
	}
}

// After the end of its call it is canceled, and stays so whenever and however often one asks.
func TestAfterItsEnd(t *testing.T) {
	for name, early := range map[string]func(context.Context){
		"asked before":      func(ctx context.Context) { ctx.Done() },
		"asked for nothing": func(context.Context) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := within(t.Context(), time.Second)
				early(ctx)
				ctx.End()
				for range 3 {
					assert.Equal(t, context.Canceled, ctx.Err())
					assert.Equal(t, context.Canceled, context.Cause(ctx))
					assert.True(t, isDone(ctx))
					time.Sleep(time.Second)
				}
			})
		})
	}
}

type key struct{}

// Values are the parent's, before and after the context had to be made.
func TestValuesAreTheParents(t *testing.T) {
	ctx := within(context.WithValue(t.Context(), key{}, "value"), time.Hour)
	defer ctx.End()
	for range 2 {
		assert.Equal(t, "value", ctx.Value(key{}))
		assert.Nil(t, ctx.Value("another"))
		ctx.Done()
	}
}

// A deadline that passed before the context was made is a deadline that has passed.
func TestItIsTooLateAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := within(t.Context(), -time.Second)
		defer ctx.End()
		assert.True(t, ctx.Expired())
		assert.Equal(t, context.DeadlineExceeded, ctx.Err())
		assert.True(t, isDone(ctx))
	})
}

// As far away as there is, without turning over.
func TestTheLongestDeadline(t *testing.T) {
	ctx := within(t.Context(), 1<<63-1)
	defer ctx.End()
	require.NoError(t, ctx.Err())
	assert.False(t, isDone(ctx))
	assert.False(t, ctx.Expired())
}

// hasty is a context of somebody's own that says it has ended before it closes its channel.
type hasty struct{ context.Context }

func (hasty) Err() error { return context.Canceled }

// Of such a parent it is the word that counts: nothing is to start on a context that says it is dead, and no two answers may differ.
func TestAParentThatSaysItHasEnded(t *testing.T) {
	ctx := within(hasty{t.Context()}, time.Hour)
	defer ctx.End()
	assert.Equal(t, context.Canceled, ctx.Err())
	assert.True(t, isDone(ctx))
	assert.Equal(t, context.Canceled, ctx.Err())
}
