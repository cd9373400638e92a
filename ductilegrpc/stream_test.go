package ductilegrpc_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
)

type (
	outputs      = grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse]
	inputs       = grpc.ClientStreamingServer[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse]
	both         = grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]
	interceptor  = grpc.StreamClientInterceptor
	outputsHave  = func(*testpb.StreamingOutputCallRequest, outputs) error
	clientStream = grpc.ClientStream
)

// again is a retry that loses no time.
func again(options ...retry.Option) *retry.Policy {
	return retry.New(append([]retry.Option{retry.Constant(time.Microsecond), retry.Budget(budget.Unlimited())}, options...)...)
}

// twice makes the methods of the shop such that may be called twice.
func twice() ductilegrpc.ClientOption {
	return ductilegrpc.Methods(ductilegrpc.NoSideEffects, "/grpc.testing.TestService/")
}

// around returns a client of the shop whose streams go through p, and then through the interceptors inside.
func (b *branch) around(t testing.TB, p ductile.Composed, inside ...interceptor) testpb.TestServiceClient {
	t.Helper()
	c := ductilegrpc.NewClient(p, twice())
	return b.client(t, nil, append(c.DialOptions(), grpc.WithChainStreamInterceptor(inside...))...)
}

func payload(text string) *testpb.Payload { return &testpb.Payload{Body: []byte(text)} }

func request(text string) *testpb.StreamingOutputCallRequest {
	return &testpb.StreamingOutputCallRequest{Payload: payload(text)}
}

func response(text string) *testpb.StreamingOutputCallResponse {
	return &testpb.StreamingOutputCallResponse{Payload: payload(text)}
}

// all receives until there is an error.
func all(receive func() (*testpb.StreamingOutputCallResponse, error)) (got []string, err error) {
	for {
		m, err := receive()
		if err != nil {
			return got, err
		}
		got = append(got, string(m.GetPayload().GetBody()))
	}
}

// failing fails the first n attempts, and then echoes.
func failing(n int64, calls *atomic.Int64, code codes.Code) outputsHave {
	return func(r *testpb.StreamingOutputCallRequest, out outputs) error {
		if calls.Add(1) <= n {
			return status.Error(code, "down")
		}
		return out.Send(response(string(r.GetPayload().GetBody())))
	}
}

func TestAServerStreamIsMadeAgainUntilItsFirstMessage(t *testing.T) {
	var calls atomic.Int64
	var before []string
	s := &shop{output: func(r *testpb.StreamingOutputCallRequest, out outputs) error {
		n := calls.Add(1)
		md, _ := metadata.FromIncomingContext(out.Context())
		if n > 1 {
			before = append(before, md.Get("grpc-previous-rpc-attempts")...)
		}
		if n < 3 {
			return status.Error(codes.Unavailable, "down")
		}
		for range 3 {
			if err := out.Send(response(string(r.GetPayload().GetBody()))); err != nil {
				return err
			}
		}
		return nil
	}}
	gate, permits := breaker.New(), bulkhead.New(1)
	client := s.open(t).around(t, ductile.New("p", again(), gate, permits))
	stream, err := client.StreamingOutputCall(t.Context(), request("x"))
	require.NoError(t, err)
	got, err := all(stream.Recv)
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, []string{"x", "x", "x"}, got)
	assert.Equal(t, []string{"1", "2"}, before)
	counts := gate.Snapshot().Counts
	assert.EqualValues(t, 2, counts.Failures)
	assert.EqualValues(t, 3, counts.Calls, "an attempt counts once")
	assert.Zero(t, permits.Snapshot().InFlight, "the permit is back when the end is received")
	for range 3 {
		_, err = stream.Recv()
		assert.Equal(t, io.EOF, err, "the end stays the end")
	}
}

func TestAStreamThatHadAMessageIsNotMadeAgain(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		calls.Add(1)
		_ = out.Send(response("first"))
		return status.Error(codes.Unavailable, "down")
	}}
	gate := breaker.New()
	stream, err := s.open(t).around(t, ductile.New("p", again(), gate)).StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	for range 2 {
		got, err := all(stream.Recv)
		if calls.Load() == 1 && len(got) > 0 {
			assert.Equal(t, []string{"first"}, got)
		}
		assert.Equal(t, status.Error(codes.Unavailable, "down").Error(), err.Error(), "as it came")
		assert.Equal(t, codes.Unavailable, status.Code(err))
	}
	assert.EqualValues(t, 1, calls.Load())
	assert.EqualValues(t, 1, gate.Snapshot().Counts.Failures, "it counts all the same")
}

func TestWhatMakesAStreamTheLast(t *testing.T) {
	for name, commit := range map[string]func(*testing.T, clientStream){
		"its header": func(t *testing.T, stream clientStream) {
			t.Helper()
			header, err := stream.Header()
			require.NoError(t, err)
			assert.Equal(t, []string{"1"}, header.Get("n"))
		},
		"its context": func(t *testing.T, stream clientStream) {
			t.Helper()
			require.NoError(t, stream.Context().Err())
		},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			asked := make(chan struct{})
			s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
				calls.Add(1)
				_ = out.SendHeader(metadata.Pairs("n", "1"))
				<-asked
				return status.Error(codes.Unavailable, "down")
			}}
			stream, err := s.open(t).around(t, ductile.New("p", again())).StreamingOutputCall(t.Context(), request(""))
			require.NoError(t, err)
			commit(t, stream)
			close(asked)
			_, err = stream.Recv()
			assert.Equal(t, codes.Unavailable, status.Code(err))
			assert.EqualValues(t, 1, calls.Load())
			assert.Error(t, stream.Context().Err(), "it is over")
			_, err = stream.Header()
			assert.NoError(t, err, "which it still has")
		})
	}
}

func TestAStreamOfAnUnknownMethodIsNotMadeAgain(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: failing(9, &calls, codes.Unavailable)}
	stream, err := s.open(t).around(t, ductile.New("p", again())).StreamingOutputCall(t.Context(), request(""), ductilegrpc.Is(ductilegrpc.Unknown))
	require.NoError(t, err)
	_, err = stream.Recv()
	assert.Equal(t, codes.Unavailable, status.Code(err))
	assert.EqualValues(t, 1, calls.Load())
}

// refusing is an interceptor that fails to create the first n streams.
func refusing(n int64) interceptor {
	var calls atomic.Int64
	return func(
		ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, create grpc.Streamer, options ...grpc.CallOption,
	) (clientStream, error) {
		if calls.Add(1) <= n {
			return nil, status.Error(codes.Unavailable, "no connection")
		}
		return create(ctx, desc, cc, method, options...)
	}
}

func TestStreamsThatSendRepeatTheirCreationOnly(t *testing.T) {
	var calls atomic.Int64
	down := status.Error(codes.Unavailable, "down")
	s := &shop{
		input:  func(inputs) error { calls.Add(1); return down },
		duplex: func(both) error { calls.Add(1); return down },
	}
	branch := s.open(t)
	gate := breaker.New(breaker.ConsecutiveFailures(100))
	p := ductile.New("p", again(), gate)
	input, err := branch.around(t, p, refusing(2)).StreamingInputCall(t.Context())
	require.NoError(t, err)
	_, err = input.CloseAndRecv()
	assert.Equal(t, down.Error(), err.Error())
	duplex, err := branch.around(t, p, refusing(2)).FullDuplexCall(t.Context())
	require.NoError(t, err)
	_, err = duplex.Recv()
	assert.Equal(t, down.Error(), err.Error())
	assert.EqualValues(t, 2, calls.Load())
	assert.EqualValues(t, 6, gate.Snapshot().Counts.Failures)

	_, err = branch.around(t, p, refusing(3)).FullDuplexCall(t.Context())
	assert.ErrorIs(t, err, retry.ErrAttempts)
	assert.Equal(t, codes.Unavailable, status.Code(err))
	assert.EqualValues(t, 2, calls.Load(), "it never left")
}

func TestTheEndOfAStreamThatSends(t *testing.T) {
	s := &shop{input: func(in inputs) error {
		sum := 0
		for {
			m, err := in.Recv()
			if err == io.EOF { //nolint:errorlint // as gRPC has it
				return in.SendAndClose(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: int32(sum)})
			}
			sum += len(m.GetPayload().GetBody())
		}
	}}
	permits, gate := bulkhead.New(1), breaker.New()
	stream, err := s.open(t).around(t, ductile.New("p", again(), gate, permits)).StreamingInputCall(t.Context())
	require.NoError(t, err)
	for range 5 {
		require.NoError(t, stream.Send(&testpb.StreamingInputCallRequest{Payload: payload("abc")}))
	}
	assert.Equal(t, 1, permits.Snapshot().InFlight, "it is held while the stream lasts")
	reply, err := stream.CloseAndRecv()
	require.NoError(t, err)
	assert.EqualValues(t, 15, reply.GetAggregatedPayloadSize())
	assert.Zero(t, permits.Snapshot().InFlight)
	assert.Equal(t, breaker.Counts{Calls: 1}, gate.Snapshot().Counts)
	assert.Equal(t, io.EOF, stream.RecvMsg(reply), "there is no other")
	assert.Equal(t, io.EOF, stream.Send(&testpb.StreamingInputCallRequest{}))
	assert.NoError(t, stream.CloseSend())
}

func TestRefusedStreams(t *testing.T) {
	s := &shop{}
	branch := s.open(t)
	t.Run("full", func(t *testing.T) {
		permits := bulkhead.New(1)
		_, err := permits.Acquire(t.Context())
		require.NoError(t, err)
		_, err = branch.around(t, ductile.New("p", again(), permits)).FullDuplexCall(t.Context())
		assert.ErrorIs(t, err, bulkhead.ErrFull)
		assert.ErrorIs(t, err, fault.ErrRejected)
		assert.Equal(t, codes.Unavailable, status.Code(err))
	})
	t.Run("open", func(t *testing.T) {
		gate := breaker.New(breaker.ConsecutiveFailures(1))
		client := branch.around(t, ductile.New("p", gate), refusing(1))
		_, err := client.FullDuplexCall(t.Context())
		require.Error(t, err)
		_, err = client.StreamingOutputCall(t.Context(), request(""))
		assert.ErrorIs(t, err, breaker.ErrOpen)
		s, ok := status.FromError(err)
		require.True(t, ok)
		assert.Equal(t, codes.Unavailable, s.Code())
		assert.NotEmpty(t, s.Details(), "when to come back")
	})
}

func TestStreamsAreNeverCopied(t *testing.T) {
	var calls atomic.Int64
	release := make(chan struct{})
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		calls.Add(1)
		<-release
		return out.Send(response("one"))
	}}
	h := &counting{Hedger: hedge.New(hedge.After(time.Nanosecond), hedge.Budget(budget.Unlimited()))}
	stream, err := s.open(t).around(t, ductile.NewConcurrent("p", h, again())).StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	close(release)
	got, err := all(stream.Recv)
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, []string{"one"}, got)
	assert.EqualValues(t, 1, calls.Load())
	assert.Zero(t, h.launched.Load(), "nor is it asked")
}

// counting counts what a hedger is asked.
type counting struct {
	ductile.Hedger
	launched atomic.Int64
}

func (c *counting) Launch(started int, left time.Duration) bool {
	c.launched.Add(1)
	return c.Hedger.Launch(started, left)
}

func TestOnceHoldsForStreams(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: failing(9, &calls, codes.Unavailable)}
	stream, err := s.open(t).around(t, ductile.New("p", again())).StreamingOutputCall(ductile.Once(t.Context()), request(""))
	require.NoError(t, err)
	_, err = stream.Recv()
	assert.Equal(t, codes.Unavailable, status.Code(err))
	assert.EqualValues(t, 1, calls.Load())
}

func TestPushbackBeforeTheFirstMessage(t *testing.T) {
	for pushback, want := range map[string]int64{"0": 2, "-1": 1, "never": 1} {
		t.Run(pushback, func(t *testing.T) {
			var calls atomic.Int64
			s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
				if calls.Add(1) == 2 {
					return nil
				}
				out.SetTrailer(metadata.Pairs("grpc-retry-pushback-ms", pushback))
				return status.Error(codes.Unavailable, "down")
			}}
			p := ductile.New("p", again(retry.Constant(time.Hour))) // which a test would not wait for
			stream, err := s.open(t).around(t, p).StreamingOutputCall(t.Context(), request(""))
			require.NoError(t, err)
			_, err = stream.Recv()
			assert.Equal(t, want == 2, err == io.EOF) //nolint:errorlint // as gRPC has it
			assert.Equal(t, want, calls.Load())
		})
	}
}

func TestAStreamGoesThroughAsPlainGRPC(t *testing.T) { // the same program with and without
	s := &shop{duplex: func(stream both) error {
		for {
			m, err := stream.Recv()
			if err == io.EOF { //nolint:errorlint // as gRPC has it
				return nil
			}
			if err != nil {
				return err
			}
			if err := stream.Send(response(string(m.GetPayload().GetBody()))); err != nil {
				return err
			}
		}
	}}
	b := s.openInMemory(t)
	for name, client := range map[string]testpb.TestServiceClient{
		"with":    b.around(t, ductile.New("p", again(), bulkhead.New(1))),
		"without": testpb.NewTestServiceClient(b.connect(t, nil, grpc.WithTransportCredentials(insecure.NewCredentials()))),
	} {
		t.Run(name, func(t *testing.T) {
			stream, err := client.FullDuplexCall(t.Context())
			require.NoError(t, err)
			for _, text := range []string{"a", "b", "c"} {
				require.NoError(t, stream.Send(request(text)))
				m, err := stream.Recv()
				require.NoError(t, err)
				assert.Equal(t, text, string(m.GetPayload().GetBody()))
			}
			require.NoError(t, stream.CloseSend())
			require.NoError(t, stream.CloseSend(), "again does nothing")
			_, err = stream.Recv()
			assert.Equal(t, io.EOF, err)
			_, err = stream.Recv()
			assert.Equal(t, io.EOF, err)
		})
	}
}
