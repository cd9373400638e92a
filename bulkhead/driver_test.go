package bulkhead_test

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
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// However a call through a pipeline ends, its permit comes back: at once, or to the first who waits for it.
func TestThePermitComesBack(t *testing.T) {
	for name, fn := range map[string]func(context.Context) error{
		"success":   func(context.Context) error { return nil },
		"failure":   func(context.Context) error { return errDown },
		"answer":    func(context.Context) error { return fault.Permanent(errDown) },
		"panic":     func(context.Context) error { panic("boom") },
		"nil panic": func(context.Context) error { panic(nil) }, //nolint:govet // it is the point
		"Goexit":    func(context.Context) error { runtime.Goexit(); return nil },
		"canceled":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		in(t, name, func(t *testing.T) {
			b := bulkhead.New(1, bulkhead.Queue(1, time.Hour))
			p := ductile.New("stock", b)
			for range 10 {
				ctx, cancel := context.WithTimeout(always, time.Second)
				release := make(chan struct{})
				go func() {
					defer func() { _ = recover() }()
					_ = ductile.Run(ctx, p, func(ctx context.Context) error {
						<-release
						return fn(ctx)
					})
				}()
				synctest.Wait()
				holds(t, b, 1, 0)
				v := visit(b, always)
				close(release)
				<-v.done
				require.NoError(t, v.err)
				holds(t, b, 1, 0)
				b.Release(v.token, nil)
				cancel()
				isWhole(t, b)
			}
		})
	}
}

// A refusal reaches the caller as it is, and the function is not called. Around it, nobody takes it for a failure of the dependency: it is
// not repeated, the breaker counts nothing, and the fallback answers.
func TestARefusalInAPipeline(t *testing.T) {
	full, open := bulkhead.New(1), breaker.New(breaker.ConsecutiveFailures(1))
	begin(t, full)
	calls := 0
	call := func(context.Context) (string, error) { calls++; return "called", nil }

	_, err := ductile.Do(always, ductile.New("stock", retry.New(), open, full), call)
	_, plain := full.Acquire(always)
	assert.Same(t, plain, err, "not wrapped, not repeated")
	assert.Equal(t, breaker.Counts{}, open.Snapshot().Counts)

	answer, err := ductile.Do(always, ductile.New("stock", fallback.Value("instead"), retry.New(), open, full), call)
	assert.NoError(t, err)
	assert.Equal(t, "instead", answer)
	assert.Zero(t, calls)
	assert.Equal(t, uint64(3), full.Snapshot().Rejected)
}

// Inside a retry, the wait before the next attempt holds no permit; outside, it would.
func TestASleepHoldsNoPermit(t *testing.T) {
	for name, inside := range map[string]bool{"inside the retry": true, "outside the retry": false} {
		in(t, name, func(t *testing.T) {
			b, r := bulkhead.New(1), retry.New(retry.Attempts(2))
			p := ductile.New("stock", b, r)
			if inside {
				p = ductile.New("stock", r, b)
			}
			hinted := fault.Overload(errDown, time.Second)
			done := make(chan error)
			go func() { done <- ductile.Run(always, p, func(context.Context) error { return hinted }) }()
			synctest.Wait() // it sleeps
			assert.Equal(t, inside, b.Snapshot().InFlight == 0)
			assert.ErrorIs(t, <-done, errDown)
			isWhole(t, b)
		})
	}
}

// A timeout around a queue ends the wait. That is no timeout of the dependency, which has not seen the call: a rejection, to the breaker
// between them as to the fallback around.
func TestATimeoutAroundTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, guard := bulkhead.New(1, bulkhead.Queue(1, time.Hour)), breaker.New(breaker.ConsecutiveFailures(1))
		begin(t, b)
		total := timeout.New(time.Second, timeout.Name("total"))
		call := func(context.Context) (string, error) { panic("never called") }

		start := time.Now()
		_, err := ductile.Do(always, ductile.New("stock", total, guard, b), call)
		assert.Equal(t, time.Second, time.Since(start))
		full, ok := errors.AsType[*bulkhead.FullError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, bulkhead.ReasonDeadline, full.Reason)
		require.ErrorIs(t, err, timeout.ErrExceeded, "it says which timeout it was")
		assert.EqualError(t, err,
			"bulkhead is full: its only permit is taken; none came free in 1s, until the deadline: total: no answer within 1s")
		assert.Equal(t, breaker.Counts{}, guard.Snapshot().Counts)

		answer, err := ductile.Do(always, ductile.New("stock", fallback.Value("instead"), total, guard, b), call)
		assert.NoError(t, err)
		assert.Equal(t, "instead", answer)
		holds(t, b, 1, 0)
	})
}

// A caller who goes while in the queue is gone: no fallback answers nobody, and nothing is repeated.
func TestACallerWhoLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(1, bulkhead.Queue(1, time.Hour))
		begin(t, b)
		ctx, cancel := context.WithCancel(always)
		time.AfterFunc(time.Second, cancel)
		p := ductile.New("stock", fallback.Value("instead"), retry.New(), b)
		_, err := ductile.Do(ctx, p, func(context.Context) (string, error) { panic("never called") })
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, bulkhead.ErrFull)
		holds(t, b, 1, 0)
	})
}

// Pipeline.String says what a bulkhead does.
func TestInAPipelinesDescription(t *testing.T) {
	p := ductile.New("stock", bulkhead.New(64), bulkhead.New(8, bulkhead.Name("writes"), bulkhead.Queue(4, 50*ms)))
	assert.Equal(t, "pipeline \"stock\"\n  bulkhead  at most 64 at once\n  writes    at most 8 at once; 4 more wait up to 50ms", p.String())
}
