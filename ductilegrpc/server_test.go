package ductilegrpc_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

const shed = "the server sheds load: try again later"

// What every policy refuses the client is told by the right code, and when to come back where that is known, in the same words by detail and
// by trailer. It is told nothing else; those around the server are told all.
func TestServerSheds(t *testing.T) {
	full := bulkhead.New(1, bulkhead.Name("secret bulkhead"))
	_, err := full.Acquire(t.Context())
	require.NoError(t, err)
	queued := bulkhead.New(1, bulkhead.Name("secret queue"), bulkhead.Queue(1, time.Millisecond))
	_, err = queued.Acquire(t.Context())
	require.NoError(t, err)
	drained := ratelimit.New(1.0/60, 1, ratelimit.Name("secret limiter"))
	_, err = drained.Acquire(t.Context())
	require.NoError(t, err)
	open := breaker.New(breaker.Name("secret breaker"), breaker.ConsecutiveFailures(1), breaker.OpenTime(time.Minute), breaker.OpenTimeJitter(0))
	token, err := open.Acquire(t.Context())
	require.NoError(t, err)
	open.Release(token, errors.New("secret"))
	isolated := breaker.New(breaker.Name("secret breaker"))
	isolated.Isolate("secret")

	for _, test := range []struct {
		name   string
		policy ductile.Policy
		is     error
		code   codes.Code
		after  time.Duration // nothing where it is not known
	}{
		{"bulkhead", full, bulkhead.ErrFull, codes.Unavailable, 0},
		{"bulkhead with a queue", queued, bulkhead.ErrFull, codes.Unavailable, 0},
		{"limiter", drained, ratelimit.ErrLimited, codes.ResourceExhausted, time.Minute},
		{"limiter of one's own", refusingGate{fmt.Errorf("secret: %w", ratelimit.ErrLimited)}, ratelimit.ErrLimited, codes.ResourceExhausted, 0},
		{"breaker", open, breaker.ErrOpen, codes.Unavailable, time.Minute},
		{"isolated breaker", isolated, breaker.ErrOpen, codes.Unavailable, 0},
		{"gate of one's own", refusingGate{errors.New("secret")}, fault.ErrRejected, codes.Unavailable, 0},
		{"gate of one's own that knows", refusingGate{comeBack(time.Minute)}, fault.ErrRejected, codes.Unavailable, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			options, ends := watched(serverOf(timeout.New(time.Hour), test.policy))
			client := shopUntouched(t).open(t, options...).client(t, nil)
			for _, kind := range kindsOfCall() {
				trailer, err := kind.call(t.Context(), client)
				require.Equal(t, test.code, status.Code(err), kind.name)
				assert.Equal(t, shed, status.Convert(err).Message(), kind.name)
				info, hinted := retryInfoOf(err)
				pushback, pushed := pushbackOf(t, trailer)
				assert.Equal(t, test.after > 0, hinted, kind.name)
				assert.Equal(t, test.after > 0, pushed, kind.name)
				assert.Equal(t, info, pushback, kind.name)
				assert.LessOrEqual(t, len(status.Convert(err).Details()), 1)
				if test.after > 0 {
					assert.Greater(t, info, test.after-10*time.Second, kind.name)
					assert.LessOrEqual(t, info, test.after*3/2, kind.name)
				}

				end := <-ends
				require.ErrorIs(t, end, test.is, kind.name)
				require.ErrorIs(t, end, fault.ErrRejected, kind.name)
				assert.Equal(t, fault.ClassRejected, fault.Of(end))
				assert.Contains(t, end.Error(), "secret", kind.name)
				assert.Equal(t, test.code, status.Code(end))
				var refused *ductilegrpc.ServerError
				assert.ErrorAs(t, end, &refused)
			}
		})
	}
}

// Those who were refused do not come back at the same moment.
func TestServerSpreadsPushbacks(t *testing.T) {
	client := shopUntouched(t).openInMemory(t, serverOf(refusingGate{comeBack(time.Minute)}).ServerOptions()...).client(t, nil)
	told := map[time.Duration]bool{}
	for range 50 {
		trailer, _ := kindsOfCall()[0].call(t.Context(), client)
		pushback, ok := pushbackOf(t, trailer)
		require.True(t, ok)
		assert.GreaterOrEqual(t, pushback, time.Minute)
		assert.Less(t, pushback, 90*time.Second)
		told[pushback] = true
	}
	assert.Greater(t, len(told), 40)
}

// Between the two ends: a client of ours comes back when a server of ours has said, and not before, by whichever schedule of its own.
func TestServerPushbackIsHonored(t *testing.T) {
	const after = 50 * time.Millisecond
	for _, kind := range kindsOfCall()[:2] {
		var refusals atomic.Int32
		var refused, served time.Time
		gate := refusingOnce{refuse: func() error {
			if refusals.Add(1) > 1 {
				return nil
			}
			refused = time.Now()
			return comeBack(after)
		}}
		options, ends := watched(serverOf(gate))
		branch := shopDoing(func(context.Context) error {
			served = time.Now()
			return nil
		}).open(t, options...)
		waits := make(chan time.Duration, 10)
		client := branch.client(t, ductilegrpc.NewClient(
			ductile.New("client", retry.New(retry.Constant(time.Nanosecond), retry.Budget(budget.Unlimited()),
				retry.OnRetry(func(e retry.Event) { waits <- e.Wait }))),
			ductilegrpc.Methods(ductilegrpc.Idempotent, kind.method)))
		_, err := kind.call(t.Context(), client)
		require.NoError(t, err, kind.name)
		said, ok := retryInfoOf(<-ends)
		require.True(t, ok)
		assert.Equal(t, said, <-waits, kind.name)
		assert.GreaterOrEqual(t, said, after)
		assert.Equal(t, int32(2), refusals.Load())
		assert.GreaterOrEqual(t, served.Sub(refused), said, kind.name)
	}
}

type refusingOnce struct{ refuse func() error }

func (refusingOnce) Name() string                              { return "once" }
func (g refusingOnce) Acquire(context.Context) (uint64, error) { return 0, g.refuse() }
func (refusingOnce) Release(uint64, error)                     {}

// A handler whose client no longer waits is not started. What ended the call may be the refusal of another, whose hint is not ours.
func TestServerDoesNotStartTheDead(t *testing.T) {
	for name, policies := range map[string][]ductile.Policy{
		"none": nil, "timeout": {timeout.New(time.Hour)}, "bulkhead": {bulkhead.New(1)}, "limiter": {ratelimit.New(1, 1)}, "breaker": {breaker.New()},
		"gate": {refusingGate{comeBack(time.Minute)}},
	} {
		t.Run(name, func(t *testing.T) {
			var dead context.Context
			s := serverOf(policies...)
			options := append(around(func(ctx context.Context, next func(context.Context) error) error {
				return next(within{ctx, dead})
			}), s.ServerOptions()...)
			client := shopUntouched(t).open(t, options...).client(t, nil)
			gone, cancel := context.WithCancelCause(t.Context())
			cancel(errors.Join(ratelimit.ErrLimited, comeBack(time.Minute)))
			late, stop := context.WithDeadlineCause(t.Context(), time.Unix(0, 0), comeBack(time.Minute))
			defer stop()
			for _, kind := range kindsOfCall() {
				for code, ctx := range map[codes.Code]context.Context{codes.Canceled: gone, codes.DeadlineExceeded: late} {
					dead = ctx
					trailer, err := kind.call(t.Context(), client)
					assert.Equal(t, code, status.Code(err), kind.name)
					assert.Equal(t, ctx.Err().Error(), status.Convert(err).Message())
					assert.Empty(t, status.Convert(err).Details())
					assert.NotContains(t, trailer, "grpc-retry-pushback-ms")
				}
			}
		})
	}
}

// Why a context has ended is nobody's business but ours, and one whose deadline has passed need not have noticed yet.
func TestServerSaysThatACallIsDeadAndNoMore(t *testing.T) {
	gone, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("secret"))
	for want, ctx := range map[error]context.Context{context.Canceled: gone, context.DeadlineExceeded: overdue{t.Context()}} {
		_, err := serverOf(refusingGate{comeBack(time.Minute)}).Unary(ctx, nil, &grpc.UnaryServerInfo{FullMethod: unaryCall},
			func(context.Context, any) (any, error) { return nil, errors.New("not to be reached") })
		assert.Equal(t, status.FromContextError(want), status.Convert(err))
	}
}

// overdue is a context whose deadline has just passed.
type overdue struct{ context.Context }

func (overdue) Deadline() (time.Time, bool) { return time.Now(), true }

// within is a context with the values of one and the end of another.
type within struct {
	context.Context
	end context.Context
}

func (w within) Deadline() (time.Time, bool) { return w.end.Deadline() }
func (w within) Done() <-chan struct{}       { return w.end.Done() }
func (w within) Err() error                  { return w.end.Err() }

// By the time that a client's deadline has passed, or it has gone, the call is not started.
func TestServerDoesNotStartPastTheDeadline(t *testing.T) {
	for _, kind := range kindsOfCall() {
		for _, leave := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				ends, arrived := make(chan error, 1), make(chan struct{})
				options := append(around(func(ctx context.Context, next func(context.Context) error) error {
					close(arrived)
					<-ctx.Done()
					err := next(ctx)
					ends <- err
					return err
				}), serverOf(bulkhead.New(1), timeout.New(time.Hour)).ServerOptions()...)
				client := shopUntouched(t).openInMemory(t, options...).client(t, nil)
				want := []codes.Code{codes.Canceled}
				ctx, cancel := context.WithCancel(t.Context())
				if leave {
					go func() {
						<-arrived
						cancel()
					}()
				} else {
					cancel()
					ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
					want = []codes.Code{codes.DeadlineExceeded, codes.Canceled} // the client says so, too, when its deadline has passed
				}
				_, err := kind.call(ctx, client)
				cancel()
				require.Error(t, err)
				assert.Contains(t, want, status.Code(<-ends), kind.name)
			})
		}
	}
}

// A deadline that passes while a call is queued is the client's, and not a refusal to come back from.
func TestServerQueuesNoLongerThanTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slots := bulkhead.New(1, bulkhead.Queue(1, time.Hour))
		_, err := slots.Acquire(t.Context())
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err = serverOf(slots).Unary(ctx, nil, &grpc.UnaryServerInfo{FullMethod: unaryCall}, func(context.Context, any) (any, error) {
			return nil, errors.New("not to be reached")
		})
		assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
		require.ErrorIs(t, err, bulkhead.ErrFull)

		_, err = serverOf(timeout.New(20*time.Millisecond), slots).Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unaryCall},
			func(context.Context, any) (any, error) { return nil, errors.New("not to be reached") })
		assert.Equal(t, codes.Unavailable, status.Code(err), "the client has time left, and could ask another server")
	})
}

// A handler that heeds its timeout has its call end as late, in words that say nothing. What it answers by itself, however late, stays.
func TestServerTimeouts(t *testing.T) {
	const over = "the server has run out of time for this call"
	down, failed := errors.New("the database is down"), breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}
	says := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	for _, test := range []struct {
		name   string
		answer func(context.Context) error
		code   codes.Code
		text   string
		counts breaker.Counts
	}{
		{"the context's error", context.Context.Err, codes.DeadlineExceeded, over, failed},
		{"its cause", context.Cause, codes.DeadlineExceeded, over, failed},
		{"wrapped", func(ctx context.Context) error { return fmt.Errorf("secret: %w", ctx.Err()) }, codes.DeadlineExceeded, over, failed},
		{"of a context inside", says(context.Canceled), codes.DeadlineExceeded, over, failed},
		{"a failure", says(down), codes.Unknown, down.Error(), failed},
		{"a status", says(status.Error(codes.Unavailable, "mine")), codes.Unavailable, "mine", failed},
		{"the context's status", func(ctx context.Context) error {
			return status.FromContextError(ctx.Err()).Err()
		}, codes.DeadlineExceeded, context.DeadlineExceeded.Error(), failed},
		{"a status for a context's error", func(ctx context.Context) error {
			return fmt.Errorf("%w, %w", status.Error(codes.Unavailable, "mine"), ctx.Err())
		}, codes.Unavailable, "rpc error: code = Unavailable desc = mine, context deadline exceeded", failed},
		{"an answer", says(status.Error(codes.NotFound, "mine")), codes.NotFound, "mine", breaker.Counts{Calls: 1}},
		{"success", says(nil), codes.OK, "", breaker.Counts{Calls: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, kind := range kindsOfCall() {
				synctest.Test(t, func(t *testing.T) {
					tally := breaker.New()
					options, ends := watched(serverOf(timeout.New(50*time.Millisecond, timeout.Name("secret timeout")), tally))
					client := shopDoing(func(ctx context.Context) error {
						<-ctx.Done()
						assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
						return test.answer(ctx)
					}).openInMemory(t, options...).client(t, nil)
					_, err := kind.call(t.Context(), client)
					assert.Equal(t, test.code, status.Code(err), kind.name)
					assert.Equal(t, test.text, status.Convert(err).Message(), kind.name)
					assert.Equal(t, test.counts, tally.Snapshot().Counts, kind.name)
					if end := <-ends; test.text == over {
						require.ErrorIs(t, end, timeout.ErrExceeded)
						assert.Contains(t, end.Error(), "secret timeout")
					} else {
						require.NotErrorIs(t, end, timeout.ErrExceeded, "what the handler said is untouched")
					}
				})
			}
		})
	}
}

// What a handler returns is what leaves the interceptor: the very reply, the very error, both of them at once.
func TestServerReturnsWhatTheHandlerDid(t *testing.T) {
	plain := errors.New("plain")
	for _, want := range []error{
		nil, plain, context.Canceled, context.DeadlineExceeded, status.Error(codes.NotFound, "none"), status.Error(codes.Internal, "broken"),
		fmt.Errorf("wrapped: %w", status.Error(codes.Unavailable, "down")), fault.Permanent(plain),
	} {
		s := serverOf(timeout.New(time.Hour), bulkhead.New(1), ratelimit.New(1e6, 1e6), breaker.New())
		request, reply := &testpb.SimpleRequest{}, &testpb.SimpleResponse{}
		got, err := s.Unary(t.Context(), request, &grpc.UnaryServerInfo{FullMethod: unaryCall}, func(_ context.Context, r any) (any, error) {
			assert.Same(t, request, r)
			return reply, want
		})
		assert.Same(t, reply, got)
		assert.Equal(t, want, err)
		err = s.Stream(t, &streamOf{nil, t.Context()}, &grpc.StreamServerInfo{FullMethod: outputCall}, func(srv any, _ grpc.ServerStream) error {
			assert.Same(t, t, srv)
			return want
		})
		assert.Equal(t, want, err)
	}
}

// A stream is wrapped where its context is another, and nowhere else: it may be of a type that the handler knows.
func TestServerWrapsStreamsWhereItMust(t *testing.T) {
	info := &grpc.StreamServerInfo{FullMethod: outputCall}
	stream := &streamOf{nil, t.Context()}
	for _, p := range [][]ductile.Policy{nil, {bulkhead.New(1)}} {
		require.NoError(t, serverOf(p...).Stream(nil, stream, info, func(_ any, got grpc.ServerStream) error {
			assert.Same(t, stream, got)
			return nil
		}))
	}
	require.NoError(t, serverOf(timeout.New(time.Hour)).Stream(nil, stream, info, func(_ any, got grpc.ServerStream) error {
		deadline, ok := got.Context().Deadline()
		assert.True(t, ok)
		assert.WithinDuration(t, time.Now().Add(time.Hour), deadline, time.Minute)
		return nil
	}))
	odd := &streamOf{nil, uncomparableContext{t.Context(), nil}}
	require.NoError(t, serverOf().Stream(nil, odd, info, func(any, grpc.ServerStream) error { return nil }))
}

type uncomparableContext struct {
	context.Context
	_ []int
}

// What a handler asks of others by its context is repeated there as ever.
func TestServerLeavesWhatAHandlerCallsAlone(t *testing.T) {
	attempts := 0
	info := &grpc.UnaryServerInfo{FullMethod: unaryCall}
	_, _ = serverOf(timeout.New(time.Minute)).Unary(t.Context(), nil, info, func(ctx context.Context, _ any) (any, error) {
		again := retry.New(retry.Constant(time.Nanosecond), retry.Budget(budget.Unlimited()))
		return nil, ductile.Run(ctx, ductile.New("inner", again), func(context.Context) error {
			attempts++
			return errors.New("down")
		})
	})
	assert.Equal(t, 3, attempts)
}
