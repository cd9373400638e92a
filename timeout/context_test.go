package timeout_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// watchers returns how many goroutines package context runs to watch a parent that it does not know.
func watchers() int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), "created by context.(*cancelCtx).propagateCancel")
}

// Children of the function's context attach to it directly: through timeouts within timeouts, the later attempts of a retry, and
// pipelines within pipelines.
func TestChildrenCostNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer := ductile.New("outer", timeout.New(time.Hour), retry.New(retry.Constant(0)), timeout.New(time.Minute))
		inner := ductile.New("inner", timeout.New(time.Second))
		attempt := 0
		err := ductile.Run(t.Context(), outer, func(ctx context.Context) error {
			return ductile.Run(ctx, inner, func(ctx context.Context) error {
				child, cancel := context.WithTimeout(ctx, time.Millisecond)
				defer cancel()
				defer context.AfterFunc(ctx, func() {})()
				<-child.Done()
				assert.Zero(t, watchers())
				if attempt++; attempt < 3 {
					return errDown
				}
				return nil
			})
		})
		require.NoError(t, err)
		assert.Equal(t, 3, attempt)
	})
}

// What a function leaves running with its context hears that the call is over.
func TestALeakedContextIsCanceled(t *testing.T) {
	var asked, unasked context.Context
	p := ductile.New("p", timeout.New(time.Hour))
	_ = ductile.Run(t.Context(), p, func(ctx context.Context) error { asked = ctx; ctx.Done(); return nil })
	_ = ductile.Run(t.Context(), p, func(ctx context.Context) error { unasked = ctx; return nil })
	for _, leaked := range []context.Context{asked, unasked} {
		<-leaked.Done()
		assert.Equal(t, context.Canceled, leaked.Err())
	}
}

// body is a value that is read through its call's context, as the body of a response is.
type body struct {
	ctx     context.Context
	release func()
}

// An adapter retains the context of the attempt whose value it hands on, through every timeout around it and every pipeline around that.
// Deadlines go on; contexts of attempts that failed have ended.
func TestRetainThroughPipelines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer := ductile.New("outer", timeout.New(time.Hour, timeout.Name("total")))
		inner := ductile.New("inner", retry.New(retry.Constant(0)), timeout.New(time.Minute, timeout.Name("attempt")))
		var failed context.Context
		get := func(ctx context.Context) (body, error) {
			if failed == nil {
				failed = ctx
				return body{}, errDown
			}
			return body{ctx, ductile.Retain(ctx)}, nil
		}
		open := func() body {
			failed = nil
			b, err := ductile.Do(t.Context(), outer, func(ctx context.Context) (body, error) { return ductile.Do(ctx, inner, get) })
			require.NoError(t, err)
			require.Error(t, failed.Err())
			return b
		}

		read := open()
		require.NoError(t, read.ctx.Err())
		child, cancel := context.WithCancel(read.ctx)
		defer cancel()
		require.NoError(t, child.Err())
		read.release()
		assert.Equal(t, context.Canceled, read.ctx.Err())
		assert.Equal(t, context.Canceled, child.Err())
		read.release() // again, as a body is closed twice

		slow := open()
		defer slow.release()
		start := time.Now()
		<-slow.ctx.Done()
		assert.Equal(t, time.Minute, time.Since(start), "its deadline went on")
		var exceeded *timeout.Error
		require.ErrorAs(t, context.Cause(slow.ctx), &exceeded)
		assert.Equal(t, "attempt", exceeded.Name)
	})
}
