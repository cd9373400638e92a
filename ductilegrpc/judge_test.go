package ductilegrpc_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// eager is a retry that hardly waits.
func eager(options ...retry.Option) *retry.Policy {
	return retry.New(append([]retry.Option{retry.Constant(time.Microsecond), retry.Budget(budget.Unlimited())}, options...)...)
}

// A meeting is what a client makes of a server that always answers the same.
type meeting struct {
	attempts int32
	breaker  breaker.Snapshot
	err      error
}

// meet calls a server whose method ends with answer.
func meet(t *testing.T, level ductilegrpc.Idempotency, answer func(context.Context) error, options ...ductilegrpc.ClientOption) meeting {
	t.Helper()
	var attempts atomic.Int32
	s := &shop{unary: func(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		attempts.Add(1)
		return &testpb.SimpleResponse{}, answer(ctx)
	}}
	b := breaker.New()
	options = append(options, ductilegrpc.Methods(level, unaryCall))
	client := s.openInMemory(t).client(t, ductilegrpc.NewClient(ductile.New("test", eager(), b), options...))
	_, err := client.UnaryCall(t.Context(), new(testpb.SimpleRequest))
	return meeting{attempts.Load(), b.Snapshot(), err}
}

// The table in the documentation of the package: what a code is to a breaker and to a retry.
func TestCodes(t *testing.T) {
	const failure, other = true, false
	for _, row := range []struct {
		code     codes.Code
		class    fault.Class
		attempts int32
		counts   bool
	}{
		{codes.OK, fault.ClassSuccess, 1, other},
		{codes.Canceled, fault.ClassIgnored, 1, other},
		{codes.Unknown, fault.ClassTransient, 1, failure},
		{codes.InvalidArgument, fault.ClassPermanent, 1, other},
		{codes.DeadlineExceeded, fault.ClassTimeout, 1, failure},
		{codes.NotFound, fault.ClassPermanent, 1, other},
		{codes.AlreadyExists, fault.ClassPermanent, 1, other},
		{codes.PermissionDenied, fault.ClassPermanent, 1, other},
		{codes.ResourceExhausted, fault.ClassOverload, 1, failure},
		{codes.FailedPrecondition, fault.ClassPermanent, 1, other},
		{codes.Aborted, fault.ClassPermanent, 1, other},
		{codes.OutOfRange, fault.ClassPermanent, 1, other},
		{codes.Unimplemented, fault.ClassPermanent, 1, other},
		{codes.Internal, fault.ClassTransient, 1, failure},
		{codes.Unavailable, fault.ClassTransient, 3, failure},
		{codes.DataLoss, fault.ClassTransient, 1, failure},
		{codes.Unauthenticated, fault.ClassPermanent, 1, other},
		{17, fault.ClassTransient, 1, failure},
		{99, fault.ClassTransient, 1, failure},
		{math.MaxInt32, fault.ClassTransient, 1, failure},
	} {
		t.Run(row.code.String(), func(t *testing.T) {
			class, repeat := ductilegrpc.Class(status.New(row.code, "x"))
			assert.Equal(t, row.class, class)
			assert.Equal(t, row.attempts > 1, repeat)
			for level, attempts := range map[ductilegrpc.Idempotency]int32{
				ductilegrpc.Unknown: 1, ductilegrpc.Idempotent: row.attempts, ductilegrpc.NoSideEffects: row.attempts,
			} {
				m := meet(t, level, func(context.Context) error { return status.Error(row.code, "x") })
				assert.Equal(t, attempts, m.attempts, level)
				assert.Equal(t, row.code, status.Code(m.err), level)
				failures := uint64(0)
				if row.counts {
					failures = uint64(attempts)
				}
				assert.Equal(t, failures, m.breaker.Counts.Failures, level)
			}
		})
	}
}

// A status of no code is nobody's failure; there is none in an error, though, whatever its author meant.
func TestAnErrorThatSaysOKRegression(t *testing.T) {
	b := breaker.New()
	c := ductilegrpc.NewClient(ductile.New("test", b))
	err := stub(t, c, func(*call) error { return ok{} })
	require.ErrorIs(t, err, ok{})
	assert.Equal(t, codes.Unknown, status.Code(err))
	assert.Equal(t, uint64(1), b.Snapshot().Counts.Failures)
}

type ok struct{}

func (ok) Error() string              { return "ok" }
func (ok) GRPCStatus() *status.Status { return status.New(codes.OK, "ok") }

// An error of an interceptor inside is what package fault says it is.
func TestAnErrorWithoutAStatus(t *testing.T) {
	plain := errors.New("plain")
	for _, row := range []struct {
		err      error
		attempts int
		failures uint64
		code     codes.Code
	}{
		{plain, 3, 3, codes.Unknown},
		{fault.Permanent(plain), 1, 0, codes.Unknown},
		{fault.Final(plain), 1, 1, codes.Unknown},
		{fault.Permanent(status.Error(codes.Unavailable, "y")), 1, 0, codes.Unavailable},
		{context.DeadlineExceeded, 3, 3, codes.DeadlineExceeded},
		{fmt.Errorf("x: %w", status.Error(codes.Unavailable, "y")), 3, 3, codes.Unavailable},
		{fmt.Errorf("x: %w", status.Error(codes.NotFound, "y")), 1, 0, codes.NotFound},
	} {
		t.Run(fmt.Sprintf("%T %v", row.err, row.err), func(t *testing.T) {
			b, attempts := breaker.New(), 0
			c := ductilegrpc.NewClient(ductile.New("test", eager(), b), ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall))
			err := stub(t, c, func(*call) error { attempts++; return row.err })
			require.ErrorIs(t, err, row.err)
			assert.Equal(t, row.attempts, attempts)
			assert.Equal(t, row.failures, b.Snapshot().Counts.Failures)
			assert.Equal(t, row.code, status.Code(err))
		})
	}
}

// A message that is too large is so the next time, too, and no fault of the server; whoever finds it, and in whatever words.
func TestMessagesTooLarge(t *testing.T) {
	large := &testpb.Payload{Body: make([]byte, 1<<10)}
	for _, row := range []struct {
		name   string
		server []grpc.ServerOption
		call   []grpc.CallOption
		from   *testpb.Payload
	}{
		{"a request, at the client", nil, []grpc.CallOption{grpc.MaxCallSendMsgSize(100)}, large},
		{"a request, at the server", []grpc.ServerOption{grpc.MaxRecvMsgSize(100)}, nil, large},
		{"a reply, at the server", []grpc.ServerOption{grpc.MaxSendMsgSize(100)}, nil, nil},
		{"a reply, at the client", nil, []grpc.CallOption{grpc.MaxCallRecvMsgSize(100)}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
				return &testpb.SimpleResponse{Payload: large}, nil
			}}
			b := breaker.New()
			client := s.openInMemory(t, row.server...).client(t, ductilegrpc.NewClient(ductile.New("test", b)))
			_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{Payload: row.from}, row.call...)
			require.Equal(t, codes.ResourceExhausted, status.Code(err))
			assert.Zero(t, b.Snapshot().Counts.Failures, err)
		})
	}
	for _, text := range []string{
		"trying to send message larger than max (5 vs. 4)", "grpc: trying to send message larger than max (5 vs. 4)",
		"grpc: received message larger than max (5 vs. 4)", "grpc: received message larger than max length allowed on current machine (5 vs. 4)",
		"grpc: received message after decompression larger than max 4", "grpc: message after decompression larger than max (5 vs. 4)",
	} {
		class, repeat := ductilegrpc.Class(status.New(codes.ResourceExhausted, text))
		assert.Equal(t, fault.ClassPermanent, class, text)
		assert.False(t, repeat, text)
	}
}

// Classify is asked in place of Class, which it may call.
func TestClassify(t *testing.T) {
	opinion := ductilegrpc.Classify(func(s *status.Status) (fault.Class, bool) {
		switch s.Code() {
		case codes.Aborted:
			return fault.ClassTransient, true
		case codes.Unavailable:
			return fault.ClassPermanent, false
		default:
			return ductilegrpc.Class(s)
		}
	})
	for code, want := range map[codes.Code]int32{codes.Aborted: 3, codes.Unavailable: 1, codes.Internal: 1} {
		m := meet(t, ductilegrpc.Idempotent, func(context.Context) error { return status.Error(code, "x") }, opinion)
		assert.Equal(t, want, m.attempts, code)
	}
}

// What a server may say of another attempt, and how many there are.
func TestPushback(t *testing.T) {
	for _, row := range []struct {
		name     string
		code     codes.Code
		trailer  []string
		attempts int32
	}{
		{"absent", codes.Unavailable, nil, 3},
		{"at once", codes.Unavailable, []string{"0"}, 3},
		{"later", codes.Unavailable, []string{"1"}, 3},
		{"with a sign", codes.Unavailable, []string{"+1"}, 3},
		{"no more", codes.Unavailable, []string{"-1"}, 1},
		{"no number", codes.Unavailable, []string{"soon"}, 1},
		{"empty", codes.Unavailable, []string{""}, 1},
		{"space", codes.Unavailable, []string{" 1"}, 1},
		{"a fraction", codes.Unavailable, []string{"0.5"}, 1},
		{"hexadecimal", codes.Unavailable, []string{"0x1"}, 1},
		{"beyond an int64", codes.Unavailable, []string{"99999999999999999999"}, 1},
		{"longer than anybody waits", codes.Unavailable, []string{strconv.FormatInt(math.MaxInt64, 10)}, 1},
		{"two", codes.Unavailable, []string{"1", "1"}, 1},
		{"overload, which says when", codes.ResourceExhausted, []string{"1"}, 3},
		{"overload, never", codes.ResourceExhausted, []string{"-1"}, 1},
		{"a code that is not repeated", codes.Internal, []string{"1"}, 1},
		{"an answer", codes.NotFound, []string{"1"}, 1},
		{"the server's own deadline", codes.DeadlineExceeded, []string{"1"}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := meet(t, ductilegrpc.Idempotent, func(ctx context.Context) error {
				for _, v := range row.trailer {
					_ = grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", v))
				}
				return status.Error(row.code, "x")
			})
			assert.Equal(t, row.attempts, m.attempts)
			assert.Equal(t, row.code, status.Code(m.err))
		})
	}
	t.Run("in the header", func(t *testing.T) {
		m := meet(t, ductilegrpc.Idempotent, func(ctx context.Context) error {
			_ = grpc.SendHeader(ctx, metadata.Pairs("grpc-retry-pushback-ms", "-1"))
			return status.Error(codes.Unavailable, "x")
		})
		assert.Equal(t, int32(3), m.attempts)
	})
}

// A server's RetryInfo says when, where that can be read, and is found among other details.
func TestRetryInfo(t *testing.T) {
	in := func(d *durationpb.Duration) protoadapt.MessageV1 { return &errdetails.RetryInfo{RetryDelay: d} }
	other := &errdetails.DebugInfo{Detail: strings.Repeat("x", 4<<10)}
	for _, row := range []struct {
		name     string
		details  []protoadapt.MessageV1
		attempts int32
	}{
		{"a moment", []protoadapt.MessageV1{in(durationpb.New(time.Microsecond))}, 3},
		{"behind others", []protoadapt.MessageV1{other, in(nil), in(durationpb.New(time.Microsecond))}, 3},
		{"zero", []protoadapt.MessageV1{in(&durationpb.Duration{})}, 3},
		{"less than that", []protoadapt.MessageV1{in(durationpb.New(-time.Hour))}, 3},
		{"none in it", []protoadapt.MessageV1{in(nil)}, 1},
		{"invalid", []protoadapt.MessageV1{in(&durationpb.Duration{Seconds: 1, Nanos: -1})}, 1},
		{"more than there is", []protoadapt.MessageV1{in(&durationpb.Duration{Seconds: math.MaxInt64})}, 1},
		{"an eternity", []protoadapt.MessageV1{in(&durationpb.Duration{Seconds: 300_000_000_000})}, 1},
		{"longer than anybody waits", []protoadapt.MessageV1{in(durationpb.New(time.Hour))}, 1},
		{"not there", []protoadapt.MessageV1{other}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			with, err := status.New(codes.ResourceExhausted, "x").WithDetails(row.details...)
			require.NoError(t, err)
			m := meet(t, ductilegrpc.Idempotent, func(context.Context) error { return with.Err() })
			assert.Equal(t, row.attempts, m.attempts)
			assert.Len(t, status.Convert(m.err).Details(), len(row.details))
		})
	}
	t.Run("no RetryInfo, whatever it is called", func(t *testing.T) {
		p := &spb.Status{Code: int32(codes.ResourceExhausted), Details: []*anypb.Any{
			{TypeUrl: "type.googleapis.com/google.rpc.RetryInfo", Value: []byte{0xff}}, {}, {TypeUrl: "/"},
		}}
		m := meet(t, ductilegrpc.Idempotent, func(context.Context) error { return status.ErrorProto(p) })
		assert.Equal(t, int32(1), m.attempts)
	})
	t.Run("behind very many", func(t *testing.T) {
		p := &spb.Status{Code: int32(codes.ResourceExhausted)}
		for range 16 {
			p.Details = append(p.Details, &anypb.Any{TypeUrl: "x/y"})
		}
		info, err := anypb.New(protoadapt.MessageV2Of(in(durationpb.New(1))))
		require.NoError(t, err)
		for attempts, details := range map[int32][]*anypb.Any{1: p.Details, 3: p.Details[:15]} {
			p := &spb.Status{Code: p.GetCode(), Details: append(slices.Clip(details), info)}
			m := meet(t, ductilegrpc.Idempotent, func(context.Context) error { return status.ErrorProto(p) })
			assert.Equal(t, attempts, m.attempts)
		}
	})
}

// An attempt's own time is worth another, a server's is not: its work may be going on.
func TestWhoseDeadline(t *testing.T) {
	for name, row := range map[string]struct {
		limit    time.Duration
		answer   func(context.Context) error
		attempts int32
	}{
		// The server knows the deadline, too, and may be quicker.
		"the attempt's, as gRPC has it":       {200 * time.Millisecond, func(context.Context) error { time.Sleep(time.Minute); return nil }, 3},
		"the attempt's, as the server has it": {200 * time.Millisecond, func(ctx context.Context) error { <-ctx.Done(); return status.FromContextError(ctx.Err()).Err() }, 3},
		"the server's":                        {time.Hour, func(context.Context) error { return status.Error(codes.DeadlineExceeded, "x") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var attempts atomic.Int32
				s := &shop{unary: func(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
					attempts.Add(1)
					return nil, row.answer(ctx)
				}}
				p := ductile.New("test", eager(), timeout.New(row.limit))
				client := s.openInMemory(t).client(t, ductilegrpc.NewClient(p, ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall)))
				_, err := client.UnaryCall(t.Context(), new(testpb.SimpleRequest))
				assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
				assert.Equal(t, row.attempts, attempts.Load())
				time.Sleep(time.Minute) // until the handlers have returned
			})
		})
	}
}
