package deadline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/deadline"
)

// A context that is retained outlives its call, for whoever asked before the end of the call and for whoever asks after.
func TestRetain(t *testing.T) {
	for name, asked := range map[string]bool{"asked before": true, "asked after": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := within(t.Context(), time.Hour)
				if asked {
					ctx.Done()
				}
				release := deadline.Retain(ctx)
				ctx.End()
				assert.NoError(t, ctx.Err())
				assert.False(t, isDone(ctx))

				release()
				assert.Equal(t, context.Canceled, ctx.Err())
				assert.True(t, isDone(ctx))
			})
		})
	}
}

// Releasing before the call ends is no end of the call, and releasing twice is releasing once.
func TestReleaseIsIdempotent(t *testing.T) {
	ctx := within(t.Context(), time.Hour)
	one, other := deadline.Retain(ctx), deadline.Retain(ctx)
	for range 5 {
		one()
	}
	assert.NoError(t, ctx.Err())
	ctx.End()
	assert.NoError(t, ctx.Err(), "the other one still holds it")
	other()
	assert.Equal(t, context.Canceled, ctx.Err())
	other()
	one()
}

// What has ended cannot be retained, nor is there anything to release.
func TestRetainAfterTheEnd(t *testing.T) {
	dead := func(ctx context.Context) { assert.Equal(t, context.Canceled, ctx.Err()); assert.True(t, isDone(ctx)) }
	nothing := func(context.Context) {}
	for name, ask := range map[string]struct{ before, between func(context.Context) }{
		"asked before": {func(ctx context.Context) { ctx.Done() }, dead}, "asked between": {nothing, dead}, "asked after": {nothing, nothing},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := within(t.Context(), time.Hour)
			ask.before(ctx)
			ctx.End()
			release := deadline.Retain(ctx)
			ask.between(ctx)
			release()
			dead(ctx)
		})
	}
}

// To retain a context is to retain every one that it descends from, or its parent would take it along: through values, through children of
// the standard library's, and through a context that ended before.
func TestRetainReachesEveryAncestor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer := within(t.Context(), 3*time.Hour)
		middle := within(context.WithValue(outer, key{}, 1), 2*time.Hour)
		child, cancel := context.WithCancel(context.WithValue(middle, key{}, 2))
		defer cancel()
		inner := within(child, time.Hour)
		leaf := context.WithValue(inner, key{}, 3)

		middle.Done()
		release := deadline.Retain(leaf)
		for _, c := range []*deadline.Context{inner, middle, outer} {
			c.End()
		}
		for _, c := range []context.Context{leaf, inner, child, middle, outer} {
			assert.NoError(t, c.Err())
		}
		release()
		synctest.Wait()
		for _, c := range []context.Context{leaf, inner, child, middle, outer} {
			assert.Equal(t, context.Canceled, c.Err())
		}
	})
}

// One that ended is passed over, and those around it are held all the same.
func TestRetainBelowOneThatHasEnded(t *testing.T) {
	outer := within(t.Context(), 2*time.Hour)
	inner := within(outer, time.Hour)
	inner.End()
	release := deadline.Retain(inner)
	outer.End()
	assert.NoError(t, outer.Err())
	assert.Error(t, inner.Err())
	release()
	assert.Error(t, outer.Err())
}

// There may be nothing to retain.
func TestRetainNothing(t *testing.T) {
	for _, ctx := range []context.Context{context.Background(), t.Context(), context.WithValue(t.Context(), key{}, 1)} {
		release := deadline.Retain(ctx)
		assert.NotPanics(t, release)
		assert.NotPanics(t, release)
		assert.NoError(t, ctx.Err())
	}
}

// A deadline goes on running while it is retained, as that of http.Client goes on while the body is read, and so does the parent's end.
func TestARetainedContextStillEnds(t *testing.T) {
	t.Run("by its time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			ctx := within(t.Context(), time.Second)
			release := deadline.Retain(ctx)
			defer release()
			ctx.End()
			<-ctx.Done()
			assert.Equal(t, time.Second, time.Since(start))
			assert.Equal(t, context.DeadlineExceeded, ctx.Err())
			assert.EqualError(t, context.Cause(ctx), "too late, after 1s")
		})
	})
	t.Run("by its time, unasked", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx := within(t.Context(), time.Second)
			release := deadline.Retain(ctx)
			ctx.End()
			time.Sleep(2 * time.Second)
			assert.Equal(t, context.DeadlineExceeded, ctx.Err())
			release()
			assert.Equal(t, context.DeadlineExceeded, ctx.Err(), "what was said stays")
		})
	})
	t.Run("by its parent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			parent, cancel := context.WithCancelCause(t.Context())
			ctx := within(parent, time.Hour)
			release := deadline.Retain(ctx)
			defer release()
			ctx.End()
			cancel(errGone)
			assert.True(t, isDone(ctx))
			assert.Same(t, errGone, context.Cause(ctx))
		})
	})
}
