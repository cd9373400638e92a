package ductilegrpc_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// slowly answers the first n attempts not before they are given up, and then one message; never an end.
func slowly(n int64, calls *atomic.Int64) outputsHave {
	return func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		if calls.Add(1) > n {
			return out.Send(response("in time"))
		}
		<-out.Context().Done()
		return out.Context().Err()
	}
}

func TestAnAttemptThatIsTooSlowIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		s := &shop{output: slowly(1, &calls)}
		gate := breaker.New()
		p := ductile.New("p", again(), gate, timeout.New(300*time.Millisecond))
		stream, err := s.openInMemory(t).around(t, p).StreamingOutputCall(t.Context(), request(""))
		require.NoError(t, err)
		got, err := all(stream.Recv)
		assert.Equal(t, io.EOF, err)
		assert.Equal(t, []string{"in time"}, got)
		assert.Equal(t, breaker.Counts{Calls: 2, Failures: 1}, gate.Snapshot().Counts)
	})
}

func TestATimeoutEndsAStreamThatHadAMessage(t *testing.T) {
	for name, p := range map[string]func(gate, permits ductile.Policy) ductile.Composed{
		"of the attempt": func(gate, permits ductile.Policy) ductile.Composed {
			return ductile.New("p", again(), gate, permits, timeout.New(300*time.Millisecond))
		},
		"of the call": func(gate, permits ductile.Policy) ductile.Composed {
			return ductile.New("p", timeout.New(300*time.Millisecond), again(), gate, permits)
		},
		"detached": func(gate, permits ductile.Policy) ductile.Composed {
			return ductile.NewConcurrent("p", again(), timeout.New(300*time.Millisecond, timeout.Detached()), gate, permits)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int64
				s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
					calls.Add(1)
					_ = out.Send(response("one"))
					<-out.Context().Done()
					return out.Context().Err()
				}}
				gate, permits := breaker.New(), bulkhead.New(1)
				stream, err := s.openInMemory(t).around(t, p(gate, permits)).StreamingOutputCall(t.Context(), request(""))
				require.NoError(t, err)
				got, err := all(stream.Recv)
				assert.Equal(t, []string{"one"}, got)
				assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
				assert.EqualValues(t, 1, calls.Load())
				require.Eventually(t, func() bool { return permits.Snapshot().InFlight == 0 }, 10*time.Second, time.Millisecond, "a detached one gives it back later")
				assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}, gate.Snapshot().Counts)
			})
		})
	}
}

func TestTheCallerLeavesAStream(t *testing.T) {
	for name, inUse := range map[string]bool{"before the first message": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			reached := make(chan struct{}, 1)
			s := &shop{duplex: func(stream both) error {
				if inUse {
					_ = stream.Send(response("one"))
				}
				reached <- struct{}{}
				<-stream.Context().Done()
				return nil
			}}
			gate, permits := breaker.New(), bulkhead.New(1)
			ctx, cancel := context.WithCancel(t.Context())
			stream, err := s.open(t).around(t, ductile.New("p", again(), gate, permits)).FullDuplexCall(ctx)
			require.NoError(t, err)
			<-reached
			if inUse {
				_, err = stream.Recv()
				require.NoError(t, err)
			}
			cancel()
			_, err = stream.Recv()
			assert.Equal(t, codes.Canceled, status.Code(err))
			assert.Zero(t, permits.Snapshot().InFlight)
			assert.Zero(t, gate.Snapshot().Counts, "it says nothing of the server")
			_, err = stream.Recv()
			assert.Equal(t, codes.Canceled, status.Code(err))
			assert.Equal(t, io.EOF, stream.Send(request("")))
			assert.NoError(t, stream.CloseSend())
			assert.Error(t, stream.Context().Err())
			_ = stream.Trailer()
		})
	}
}

func TestTheCallersDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		s := &shop{output: slowly(9, &calls)}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		stream, err := s.openInMemory(t).around(t, ductile.New("p", again())).StreamingOutputCall(ctx, request(""))
		require.NoError(t, err)
		_, err = stream.Recv()
		assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
		assert.EqualValues(t, 1, calls.Load())
	})
}

func TestACanceledCallerWhileAStreamIsCreated(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &shop{}
	client := s.open(t).around(t, ductile.New("p", again()), creating(func(ctx context.Context, _ func() (clientStream, error)) (clientStream, error) {
		cancel()
		<-ctx.Done()
		return nil, status.FromContextError(ctx.Err()).Err()
	}))
	_, err := client.FullDuplexCall(ctx)
	assert.Equal(t, codes.Canceled, status.Code(err))
	_, err = client.FullDuplexCall(ctx)
	assert.Equal(t, codes.Canceled, status.Code(err), "it was gone before")
	assert.Equal(t, fault.ClassCanceled, fault.Of(err))
}

func TestACallerWhoLeavesBetweenTwoAttempts(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: failing(9, &calls, codes.Unavailable)}
	ctx, cancel := context.WithCancel(t.Context())
	p := ductile.New("p", &onGrant{Retrier: again(), then: cancel})
	stream, err := s.open(t).around(t, p).StreamingOutputCall(ctx, request(""))
	require.NoError(t, err)
	_, err = stream.Recv()
	assert.Equal(t, codes.Canceled, status.Code(err))
	assert.ErrorContains(t, err, "down", "it still says of what")
	assert.EqualValues(t, 1, calls.Load())
}

// onGrant calls a function when another attempt was granted, before it is made.
type onGrant struct {
	ductile.Retrier
	then func()
}

func (r *onGrant) Next(book any, attempt int, err error, left time.Duration) (time.Duration, error) {
	wait, stop := r.Retrier.Next(book, attempt, err, left)
	if stop == nil {
		r.then()
	}
	return wait, stop
}

func TestWhatIsAskedBetweenTwoAttempts(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: failing(1, &calls, codes.Unavailable)}
	var stream testpb.TestService_StreamingOutputCallClient
	asked := make(chan struct{})
	granted := make(chan struct{})
	p := ductile.New("p", &onGrant{Retrier: again(), then: func() {
		close(granted)
		<-asked
	}})
	stream, err := s.open(t).around(t, p).StreamingOutputCall(t.Context(), request("x"))
	require.NoError(t, err)
	received := make(chan error, 1)
	go func() {
		m, err := stream.Recv()
		assert.Equal(t, "x", string(m.GetPayload().GetBody()))
		received <- err
	}()
	<-granted
	assert.NoError(t, stream.Context().Err(), "the call is not over")
	assert.NoError(t, stream.CloseSend())
	close(asked)
	assert.NoError(t, <-received)
	_, err = stream.Recv()
	assert.Equal(t, io.EOF, err)
	assert.EqualValues(t, 2, calls.Load())
}
