package ductilegrpc_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// detailed is a status with a detail of the server's.
func detailed(t *testing.T, code codes.Code) error {
	t.Helper()
	s, err := status.New(code, "the server's").WithDetails(&errdetails.ErrorInfo{Reason: "detail"})
	require.NoError(t, err)
	return s.Err()
}

func fails(err error) func(*call) error { return func(*call) error { return err } }

// What a call returns that a policy has ended: the code and the details for gRPC, and the policy's own error for who asks for that.
func TestErrorsInBothWorlds(t *testing.T) { synctest.Test(t, errorsInBothWorlds) }

func errorsInBothWorlds(t *testing.T) {
	open := breaker.New()
	for range 5 {
		token, err := open.Acquire(t.Context())
		require.NoError(t, err)
		open.Release(token, errors.New("down"))
	}
	full := bulkhead.New(1)
	_, err := full.Acquire(t.Context())
	require.NoError(t, err)
	limited := ratelimit.New(0.001, 1)
	_, err = limited.Acquire(t.Context())
	require.NoError(t, err)
	gaveUp, fellBack, mismatch, timedOut := new(ductile.RetryError), new(ductile.FallbackError), new(ductile.MismatchError), new(timeout.Error)
	errCache := errors.New("the cache is empty")
	down := detailed(t, codes.Unavailable)

	for _, row := range []struct {
		name    string
		p       []ductile.Policy
		invoke  func(*call) error
		code    codes.Code
		is      []error
		as      any
		info    bool // the server's detail is there
		comesAt bool // there is a RetryInfo
	}{
		{name: "open", p: []ductile.Policy{open}, code: codes.Unavailable, is: []error{breaker.ErrOpen, fault.ErrRejected}, comesAt: true},
		{name: "full", p: []ductile.Policy{full}, code: codes.Unavailable, is: []error{bulkhead.ErrFull, fault.ErrRejected}},
		{name: "limited", p: []ductile.Policy{limited}, code: codes.Unavailable, is: []error{ratelimit.ErrLimited, fault.ErrRejected}, comesAt: true},
		{name: "a gate of one's own", p: []ductile.Policy{&refuser{}}, code: codes.Unavailable, is: []error{fault.ErrRejected}},
		{
			name: "open, under a retry", p: []ductile.Policy{eager(), open}, code: codes.Unavailable,
			is: []error{breaker.ErrOpen}, comesAt: true,
		},
		{
			name: "a retry that gave up", p: []ductile.Policy{eager()}, invoke: fails(down), code: codes.Unavailable,
			is: []error{retry.ErrAttempts, down}, as: &gaveUp, info: true,
		},
		{
			name: "a retry that the server has stopped", p: []ductile.Policy{eager()}, code: codes.Unavailable, is: []error{retry.ErrPushback, down},
			invoke: func(c *call) error {
				c.tell(nil, map[string][]string{"grpc-retry-pushback-ms": {"-1"}})
				return down
			}, info: true,
		},
		{
			name: "a timeout", p: []ductile.Policy{timeout.New(time.Second)}, code: codes.DeadlineExceeded, as: &timedOut, info: true,
			invoke: func(c *call) error { <-c.ctx.Done(); return detailed(t, codes.DeadlineExceeded) },
		},
		{
			name: "a timeout that nobody heeds", p: []ductile.Policy{timeout.New(time.Second, timeout.Detached())}, code: codes.DeadlineExceeded,
			as: &timedOut, invoke: func(*call) error { time.Sleep(time.Minute); return nil },
		},
		{
			name: "a fallback that failed", p: []ductile.Policy{fallback.Func(func(context.Context, error) (*testpb.SimpleResponse, error) {
				return nil, errCache
			})}, invoke: fails(down), code: codes.Unavailable, is: []error{errCache, down}, as: &fellBack, info: true,
		},
		{
			name: "a fallback of another type", p: []ductile.Policy{fallback.Run(func(context.Context, error) error { return nil })},
			code: codes.Internal, as: &mismatch,
		},
		{name: "one attempt", p: []ductile.Policy{retry.New(retry.Attempts(1))}, invoke: fails(down), code: codes.Unavailable, is: []error{down}, info: true},
		{name: "an error that gRPC does not know", invoke: fails(errCache), code: codes.Unknown, is: []error{errCache}},
		{name: "a canceled context that is none of the caller's", invoke: fails(context.Canceled), code: codes.Canceled, is: []error{context.Canceled}},
	} {
		if row.invoke == nil {
			row.invoke = func(*call) error { assert.Fail(t, "called", row.name); return nil }
		}
		c := ductilegrpc.NewClient(ductile.NewConcurrent("test", row.p...), ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall))
		err := stub(t, c, row.invoke)
		require.Error(t, err, row.name)
		s, ok := status.FromError(err)
		assert.True(t, ok, row.name)
		assert.Equal(t, row.code, s.Code(), row.name)
		assert.Equal(t, row.code, status.Code(err), row.name)
		for _, target := range row.is {
			require.ErrorIs(t, err, target, row.name)
		}
		if row.as != nil {
			require.ErrorAs(t, err, row.as, row.name)
		}
		info, comesAt := false, false
		for _, d := range status.Convert(err).Details() {
			switch d := d.(type) {
			case *errdetails.ErrorInfo:
				info = d.GetReason() == "detail"
			case *errdetails.RetryInfo:
				comesAt = d.GetRetryDelay().AsDuration() > 0
			}
		}
		assert.Equal(t, row.info, info, row.name)
		assert.Equal(t, row.comesAt, comesAt, row.name)
		if e := new(ductilegrpc.Error); errors.As(err, &e) {
			assert.Equal(t, err.Error(), s.Message(), row.name)
		}
	}
	time.Sleep(time.Hour)
}

// A single attempt that failed returns its own error, so that who compares it sees no difference.
func TestTheOnlyAttemptsOwnError(t *testing.T) {
	down := status.Error(codes.NotFound, "x")
	assert.Same(t, down, stub(t, ductilegrpc.NewClient(ductile.New("test", eager(), breaker.New())), fails(down)))
}

// The caller who leaves, by hand or by a deadline, before, in and between attempts.
func TestTheCallersEnd(t *testing.T) {
	for name, row := range map[string]struct {
		p      ductile.Composed
		invoke func(*call) error
	}{
		"before": {ductile.New("test", eager()), nil},
		"in an attempt, as gRPC has it": {ductile.New("test", eager()), func(c *call) error {
			<-c.ctx.Done()
			return status.FromContextError(c.ctx.Err()).Err()
		}},
		"in an attempt, as others have it": {ductile.New("test", eager()), func(c *call) error {
			<-c.ctx.Done()
			return c.ctx.Err()
		}},
		"in an attempt that does not heed it": {ductile.NewConcurrent("test", timeout.New(time.Hour, timeout.Detached())), func(*call) error {
			time.Sleep(time.Minute)
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, byDeadline := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					want := codes.Canceled
					if byDeadline {
						ctx, cancel = context.WithTimeout(t.Context(), time.Second)
						want = codes.DeadlineExceeded
					} else {
						time.AfterFunc(time.Second, cancel)
					}
					defer cancel()
					invoke := row.invoke
					if invoke == nil {
						<-ctx.Done()
						invoke = func(*call) error { assert.Fail(t, "called"); return nil }
					}
					var attempts atomic.Int32
					c := ductilegrpc.NewClient(row.p, ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall))
					err := c.Unary(ctx, unaryCall, new(testpb.SimpleRequest), new(testpb.SimpleResponse), nil, invoker(func(c *call) error {
						attempts.Add(1)
						return invoke(c)
					}))
					assert.Equal(t, want, status.Code(err), "%v", err)
					assert.LessOrEqual(t, attempts.Load(), int32(1))
					time.Sleep(time.Hour)
				})
			}
		})
	}
	t.Run("while a retry waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			c := ductilegrpc.NewClient(ductile.New("test", retry.New(retry.Constant(time.Minute))), ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall))
			err := c.Unary(ctx, unaryCall, new(testpb.SimpleRequest), new(testpb.SimpleResponse), nil, invoker(fails(errUnavailable)))
			assert.Equal(t, codes.Canceled, status.Code(err))
			require.ErrorIs(t, err, errUnavailable)
			assert.ErrorIs(t, err, context.Canceled)
		})
	})
}

// A context that ends when something else had ended the call has no part in it.
func TestAContextThatEndsTooLateRegression(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := ductilegrpc.NewClient(ductile.New("test", departing{cancel}, eager()), ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall))
	err := c.Unary(ctx, unaryCall, new(testpb.SimpleRequest), new(testpb.SimpleResponse), nil, invoker(fails(errUnavailable)))
	require.ErrorIs(t, err, retry.ErrAttempts)
	assert.Equal(t, codes.Unavailable, status.Code(err))
}

// departing is a gate during whose Release the caller leaves.
type departing struct{ cancel func() }

func (departing) Name() string                            { return "departing" }
func (departing) Acquire(context.Context) (uint64, error) { return 0, nil }
func (l departing) Release(uint64, error)                 { l.cancel() }

// A server's Canceled is no failure of it, nor the caller's end.
func TestCanceledByTheServer(t *testing.T) {
	b := breaker.New()
	attempts := 0
	c := ductilegrpc.NewClient(ductile.New("test", eager(), b), ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall))
	err := stub(t, c, func(*call) error { attempts++; return status.Error(codes.Canceled, "x") })
	assert.Equal(t, codes.Canceled, status.Code(err))
	assert.Equal(t, 1, attempts)
	assert.Zero(t, b.Snapshot().Counts.Failures)
}
