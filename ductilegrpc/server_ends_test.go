package ductilegrpc_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/timeout"
)

// Whichever way a call ends, its permit is back when the interceptor is left, and the breaker has heard of it once.
func TestServerGivesPermitsBack(t *testing.T) {
	failure := breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}
	type end struct {
		name   string
		do     func(context.Context) error
		ctx    func(context.Context) (context.Context, context.CancelFunc)
		code   codes.Code
		counts breaker.Counts
	}
	says := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	waits := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	for _, test := range []end{
		{"success", says(nil), context.WithCancel, codes.OK, breaker.Counts{Calls: 1}},
		{"an answer", says(status.Error(codes.NotFound, "")), context.WithCancel, codes.NotFound, breaker.Counts{Calls: 1}},
		{"a plain error", says(errors.New("plain")), context.WithCancel, codes.Unknown, failure},
		{"canceled for a client that is here", says(context.Canceled), context.WithCancel, codes.Canceled, breaker.Counts{}},
		{"panic", func(context.Context) error { panic("broken") }, context.WithCancel, codes.Internal, failure},
		{"panic with nil", func(context.Context) error { panic(nil) }, context.WithCancel, codes.Internal, failure}, //nolint:govet // it is what is tested
		{"the client's deadline", waits, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 50*time.Millisecond)
		}, codes.DeadlineExceeded, failure},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slots, tally, ends := bulkhead.New(1), breaker.New(), make(chan error, 10)
				options := append(around(func(ctx context.Context, next func(context.Context) error) (err error) {
					defer func() {
						if p := recover(); p != nil {
							err = status.Error(codes.Internal, fmt.Sprint(p))
						}
						assert.Zero(t, slots.Snapshot().InFlight)
						ends <- err
					}()
					return next(ctx)
				}), serverOf(slots, tally).ServerOptions()...)
				client := shopDoing(func(ctx context.Context) error {
					assert.Equal(t, 1, slots.Snapshot().InFlight)
					return test.do(ctx)
				}).openInMemory(t, options...).client(t, nil)
				for _, kind := range kindsOfCall() {
					tally.Reset()
					ctx, cancel := test.ctx(t.Context())
					_, err := kind.call(ctx, client)
					cancel()
					assert.Equal(t, test.code, status.Code(err), kind.name)
					end := <-ends
					if code := status.Code(end); code == codes.Canceled || errors.Is(end, context.Canceled) && test.code == codes.DeadlineExceeded {
						continue // the client, whose deadline it is, was heard before the clock
					}
					assert.Equal(t, test.counts, tally.Snapshot().Counts, kind.name)
				}
			})
		})
	}
}

// A client that goes in the middle of its call is nobody's failure, whatever the handler makes of it.
func TestServerWhoseClientGoes(t *testing.T) {
	for _, says := range []error{
		nil, context.Canceled, errors.New("broken"), status.Error(codes.Internal, "broken"), status.Error(codes.NotFound, "none"),
	} {
		slots, tally := bulkhead.New(1), breaker.New(breaker.ConsecutiveFailures(1))
		options, ends := watched(serverOf(slots, timeout.New(time.Hour), tally))
		arrived := make(chan struct{})
		client := shopDoing(func(ctx context.Context) error {
			arrived <- struct{}{}
			<-ctx.Done()
			assert.ErrorIs(t, ctx.Err(), context.Canceled)
			return says
		}).open(t, options...).client(t, nil)
		for _, kind := range kindsOfCall() {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-arrived
				cancel()
			}()
			_, err := kind.call(ctx, client)
			assert.Equal(t, codes.Canceled, status.Code(err), kind.name)
			if end := <-ends; kind.name != "client stream" || says != nil { // which finds nobody to send its reply to
				assert.Equal(t, says, end, kind.name)
			}
			assert.Zero(t, slots.Snapshot().InFlight, kind.name)
			assert.Zero(t, tally.Snapshot().Counts.Failures, kind.name)
			assert.Equal(t, breaker.Closed, tally.State())
		}
	}
}

// A stream is one call: it has its permit from its first message to its last, and is judged once.
func TestServerStreamIsOneCall(t *testing.T) {
	slots, tally := bulkhead.New(1), breaker.New()
	options, ends := watched(serverOf(slots, tally))
	s := &shop{duplex: func(s grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) error {
		for {
			if _, err := s.Recv(); err != nil {
				return orEnd(err)
			}
			if err := s.Send(&testpb.StreamingOutputCallResponse{}); err != nil {
				return err
			}
		}
	}}
	client := s.open(t, options...).client(t, nil)
	stream, err := client.FullDuplexCall(t.Context())
	require.NoError(t, err)
	for range 10 {
		require.NoError(t, stream.Send(&testpb.StreamingOutputCallRequest{}))
		_, err = stream.Recv()
		require.NoError(t, err)
		assert.Equal(t, 1, slots.Snapshot().InFlight)
		_, err = kindsOfCall()[0].call(t.Context(), client)
		assert.Equal(t, codes.Unavailable, status.Code(err))
		require.ErrorIs(t, <-ends, bulkhead.ErrFull)
		assert.Zero(t, tally.Snapshot().Counts.Calls)
	}
	require.NoError(t, stream.CloseSend())
	_, err = stream.Recv()
	require.NoError(t, orEnd(err))
	require.NoError(t, <-ends)
	assert.Zero(t, slots.Snapshot().InFlight)
	assert.Equal(t, breaker.Counts{Calls: 1}, tally.Snapshot().Counts)
}

// A panic is the very same outside, and so is Goexit; and permits come back.
func TestServerUnwinding(t *testing.T) {
	slots, tally := bulkhead.New(1), breaker.New()
	s := serverOf(timeout.New(time.Hour), slots, tally)
	broken := errors.New("broken")
	calls := map[string]func(func()){
		"unary": func(end func()) {
			_, _ = s.Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unaryCall}, func(context.Context, any) (any, error) {
				end()
				return nil, nil
			})
		},
		"stream": func(end func()) {
			_ = s.Stream(nil, &streamOf{nil, t.Context()}, &grpc.StreamServerInfo{FullMethod: outputCall}, func(any, grpc.ServerStream) error {
				end()
				return nil
			})
		},
	}
	for name, call := range calls {
		tally.Reset()
		assert.PanicsWithValue(t, broken, func() { call(func() { panic(broken) }) }, name)
		assert.Zero(t, slots.Snapshot().InFlight, name)
		assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}, tally.Snapshot().Counts, name)

		tally.Reset()
		exited, returned := make(chan struct{}), false
		go func() {
			defer close(exited)
			call(runtime.Goexit)
			returned = true
		}()
		<-exited
		assert.False(t, returned, name)
		assert.Zero(t, slots.Snapshot().InFlight, name)
		assert.Zero(t, tally.Snapshot().Counts.Failures, name)
	}
}

// A refusal of a server within a server is an answer like any other to the one outside, and says once when to come back.
func TestServerWithinAServer(t *testing.T) {
	outer, inner := serverOf(bulkhead.New(10)), serverOf(refusingGate{comeBack(time.Minute)})
	options := append(outer.ServerOptions(), inner.ServerOptions()...)
	client := shopUntouched(t).open(t, options...).client(t, nil)
	for _, kind := range kindsOfCall() {
		trailer, err := kind.call(t.Context(), client)
		assert.Equal(t, codes.Unavailable, status.Code(err), kind.name)
		_, ok := pushbackOf(t, trailer)
		assert.True(t, ok, kind.name)
		assert.Len(t, status.Convert(err).Details(), 1)
	}
}

// Whoever answers otherwise has the method, the status and the reason, and can leave it at that.
func TestServerOnReject(t *testing.T) {
	mine := status.Error(codes.Aborted, "mine")
	for name, answer := range map[string]func(error) error{
		"another answer": func(error) error { return mine },
		"the same":       func(err error) error { return err },
		"nothing":        func(error) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			methods := make(chan string, 10)
			s := ductilegrpc.NewServer(serverPipeline(refusingGate{comeBack(time.Minute)}), ductilegrpc.OnReject(func(
				ctx context.Context, method string, err error,
			) error {
				stream := grpc.ServerTransportStreamFromContext(ctx)
				assert.Equal(t, method, stream.Method())
				methods <- method
				assert.Equal(t, codes.Unavailable, status.Code(err))
				_, known := retryInfoOf(err)
				assert.True(t, known)
				var refused *ductilegrpc.ServerError
				require.ErrorAs(t, err, &refused)
				return answer(err)
			}))
			client := shopUntouched(t).open(t, s.ServerOptions()...).client(t, nil)
			for _, kind := range kindsOfCall() {
				trailer, err := kind.call(t.Context(), client)
				assert.Equal(t, kind.method, <-methods)
				_, pushed := pushbackOf(t, trailer)
				if name == "another answer" {
					assert.Equal(t, codes.Aborted, status.Code(err))
					assert.False(t, pushed, "it is not ours")
				} else {
					assert.Equal(t, codes.Unavailable, status.Code(err))
					assert.True(t, pushed)
				}
			}
		})
	}
}
