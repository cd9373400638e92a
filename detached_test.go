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
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

func TestDetachedNeedsNewConcurrent(t *testing.T) {
	assert.PanicsWithValue(t, `ductile: pipeline "test": policy 1 ("timeout", a *timeout.Policy) needs NewConcurrent: `+
		`a pipeline of New never calls its function twice at once, nor after the call has ended`,
		func() { ductile.New("test", timeout.New(time.Second, timeout.Detached())) })
}

// It does not wait for a function that is deaf: the call ends in time, the permits inside are held until the function returns, and its
// value is discarded.
func TestDetachedDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var y tally
		gate := &turnstile{onAcquire: func() {}}
		b := breaker.New(breaker.ConsecutiveFailures(1))
		p := ductile.NewConcurrent("test", b, timeout.New(time.Second, timeout.Detached()), gate)
		start := time.Now()
		_, err := y.do(t.Context(), p, func(ctx context.Context, _ int) error {
			time.Sleep(time.Hour)
			assert.Equal(t, context.DeadlineExceeded, ctx.Err())
			return nil
		})
		var late *timeout.Error
		require.ErrorAs(t, err, &late)
		assert.NoError(t, late.Cause, "it still runs")
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, breaker.Open, b.State(), "it was reached, and took too long")
		synctest.Wait()
		assert.Equal(t, 1, gate.inside)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		assert.Zero(t, gate.inside)
		assert.Equal(t, []int{1}, y.gone())
	})
}

func TestDetachedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var y tally
		p := ductile.NewConcurrent("test", timeout.New(time.Second, timeout.Detached()))
		for _, end := range []error{nil, errDown, fault.Permanent(errDown), fault.Superseded(true)} { // the last is what a copy of another call may hear
			got, err := y.do(t.Context(), p, func(context.Context, int) error { return end })
			assert.Equal(t, y.calls, got)
			require.ErrorIs(t, err, end)
		}
		assert.Empty(t, y.gone())
	})
}

// The caller's own end is not waited for either.
func TestDetachedCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, leave := range map[string]func(context.Context) (context.Context, context.CancelFunc){
			"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 100*ms)
			},
			"canceled": func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(100*ms, cancel)
				return ctx, cancel
			},
		} {
			var y tally
			p := ductile.NewConcurrent("test", timeout.New(time.Second, timeout.Detached()))
			ctx, cancel := leave(t.Context())
			start := time.Now()
			_, err := y.do(ctx, p, func(context.Context, int) error { time.Sleep(time.Hour); return nil })
			require.ErrorIs(t, err, ctx.Err(), name)
			require.NotErrorIs(t, err, timeout.ErrExceeded)
			assert.Equal(t, 100*ms, time.Since(start))
			time.Sleep(2 * time.Hour)
			assert.Equal(t, []int{1}, y.gone())
			cancel()
		}
	})
}

// A function that was never reached has not failed.
func TestDetachedBeforeTheFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breaker.New(breaker.ConsecutiveFailures(1))
		p := ductile.NewConcurrent("test", retry.New(), b, timeout.New(time.Second, timeout.Detached()), late{"queue"})
		_, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { panic("called") })
		require.ErrorIs(t, err, timeout.ErrExceeded)
		assert.Zero(t, b.Snapshot().Counts)
	})
}

func TestDetachedPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []ductile.Contained
		p := ductile.NewConcurrent("test", timeout.New(time.Second, timeout.Detached())).With(listening{contained: func(e ductile.Contained) { told = append(told, e) }})
		boom := errors.New("boom")
		var raised any
		func() {
			defer func() { raised = recover() }()
			_, _ = ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { panic(boom) })
		}()
		inside, ok := raised.(*ductile.Panic)
		require.True(t, ok)
		require.ErrorIs(t, inside, boom)
		assert.Contains(t, inside.Error(), "TestDetachedPanics")

		_, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { time.Sleep(time.Hour); panic(boom) })
		require.ErrorIs(t, err, timeout.ErrExceeded)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Len(t, told, 1)
		assert.Equal(t, "timeout", told[0].Policy)

		exited := true
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
			exited = false
		}()
		<-done
		assert.True(t, exited)
	})
}
