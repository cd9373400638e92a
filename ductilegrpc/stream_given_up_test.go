package ductilegrpc_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/timeout"
)

// impatient gives the first attempt up soon, and no other.
func impatient() *timeout.Policy {
	var attempts atomic.Int64
	return timeout.From(func(context.Context) time.Duration {
		if attempts.Add(1) == 1 {
			return 20 * time.Millisecond
		}
		return time.Hour
	})
}

// A stale stream has a message, and an end, that come when it was given up long ago.
type stale struct {
	clientStream
	late <-chan struct{}
	err  error
}

func (s stale) RecvMsg(m any) error {
	<-s.late
	if s.err == nil {
		m.(*testpb.StreamingOutputCallResponse).Payload = payload("stale") //nolint:errcheck,forcetypeassert // it is
	}
	return s.err
}

// firstIsStale makes the first stream one that is stale.
func firstIsStale(late <-chan struct{}, err error) interceptor {
	var calls atomic.Int64
	return creating(func(_ context.Context, create func() (clientStream, error)) (clientStream, error) {
		stream, failed := create()
		if failed == nil && calls.Add(1) == 1 {
			return stale{stream, late, err}, nil
		}
		return stream, failed
	})
}

// Where a header had made the next attempt the last, a message of the one before was taken for that one's.
func TestRegressionAMessageOfAnAttemptThatWasGivenUp(t *testing.T) {
	for name, end := range map[string]error{"a message": nil, "its end": io.EOF, "its failure": io.ErrUnexpectedEOF} {
		for _, header := range []bool{true, false} {
			var calls atomic.Int64
			second, late := make(chan struct{}), make(chan struct{})
			s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
				if calls.Add(1) == 1 {
					<-out.Context().Done()
					return nil
				}
				_ = out.SendHeader(metadata.Pairs("n", "2"))
				close(second)
				return out.Send(response("fresh"))
			}}
			t.Run(name, func(t *testing.T) {
				client := s.open(t).around(t, ductile.New("p", again(), impatient()), firstIsStale(late, end))
				stream, err := client.StreamingOutputCall(t.Context(), request(""))
				require.NoError(t, err)
				received := make(chan []string)
				go func() {
					got, err := all(stream.Recv)
					assert.Equal(t, io.EOF, err)
					received <- got
				}()
				<-second
				if header {
					require.Eventually(t, func() bool {
						header, err := stream.Header()
						return err == nil && len(header.Get("n")) == 1
					}, 10*time.Second, time.Millisecond)
				}
				close(late)
				assert.Equal(t, []string{"fresh"}, <-received)
			})
		}
	}
}

func TestAHeaderWaitsForTheAttemptThatHasOne(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		if calls.Add(1) == 1 {
			<-out.Context().Done()
			return nil
		}
		_ = out.SendHeader(metadata.Pairs("n", "2"))
		<-out.Context().Done()
		return nil
	}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := s.open(t).around(t, ductile.New("p", again(), impatient())).StreamingOutputCall(ctx, request(""))
	require.NoError(t, err)
	header, err := stream.Header()
	for err == nil && header == nil { // receiving would tell that the first has failed
		header, err = stream.Header()
	}
	require.NoError(t, err)
	assert.Equal(t, []string{"2"}, header.Get("n"))
}

// A stream that an interceptor inside ended went on until the whole call was over.
func TestRegressionAStreamThatWasEndedByAnInterceptor(t *testing.T) {
	var calls atomic.Int64
	gone := make(chan struct{})
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		if calls.Add(1) == 1 {
			<-out.Context().Done()
			close(gone)
			return nil
		}
		<-gone
		return out.Send(response("x"))
	}}
	over := make(chan struct{})
	close(over)
	inside := firstIsStale(over, status.Error(codes.Unavailable, "by an interceptor"))
	stream, err := s.open(t).around(t, ductile.New("p", again()), inside).StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return calls.Load() == 1 }, 10*time.Second, time.Millisecond)
	got, err := all(stream.Recv)
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, []string{"x"}, got)
}

// receives counts how often a stream is received from.
type receives struct {
	clientStream
	count *atomic.Int64
}

func (r receives) RecvMsg(m any) error {
	r.count.Add(1)
	return r.clientStream.RecvMsg(m)
}

func TestAStreamThatIsOverIsLeftAlone(t *testing.T) {
	var calls, count atomic.Int64
	s := &shop{output: failing(0, &calls, codes.OK)}
	inside := creating(func(_ context.Context, create func() (clientStream, error)) (clientStream, error) {
		stream, err := create()
		return receives{stream, &count}, err
	})
	stream, err := s.open(t).around(t, ductile.New("p", again()), inside).StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	for range 3 {
		_, err = all(stream.Recv)
		assert.Equal(t, io.EOF, err)
		assert.EqualValues(t, 2, count.Load(), "a message, and the end")
	}
}

func TestAStreamKnowsItsMethod(t *testing.T) {
	s := &shop{duplex: func(both) error { return nil }}
	p := ductile.NewConcurrent("p", middle(func(ctx context.Context, next func(context.Context) error) error {
		assert.Equal(t, duplexCall, ductilegrpc.Method(ctx))
		return next(ctx)
	}))
	stream, err := s.open(t).around(t, ductile.New("other")).FullDuplexCall(t.Context(), ductilegrpc.Through(p))
	require.NoError(t, err)
	_, err = stream.Recv()
	assert.Equal(t, io.EOF, err)
}
