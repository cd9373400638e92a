package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
)

// refused makes a call that a limiter is to refuse.
func refused(ctx context.Context, t *testing.T, l *ratelimit.Limiter) *ratelimit.LimitedError {
	t.Helper()
	_, err := l.Acquire(ctx)
	limited, ok := errors.AsType[*ratelimit.LimitedError](err)
	require.True(t, ok, "%v", err)
	return limited
}

// empty returns a limiter without tokens.
func empty(t *testing.T, limit rate.Limit, burst int, options ...ratelimit.Option) *ratelimit.Limiter {
	t.Helper()
	l := ratelimit.New(limit, burst, options...)
	for range burst {
		_, err := l.Acquire(t.Context())
		require.NoError(t, err)
	}
	return l
}

// A refusal says who refuses, why, what is allowed, and when to come back, where that is known.
func TestRefusal(t *testing.T) {
	quota := ratelimit.Name("quota")
	within := func(ctx context.Context, d time.Duration) context.Context {
		ctx, cancel := context.WithTimeout(ctx, d)
		context.AfterFunc(ctx, cancel)
		return ctx
	}
	for _, row := range []struct {
		name string
		way  func(t *testing.T) *ratelimit.LimitedError
		want ratelimit.LimitedError
		text string
	}{
		{
			"no token",
			func(t *testing.T) *ratelimit.LimitedError {
				t.Helper()
				return refused(t.Context(), t, empty(t, 100, 10, quota))
			},
			ratelimit.LimitedError{Name: "quota", Reason: ratelimit.ReasonNoToken, Limit: 100, Burst: 10},
			"quota: no token left of 100/s in bursts of 10; the next comes in 10ms",
		},
		{
			"a long wait",
			func(t *testing.T) *ratelimit.LimitedError {
				t.Helper()
				return refused(t.Context(), t, empty(t, rate.Every(time.Minute), 1, quota, ratelimit.Wait(2*time.Second)))
			},
			ratelimit.LimitedError{Name: "quota", Reason: ratelimit.ReasonLongWait, Limit: rate.Every(time.Minute), Burst: 1},
			"quota: no token left of 1 in 1m0s in bursts of 1; the next comes in 1m0s, and no call waits for longer than 2s",
		},
		{
			"a deadline",
			func(t *testing.T) *ratelimit.LimitedError {
				t.Helper()
				return refused(within(t.Context(), time.Second), t, empty(t, 0.7, 1, quota, ratelimit.Wait(time.Hour)))
			},
			ratelimit.LimitedError{Name: "quota", Reason: ratelimit.ReasonDeadline, Limit: 0.7, Burst: 1},
			"quota: no token left of 1 in 1.43s in bursts of 1; the next comes in 1.43s, not before the caller's deadline",
		},
		{
			"never",
			func(t *testing.T) *ratelimit.LimitedError {
				t.Helper()
				return refused(t.Context(), t, ratelimit.From(rate.NewLimiter(5, 0), quota))
			},
			ratelimit.LimitedError{Name: "quota", Reason: ratelimit.ReasonNever, Limit: 5},
			"quota: no token will come at 5/s in bursts of 0",
		},
	} {
		in(t, row.name, func(t *testing.T) {
			got := row.way(t)
			assert.EqualError(t, got, row.text)
			assert.Equal(t, row.want.Name, got.Name)
			assert.Equal(t, row.want.Reason, got.Reason)
			assert.Equal(t, row.want.Limit, got.Limit)
			assert.Equal(t, row.want.Burst, got.Burst)
			assert.Zero(t, got.Waited)
			assert.Empty(t, got.Unwrap())

			err := fmt.Errorf("stock: %w", got)
			require.ErrorIs(t, err, ratelimit.ErrLimited)
			require.ErrorIs(t, err, fault.ErrRejected)
			assert.NotErrorIs(t, err, context.DeadlineExceeded)
			assert.NotErrorIs(t, err, context.Canceled)
			assert.NotErrorIs(t, err, errors.New("rate limited"))
			assert.Equal(t, fault.ClassRejected, fault.Of(err))
			assert.False(t, got.Timeout())
			after, known := got.RetryAfter()
			hint, hinted := fault.RetryAfter(err)
			assert.Equal(t, known, hinted, "as the other policies see it")
			assert.Equal(t, after, hint)
		})
	}
}

// A call that was over matches what ended it, and is a rejection all the same: it never began.
func TestRefusalOfACallThatIsOver(t *testing.T) {
	for _, row := range []struct {
		name   string
		ctx    func(context.Context) context.Context // of a call that would have to wait for a minute
		reason ratelimit.Reason
		waited time.Duration
		is     []error
		text   string
	}{
		{
			"gone before", func(ctx context.Context) context.Context {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return ctx
			}, ratelimit.ReasonCanceled, 0, []error{context.Canceled},
			"quota: the caller has gone: context canceled",
		},
		{
			"gone before, and says why", func(ctx context.Context) context.Context {
				ctx, cancel := context.WithCancelCause(ctx)
				cancel(errGone)
				return ctx
			}, ratelimit.ReasonCanceled, 0, []error{context.Canceled, errGone},
			"quota: the caller has gone: gone home",
		},
		{
			"goes while it waits", func(ctx context.Context) context.Context {
				ctx, cancel := context.WithCancelCause(ctx)
				time.AfterFunc(1234567*time.Microsecond, func() { cancel(errGone) })
				return ctx
			}, ratelimit.ReasonCanceled, 1234567 * time.Microsecond, []error{context.Canceled, errGone},
			"quota: the caller went after a wait of 1.23s for a token: gone home",
		},
		{
			"out of time before", func(ctx context.Context) context.Context {
				ctx, cancel := context.WithTimeout(ctx, 0)
				cancel()
				return ctx
			}, ratelimit.ReasonDeadline, 0, []error{context.DeadlineExceeded},
			"quota: the deadline has passed: context deadline exceeded",
		},
		{
			"out of time, of which its context has said nothing", func(ctx context.Context) context.Context {
				ctx, cancel := context.WithTimeoutCause(ctx, time.Second, errGone)
				context.AfterFunc(ctx, cancel)
				return secretive{ctx}
			}, ratelimit.ReasonDeadline, time.Second, []error{context.DeadlineExceeded, errGone},
			"quota: the deadline passed after a wait of 1s for a token: gone home",
		},
		{
			"a context of its own", func(ctx context.Context) context.Context { return strange{ctx} },
			ratelimit.ReasonCanceled, 0, nil,
			"quota: the caller has gone: [gone]",
		},
	} {
		in(t, row.name, func(t *testing.T) {
			l := empty(t, rate.Every(time.Minute), 1, ratelimit.Name("quota"), ratelimit.Wait(time.Hour))
			err := refused(row.ctx(t.Context()), t, l)
			assert.Equal(t, row.reason, err.Reason)
			assert.Equal(t, rate.Every(time.Minute), err.Limit)
			assert.Equal(t, 1, err.Burst)
			assert.Equal(t, row.waited, err.Waited)
			assert.EqualError(t, err, row.text)
			for _, is := range append(row.is, ratelimit.ErrLimited, fault.ErrRejected) {
				require.ErrorIs(t, err, is)
			}
			assert.Equal(t, fault.ClassRejected, fault.Of(err))
			assert.False(t, err.Timeout())
			_, known := err.RetryAfter()
			assert.False(t, known)
			assert.Equal(t, uint64(1), l.Snapshot().Refused)
		})
	}
}

// secretive is a context that keeps its deadline to itself.
type secretive struct{ context.Context }

func (secretive) Deadline() (time.Time, bool) { return time.Time{}, false }

// strange is a context that has ended with an error that cannot be compared.
type strange struct{ context.Context }

func (strange) Err() error { return strangeErrors{"gone"} }

type strangeErrors []string

func (e strangeErrors) Error() string { return fmt.Sprint([]string(e)) }

// Those who are refused until the next token comes are told the same. Who is refused for another reason, or under other terms, is not.
func TestRefusalsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bucket := rate.NewLimiter(4, 1)
		l := ratelimit.From(bucket, ratelimit.Wait(ms))
		_, err := l.Acquire(t.Context())
		require.NoError(t, err)
		first := refused(t.Context(), t, l)
		assert.Same(t, first, refused(t.Context(), t, l))
		time.Sleep(100 * ms)
		assert.Same(t, first, refused(t.Context(), t, l), "later, but until the same token")

		time.Sleep(149500 * time.Microsecond)
		ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
		defer cancel()
		other := refused(ctx, t, l)
		assert.Equal(t, ratelimit.ReasonDeadline, other.Reason)

		time.Sleep(time.Second)
		_, err = l.Acquire(t.Context())
		require.NoError(t, err)
		next := refused(t.Context(), t, l)
		assert.NotSame(t, first, next, "another token")
		bucket.SetBurst(2)
		burst := refused(t.Context(), t, l)
		assert.NotSame(t, next, burst)
		assert.Equal(t, 2, burst.Burst)
		bucket.SetLimit(0)
		assert.Equal(t, ratelimit.ReasonNever, refused(t.Context(), t, l).Reason)
		bucket.SetLimit(-1)
		assert.Equal(t, rate.Limit(-1), refused(t.Context(), t, l).Limit)
	})
}

// Where the time of the next token is half a nanosecond off any, it is rounded up now and down then, and there are two refusals, not
// one for each call.
func TestRefusalsAreSharedWhereTimesAreRounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := empty(t, 1e9/1_000_000.5, 1)
		different := map[*ratelimit.LimitedError]bool{}
		for range 900 {
			different[refused(t.Context(), t, l)] = true
			time.Sleep(time.Microsecond)
		}
		assert.LessOrEqual(t, len(different), 2)
	})
}

// An error that somebody kept goes on telling the time.
func TestRefusalGrowsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := refused(t.Context(), t, empty(t, 4, 1))
		time.Sleep(200 * ms)
		after, known := kept.RetryAfter()
		assert.True(t, known)
		assert.Equal(t, 50*ms, after)
		time.Sleep(time.Hour)
		after, known = kept.RetryAfter()
		assert.True(t, known)
		assert.Zero(t, after, "never negative")
	})
}

// A call alone that comes back when it was told to gets its token, whatever waits in between.
func TestComingBackBehindOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := empty(t, 4, 2, ratelimit.Wait(time.Second))
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { _, _ = l.Acquire(t.Context()) })
		}
		synctest.Wait()
		after, _ := refused(t.Context(), t, l).RetryAfter()
		assert.Equal(t, 1250*ms, after)
		time.Sleep(after)
		came := time.Now()
		_, err := l.Acquire(t.Context())
		require.NoError(t, err)
		assert.Zero(t, time.Since(came))
		all.Wait()
	})
}

// Reasons have words for people.
func TestReasons(t *testing.T) {
	seen := map[string]bool{"unknown": true}
	for reason := ratelimit.ReasonNoToken; reason <= ratelimit.ReasonNever; reason++ {
		assert.False(t, seen[reason.String()], "%d: %v", reason, reason)
		seen[reason.String()] = true
	}
	assert.Equal(t, "unknown", ratelimit.Reason(0).String())
	assert.Equal(t, "unknown", ratelimit.Reason(99).String())
}
