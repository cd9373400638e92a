package timeout_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// heeding returns a function that takes a while, or as long as its context lives, and then returns what its context says or err.
func heeding(takes time.Duration, err error) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		timer := time.NewTimer(takes)
		defer timer.Stop()
		select {
		case <-timer.C:
			return 7, err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// ignoring returns a function that does not look at its context.
func ignoring(takes time.Duration, err error) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		time.Sleep(takes)
		return 7, err
	}
}

// What a call through a timeout of one second returns, and when.
func TestCalls(t *testing.T) {
	permanent, ignored := fault.Permanent(errDown), fault.Ignore(errDown)
	for _, row := range []struct {
		name    string
		fn      func(context.Context) (int, error)
		elapsed time.Duration
		value   int
		err     error // as it is
		timeout bool  // or a timeout, with this cause
	}{
		{"in time", heeding(time.Millisecond, nil), time.Millisecond, 7, nil, false},
		{"in time, with an error", heeding(time.Millisecond, errDown), time.Millisecond, 7, errDown, false},
		{"just in time, with an error", ignoring(time.Second-1, errDown), time.Second - 1, 7, errDown, false},
		{"too late, and heeding it", heeding(time.Hour, nil), time.Second, 0, context.DeadlineExceeded, true},
		{"too late, and not heeding it, with an error", ignoring(time.Minute, errDown), time.Minute, 7, errDown, true},
		{"too late, but a success: it is one", ignoring(time.Minute, nil), time.Minute, 7, nil, false},
		{"too late, but an answer: it is one", ignoring(time.Minute, permanent), time.Minute, 7, permanent, false},
		{"too late, but to be ignored", ignoring(time.Minute, ignored), time.Minute, 7, ignored, false},
		{"at the very moment, with an error", ignoring(time.Second, errDown), time.Second, 7, errDown, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got, err := ductile.Do(t.Context(), ductile.New("p", timeout.New(time.Second)), row.fn)
				assert.Equal(t, row.elapsed, time.Since(start))
				assert.Equal(t, row.value, got, "the value comes with the error, and is not dropped for being late")
				if !row.timeout {
					assert.Equal(t, row.err, err)
					return
				}
				var exceeded *timeout.Error
				require.ErrorAs(t, err, &exceeded)
				assert.Equal(t, &timeout.Error{Name: "timeout", After: time.Second, Cause: row.err}, exceeded)
			})
		})
	}
}

// The policy's deadline and the caller's are told apart: only the first is the policy's error. Which one is sooner decides.
func TestWhoseDeadline(t *testing.T) {
	for _, row := range []struct {
		name    string
		callers time.Duration
		ours    bool
	}{
		{"the policy's is sooner", 2 * time.Second, true},
		{"the caller's is sooner", time.Second / 2, false},
		{"both at once: it is the caller's", time.Second, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), row.callers)
				defer cancel()
				start := time.Now()
				_, err := ductile.Do(ctx, ductile.New("p", timeout.New(time.Second)), heeding(time.Hour, nil))
				assert.Equal(t, min(row.callers, time.Second), time.Since(start))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, row.ours, errors.Is(err, timeout.ErrExceeded))
			})
		})
	}
}

// A caller who goes before the time is up has canceled the call; the timeout has no part in it.
func TestTheCallerGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second/2, cancel)
		_, err := ductile.Do(ctx, ductile.New("p", timeout.New(time.Second)), heeding(time.Hour, nil))
		assert.Equal(t, context.Canceled, err)
	})
}

// The function sees which timeout it was, and what the caller put into the context.
func TestTheContextOfTheFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		p := ductile.New("p", timeout.New(2*time.Second, timeout.Name("total")), timeout.New(time.Second, timeout.Name("attempt")))
		start := time.Now()
		err := ductile.Run(context.WithValue(t.Context(), key{}, "caller's"), p, func(ctx context.Context) error {
			at, ok := ctx.Deadline()
			assert.True(t, ok)
			assert.Equal(t, start.Add(time.Second), at)
			assert.Equal(t, "caller's", ctx.Value(key{}))

			<-ctx.Done()
			cause := context.Cause(ctx)
			require.ErrorIs(t, cause, timeout.ErrExceeded)
			require.ErrorIs(t, cause, context.DeadlineExceeded)
			var exceeded *timeout.Error
			require.ErrorAs(t, cause, &exceeded)
			assert.Equal(t, &timeout.Error{Name: "attempt", After: time.Second}, exceeded)
			return cause
		})
		var exceeded *timeout.Error
		require.ErrorAs(t, err, &exceeded)
		assert.Equal(t, "attempt", exceeded.Name)
	})
}

// An inner timeout that is not sooner adds nothing, and is not named.
func TestAnInnerTimeoutThatIsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ductile.New("p", timeout.New(time.Second, timeout.Name("total")), timeout.New(time.Minute, timeout.Name("attempt")))
		_, err := ductile.Do(t.Context(), p, heeding(time.Hour, nil))
		assert.EqualError(t, err, "total: no answer within 1s")
	})
}

// No limit is no limit, and no context either.
func TestNoLimit(t *testing.T) {
	for _, none := range []time.Duration{0, -time.Second} {
		p := ductile.New("p", timeout.From(func(context.Context) time.Duration { return none }))
		ctx := t.Context()
		err := ductile.Run(ctx, p, func(inner context.Context) error {
			assert.Equal(t, ctx, inner)
			return nil
		})
		assert.NoError(t, err)
	}
}

// A limit as long as there is does not turn over.
func TestTheLongestLimit(t *testing.T) {
	got, err := ductile.Do(t.Context(), ductile.New("p", timeout.New(1<<63-1)), func(ctx context.Context) (int, error) {
		select {
		case <-ctx.Done():
		default:
		}
		return 7, ctx.Err()
	})
	require.NoError(t, err)
	assert.Equal(t, 7, got)
}

// A function that was never called did not time out: what kept it from being called is returned as it is.
func TestTheFunctionIsNotReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ductile.New("p", timeout.New(time.Second), queue{})
		err := ductile.Run(t.Context(), p, func(context.Context) error { t.Error("called"); return nil })
		require.ErrorIs(t, err, fault.ErrRejected)
		assert.Equal(t, fault.ClassRejected, fault.Of(err))
	})
}

// queue is a gate that makes a call wait until its time is up, and then refuses it.
type queue struct{}

func (queue) Name() string { return "queue" }
func (queue) Acquire(ctx context.Context) (uint64, error) {
	<-ctx.Done()
	return 0, errors.New("still full")
}
func (queue) Release(uint64, error) {}

// A panic passes through, and the context of its call ends like any other.
func TestAPanic(t *testing.T) {
	var leaked context.Context
	assert.PanicsWithValue(t, "fn's", func() {
		_ = ductile.Run(t.Context(), ductile.New("p", timeout.New(time.Hour)), func(ctx context.Context) error {
			leaked = ctx
			panic("fn's")
		})
	})
	assert.Equal(t, context.Canceled, leaked.Err())
}
