package ductilegrpc_test

import (
	"context"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"strings"
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
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/timeout"
)

// A message that cannot be sent ends its call: nobody receives from it any more, and its permit was held until the collector came.
func TestRegressionAMessageThatCannotBeSent(t *testing.T) {
	var calls atomic.Int64
	s := &shop{
		output: failing(0, &calls, codes.OK),
		duplex: func(stream both) error { <-stream.Context().Done(); return nil },
	}
	b := s.open(t)
	permits, gate := bulkhead.New(1), breaker.New()
	p := ductile.New("p", again(), gate, permits)
	t.Run("it is too large", func(t *testing.T) {
		_, err := b.around(t, p).StreamingOutputCall(t.Context(), request(strings.Repeat("x", 100)), grpc.MaxCallSendMsgSize(10))
		assert.Equal(t, codes.ResourceExhausted, status.Code(err))
		assert.ErrorContains(t, err, "larger than max")
		assert.Zero(t, permits.Snapshot().InFlight)
		assert.Equal(t, breaker.Counts{Calls: 1}, gate.Snapshot().Counts, "no fault of the server")
	})
	t.Run("it is too large, on a stream that sends", func(t *testing.T) {
		stream, err := b.around(t, p).FullDuplexCall(t.Context(), grpc.MaxCallSendMsgSize(10))
		require.NoError(t, err)
		err = stream.Send(request(strings.Repeat("x", 100)))
		assert.Equal(t, codes.ResourceExhausted, status.Code(err))
		assert.Zero(t, permits.Snapshot().InFlight)
		_, err = stream.Recv()
		assert.Equal(t, codes.ResourceExhausted, status.Code(err))
		assert.Equal(t, io.EOF, stream.Send(request("")))
	})
	t.Run("it is no message", func(t *testing.T) {
		stream, err := b.around(t, p).FullDuplexCall(t.Context())
		require.NoError(t, err)
		err = stream.SendMsg("a string")
		assert.Equal(t, codes.Internal, status.Code(err))
		assert.Zero(t, permits.Snapshot().InFlight)
	})
	t.Run("and a fallback has it", func(t *testing.T) {
		mine := &canned{ctx: t.Context(), text: []string{"old"}}
		q := ductile.New("q", answers(mine), permits)
		stream, err := b.around(t, q, sendingFails(1)).StreamingOutputCall(t.Context(), request("x"))
		require.NoError(t, err)
		got, err := all(stream.Recv)
		assert.Equal(t, io.EOF, err)
		assert.Equal(t, []string{"old"}, got)
		assert.Equal(t, 1, mine.sent, "the request, once")
	})
	t.Run("at first", func(t *testing.T) {
		calls.Store(0)
		stream, err := b.around(t, p, sendingFails(2)).StreamingOutputCall(t.Context(), request("x"))
		require.NoError(t, err, "the third attempt has it")
		got, err := all(stream.Recv)
		assert.Equal(t, io.EOF, err)
		assert.Equal(t, []string{"x"}, got)
		assert.EqualValues(t, 1, calls.Load())
	})
	t.Run("nor again", func(t *testing.T) {
		_, err := b.around(t, p, sendingFails(3)).StreamingOutputCall(t.Context(), request("x"))
		assert.Equal(t, codes.Unavailable, status.Code(err))
		assert.Zero(t, permits.Snapshot().InFlight)
	})
}

// sendingFails is an interceptor whose first n streams cannot be sent to.
func sendingFails(n int64) interceptor {
	var calls atomic.Int64
	return creating(func(_ context.Context, create func() (clientStream, error)) (clientStream, error) {
		stream, err := create()
		if err != nil || calls.Add(1) > n {
			return stream, err
		}
		return unsendable{stream}, nil
	})
}

type unsendable struct{ clientStream }

func (unsendable) SendMsg(any) error { return status.Error(codes.Unavailable, "cannot be sent") }

func TestSendingToAStreamThatTheServerHasEnded(t *testing.T) {
	s := &shop{
		duplex: func(both) error { return status.Error(codes.FailedPrecondition, "no") },
		input: func(in inputs) error {
			return in.SendAndClose(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: 7})
		},
	}
	client := s.open(t).around(t, ductile.New("p", again()))
	duplex, err := client.FullDuplexCall(t.Context())
	require.NoError(t, err)
	for err == nil {
		err = duplex.Send(request("x"))
	}
	assert.Equal(t, io.EOF, err)
	_, err = duplex.Recv()
	assert.Equal(t, codes.FailedPrecondition, status.Code(err))

	input, err := client.StreamingInputCall(t.Context())
	require.NoError(t, err)
	for err == nil {
		err = input.Send(&testpb.StreamingInputCallRequest{})
	}
	assert.Equal(t, io.EOF, err)
	reply, err := input.CloseAndRecv()
	require.NoError(t, err, "it is a success all the same")
	assert.EqualValues(t, 7, reply.GetAggregatedPayloadSize())
}

func TestTheServerStreamsOnAfterTheClientHasClosed(t *testing.T) {
	closed := make(chan struct{})
	s := &shop{duplex: func(stream both) error {
		_, err := stream.Recv()
		if err != io.EOF { //nolint:errorlint // as gRPC has it
			return status.Error(codes.Internal, "not closed")
		}
		close(closed)
		for range 100 {
			if err := stream.Send(response("x")); err != nil {
				return err
			}
		}
		return nil
	}}
	stream, err := s.open(t).around(t, ductile.New("p", again())).FullDuplexCall(t.Context())
	require.NoError(t, err)
	require.NoError(t, stream.CloseSend())
	<-closed
	got, err := all(stream.Recv)
	assert.Equal(t, io.EOF, err)
	assert.Len(t, got, 100)
}

func TestSendingThatIsBlockedEndsWithTheStream(t *testing.T) {
	for name, p := range map[string]ductile.Composed{
		"by a timeout":          ductile.New("p", timeout.New(300*time.Millisecond)),
		"by a detached timeout": ductile.NewConcurrent("p", timeout.New(300*time.Millisecond, timeout.Detached())),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &shop{duplex: func(stream both) error {
					<-stream.Context().Done() // and receives nothing
					return stream.Context().Err()
				}}
				stream, err := s.openInMemory(t).around(t, p).FullDuplexCall(t.Context())
				require.NoError(t, err)
				large := request(strings.Repeat("x", 1<<16))
				for err == nil {
					err = stream.Send(large)
				}
				assert.Equal(t, io.EOF, err)
				_, err = stream.Recv()
				assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
				assert.NoError(t, stream.CloseSend())
			})
		})
	}
}

func TestMessagesPassUnchanged(t *testing.T) {
	s := &shop{duplex: func(stream both) error {
		for {
			m, err := stream.Recv()
			if err == io.EOF { //nolint:errorlint // as gRPC has it
				return nil
			}
			if err != nil {
				return err
			}
			if err := stream.Send(&testpb.StreamingOutputCallResponse{Payload: m.GetPayload()}); err != nil {
				return err
			}
		}
	}}
	permits := bulkhead.New(1)
	stream, err := s.open(t).around(t, ductile.New("p", again(), permits)).FullDuplexCall(t.Context())
	require.NoError(t, err)
	const messages, size = 64, 1 << 20
	sent, received := sha256.New(), sha256.New()
	done := make(chan error, 1)
	go func() {
		random := rand.NewChaCha8([32]byte{1})
		for range messages {
			body := make([]byte, size)
			_, _ = random.Read(body)
			sent.Write(body)
			if err := stream.Send(&testpb.StreamingOutputCallRequest{Payload: &testpb.Payload{Body: body}}); err != nil {
				done <- err
				return
			}
		}
		done <- stream.CloseSend()
	}()
	count := 0
	for {
		m, err := stream.Recv()
		if err == io.EOF { //nolint:errorlint // as gRPC has it
			break
		}
		require.NoError(t, err)
		received.Write(m.GetPayload().GetBody())
		count++
	}
	require.NoError(t, <-done)
	assert.Equal(t, messages, count)
	assert.Equal(t, sent.Sum(nil), received.Sum(nil))
	assert.Zero(t, permits.Snapshot().InFlight)
}
