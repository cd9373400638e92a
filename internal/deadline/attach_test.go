package deadline_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/deadline"
)

// watchers returns how many goroutines package context runs to watch a parent that it does not know: what a context of one's own usually
// costs each child.
func watchers() int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), "created by context.(*cancelCtx).propagateCancel")
}

// foreign is a context that package context cannot know.
type foreign struct{ context.Context }

func (f foreign) Done() <-chan struct{} { return make(chan struct{}) }

// The measure measures: a child of a foreign context costs a goroutine.
func TestWatchersAreCounted(t *testing.T) {
	_, cancel := context.WithCancel(foreign{t.Context()})
	assert.Equal(t, 1, watchers())
	cancel()
	for watchers() > 0 {
		runtime.Gosched()
	}
}

var children = map[string]func(context.Context) (context.Context, func()){
	"WithCancel": func(ctx context.Context) (context.Context, func()) {
		c, cancel := context.WithCancel(ctx)
		return c, cancel
	},
	"WithTimeout": func(ctx context.Context) (context.Context, func()) { return context.WithTimeout(ctx, time.Hour) },
	"WithCancelCause": func(ctx context.Context) (context.Context, func()) {
		c, cancel := context.WithCancelCause(ctx)
		return c, func() { cancel(nil) }
	},
	"below a value": func(ctx context.Context) (context.Context, func()) {
		return context.WithTimeout(context.WithValue(ctx, key{}, 1), time.Hour)
	},
	"AfterFunc": func(ctx context.Context) (context.Context, func()) {
		child, cancel := context.WithCancel(context.WithoutCancel(ctx))
		stop := context.AfterFunc(ctx, cancel)
		return child, func() { stop(); cancel() }
	},
	"another of these": func(ctx context.Context) (context.Context, func()) {
		c := within(ctx, time.Hour)
		return c, c.End
	},
	"another of these, asked": func(ctx context.Context) (context.Context, func()) {
		c := within(ctx, time.Hour)
		c.Done()
		return c, c.End
	},
}

// Children attach to it directly, at any depth: no goroutine watches it. They end with it, and leave it alone when they end first.
func TestChildrenAttachWithoutAGoroutine(t *testing.T) {
	for name, child := range children {
		for grandchildName, grandchild := range children {
			t.Run(name+" of "+grandchildName, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					parent, cancel := context.WithCancel(t.Context())
					defer cancel()
					top := within(parent, 2*time.Hour)
					one, endOne := child(top)
					two, endTwo := grandchild(one)
					brother, endBrother := child(top)
					defer endBrother()
					assert.False(t, isDone(two))
					assert.False(t, isDone(brother))
					assert.Zero(t, watchers())

					endTwo()
					synctest.Wait()
					assert.True(t, isDone(two))
					assert.False(t, isDone(one))
					endOne()
					synctest.Wait()
					assert.True(t, isDone(one))
					assert.NoError(t, top.Err())

					top.End()
					synctest.Wait()
					assert.True(t, isDone(brother))
					assert.Equal(t, context.Canceled, brother.Err())
				})
			})
		}
	}
}

// The end of the parent reaches the last grandchild at once, without a goroutine in between.
func TestAnEndReachesTheLastGrandchild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithCancelCause(t.Context())
		ctx := parent
		var ends []*deadline.Context
		for depth := range 10 {
			c := within(ctx, time.Hour-time.Duration(depth))
			ends = append(ends, c)
			ctx = context.WithValue(c, key{}, depth)
		}
		last, stop := context.WithCancel(ctx)
		defer stop()
		assert.False(t, isDone(last))
		assert.Zero(t, watchers())

		cancel(errGone)
		assert.True(t, isDone(last))
		assert.Same(t, errGone, context.Cause(last))
		for _, c := range ends {
			assert.Same(t, errGone, context.Cause(c))
			c.End()
		}
	})
}

// AfterFunc runs once the context ends: by its time, and not before.
func TestAfterFunc(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := within(t.Context(), time.Second)
		defer ctx.End()
		ran := make(chan time.Time, 2)
		context.AfterFunc(ctx, func() { ran <- time.Now() })
		stop := context.AfterFunc(ctx, func() { t.Error("stopped, and ran") })
		assert.True(t, stop())
		start := time.Now()
		assert.Equal(t, time.Second, (<-ran).Sub(start))
		context.AfterFunc(ctx, func() { ran <- time.Now() })
		assert.Equal(t, time.Second, (<-ran).Sub(start), "it has ended, so at once")
	})
}
