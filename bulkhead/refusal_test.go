package bulkhead_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fault"
)

var errShutdown = errors.New("shutting down")

// A refusal says who refuses, why, and how long that took.
func TestRefusal(t *testing.T) {
	before := func(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
		return func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, d, errors.New("total: no answer within "+d.String()))
		}
	}
	for _, test := range []struct {
		name         string
		limit, queue int
		waiting      int // others in the queue
		caller       func(context.Context) (context.Context, context.CancelFunc)
		want         bulkhead.FullError
		text         string
		end          error // that it matches
	}{
		{
			name: "no queue", limit: 64,
			want: bulkhead.FullError{Reason: bulkhead.ReasonFull},
			text: "stock is full: all 64 permits are taken, and there is no queue",
		},
		{
			name: "one permit", limit: 1,
			want: bulkhead.FullError{Reason: bulkhead.ReasonFull},
			text: "stock is full: its only permit is taken, and there is no queue",
		},
		{
			name: "queue full", limit: 4, queue: 2, waiting: 2,
			want: bulkhead.FullError{Reason: bulkhead.ReasonQueueFull},
			text: "stock is full: all 4 permits are taken, and so are all 2 places in the queue",
		},
		{
			name: "queue of one full", limit: 4, queue: 1, waiting: 1,
			want: bulkhead.FullError{Reason: bulkhead.ReasonQueueFull},
			text: "stock is full: all 4 permits are taken, and so is the only place in the queue",
		},
		{
			name: "waited", limit: 4, queue: 2, waiting: 1,
			want: bulkhead.FullError{Reason: bulkhead.ReasonWaited, Waited: 100 * ms},
			text: "stock is full: all 4 permits are taken; none came free in 100ms, the longest wait allowed",
		},
		{
			name: "waited, the deadline is later", limit: 4, queue: 2, caller: before(100*ms + 1),
			want: bulkhead.FullError{Reason: bulkhead.ReasonWaited, Waited: 100 * ms},
			text: "stock is full: all 4 permits are taken; none came free in 100ms, the longest wait allowed",
		},
		{
			name: "deadline", limit: 4, queue: 2, caller: before(20 * ms),
			want: bulkhead.FullError{Reason: bulkhead.ReasonDeadline, Waited: 20 * ms},
			text: "stock is full: all 4 permits are taken; none came free in 20ms, until the deadline: total: no answer within 20ms",
			end:  context.DeadlineExceeded,
		},
		{
			name: "deadline, at the longest wait", limit: 4, queue: 2, caller: before(100 * ms),
			want: bulkhead.FullError{Reason: bulkhead.ReasonDeadline, Waited: 100 * ms},
			text: "stock is full: all 4 permits are taken; none came free in 100ms, until the deadline: total: no answer within 100ms",
			end:  context.DeadlineExceeded,
		},
		{
			name: "deadline passed", limit: 4, queue: 2, caller: before(0),
			want: bulkhead.FullError{Reason: bulkhead.ReasonDeadline},
			text: "stock is full: all 4 permits are taken; the deadline has passed: total: no answer within 0s",
			end:  context.DeadlineExceeded,
		},
		{
			name: "deadline passed, says the clock and not the context yet", limit: 4, queue: 2,
			caller: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return late{ctx, time.Now()}, func() {}
			},
			want: bulkhead.FullError{Reason: bulkhead.ReasonDeadline},
			text: "stock is full: all 4 permits are taken; the deadline has passed: context deadline exceeded",
			end:  context.DeadlineExceeded,
		},
		{
			name: "deadline passed in the queue, says the clock and not the context yet", limit: 4, queue: 2,
			caller: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return late{ctx, time.Now().Add(ms)}, func() {}
			},
			want: bulkhead.FullError{Reason: bulkhead.ReasonDeadline, Waited: 2 * ms}, // it has a millisecond of grace
			text: "stock is full: all 4 permits are taken; none came free in 2ms, until the deadline: context deadline exceeded",
			end:  context.DeadlineExceeded,
		},
		{
			name: "canceled", limit: 4, queue: 2,
			caller: func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancelCause(ctx)
				time.AfterFunc(12*ms, func() { cancel(errShutdown) })
				return ctx, func() {}
			},
			want: bulkhead.FullError{Reason: bulkhead.ReasonCanceled, Waited: 12 * ms},
			text: "stock is full: all 4 permits are taken; the caller went after a wait of 12ms: shutting down",
			end:  context.Canceled,
		},
		{
			name: "canceled before", limit: 4, queue: 2,
			caller: func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return ctx, cancel
			},
			want: bulkhead.FullError{Reason: bulkhead.ReasonCanceled},
			text: "stock is full: all 4 permits are taken; the caller has gone: context canceled",
			end:  context.Canceled,
		},
	} {
		in(t, test.name, func(t *testing.T) {
			options := []bulkhead.Option{bulkhead.Name("stock")}
			if test.queue > 0 {
				options = append(options, bulkhead.Queue(test.queue, 100*ms))
			}
			b := bulkhead.New(test.limit, options...)
			fill(t, b)
			others := visits(b, test.waiting)
			ctx, cancel := always, context.CancelFunc(func() {})
			if test.caller != nil {
				ctx, cancel = test.caller(always)
			}
			defer cancel()
			start := time.Now()
			got := refused(t, b, ctx)
			assert.Equal(t, test.want.Waited, time.Since(start), "in time")

			want := test.want
			want.Name, want.Limit, want.Queue = "stock", test.limit, test.queue
			assert.Equal(t, want, bulkhead.FullError{Name: got.Name, Limit: got.Limit, Queue: got.Queue, Reason: got.Reason, Waited: got.Waited})
			assert.EqualError(t, got, test.text)
			matches(t, got, test.end)
			for _, v := range others {
				v.cancel(nil)
			}
			synctest.Wait()
			holds(t, b, test.limit, 0)
		})
	}
}

// late is a context whose deadline passes before it says that it has ended.
type late struct {
	context.Context
	at time.Time
}

func (l late) Deadline() (time.Time, bool) { return l.at, true }

// matches requires of a refusal what the rest of a program can tell from it.
func matches(t *testing.T, full *bulkhead.FullError, end error) {
	t.Helper()
	err := fmt.Errorf("stock: %w", full)
	require.ErrorIs(t, err, bulkhead.ErrFull)
	require.ErrorIs(t, err, fault.ErrRejected)
	for _, other := range []error{context.Canceled, context.DeadlineExceeded} {
		assert.Equal(t, other == end, errors.Is(err, other), "%v", other) //nolint:errorlint // identity is what is meant
	}
	assert.NotErrorIs(t, err, errors.New("bulkhead full"))
	assert.Equal(t, fault.ClassRejected, fault.Of(err), "however it came to it")
	var timeout interface{ Timeout() bool }
	require.ErrorAs(t, err, &timeout)
	assert.False(t, timeout.Timeout())
	_, known := full.RetryAfter()
	assert.False(t, known)
	_, known = fault.RetryAfter(err)
	assert.False(t, known, "when to come back")
}

// The cause of a context's end is found, too: which timeout it was, or who canceled.
func TestRefusalHasTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(1, bulkhead.Queue(1, time.Second))
		begin(t, b)
		v := visit(b, always)
		v.cancel(errShutdown)
		<-v.done
		assert.ErrorIs(t, v.err, errShutdown)
		assert.ErrorIs(t, v.err, context.Canceled)
	})
}

// What is refused at once is refused with the same error each time.
func TestRefusalsAtOnceAreMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full, queued := bulkhead.New(1), bulkhead.New(1, bulkhead.Queue(1, time.Second))
		begin(t, full)
		begin(t, queued)
		visit(queued, always)
		for _, b := range []*bulkhead.Bulkhead{full, queued} {
			once, again := refused(t, b, always), refused(t, b, always)
			assert.Same(t, once, again)
		}
		time.Sleep(time.Second)
		synctest.Wait()
	})
}

// Reasons have names, all different.
func TestReasons(t *testing.T) {
	names := map[bulkhead.Reason]string{
		bulkhead.ReasonFull: "full", bulkhead.ReasonQueueFull: "queue_full", bulkhead.ReasonWaited: "waited",
		bulkhead.ReasonDeadline: "deadline", bulkhead.ReasonCanceled: "canceled", 99: "unknown",
	}
	for reason, name := range names {
		assert.Equal(t, name, reason.String())
	}
}
