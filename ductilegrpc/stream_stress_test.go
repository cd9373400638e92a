package ductilegrpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/timeout"
)

// A moody server does anything: each of its messages says of which attempt it is, and which.
type moody struct{ attempts atomic.Int64 }

func (m *moody) stream(ctx context.Context, send func(*testpb.StreamingOutputCallResponse) error) error {
	attempt := m.attempts.Add(1)
	if rand.IntN(4) == 0 {
		return status.Error(codes.Unavailable, "moody")
	}
	for i := range rand.IntN(6) {
		if err := send(response(fmt.Sprintf("%d/%d", attempt, i))); err != nil {
			return err
		}
	}
	switch rand.IntN(6) {
	case 0:
		return status.Error(codes.Unavailable, "moody")
	case 1:
		return status.Error(codes.NotFound, "moody")
	case 2:
		<-ctx.Done()
		return ctx.Err()
	default:
		return nil
	}
}

func (m *moody) shop() *shop {
	return &shop{
		output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
			return m.stream(out.Context(), out.Send)
		},
		duplex: func(stream both) error {
			if rand.IntN(2) == 0 { // half of them never receive
				if _, err := stream.Recv(); err != nil && !errors.Is(err, io.EOF) {
					return err
				}
			}
			return m.stream(stream.Context(), stream.Send)
		},
		input: func(in inputs) error {
			for rand.IntN(4) != 0 {
				if _, err := in.Recv(); err != nil {
					break
				}
			}
			if rand.IntN(3) == 0 {
				return status.Error(codes.Unavailable, "moody")
			}
			return in.SendAndClose(&testpb.StreamingInputCallResponse{})
		},
	}
}

// inOrder checks that messages are of one attempt, each once.
func inOrder(receive func() (*testpb.StreamingOutputCallResponse, error)) (wrong string, err error) {
	first := 0
	for i := 0; ; i++ {
		m, err := receive()
		if err != nil {
			return "", err
		}
		attempt, number := 0, 0
		_, _ = fmt.Sscanf(string(m.GetPayload().GetBody()), "%d/%d", &attempt, &number)
		if i == 0 {
			first = attempt
		}
		if attempt != first || number != i {
			return fmt.Sprintf("message %d of attempt %d came as message %d of attempt %d", number, attempt, i, first), nil
		}
		if rand.IntN(30) == 0 {
			return "", nil // and no further
		}
	}
}

func TestStressStreams(t *testing.T) {
	const streams, callers = 10_000, 50
	server := new(moody)
	b := server.shop().openInMemory(t, grpc.MaxConcurrentStreams(10*callers))
	permits := bulkhead.New(streams)
	gate := breaker.New(breaker.NoFailureRate(), breaker.ConsecutiveFailures(1_000_000))
	const patience = 20 * time.Millisecond
	clients := []testpb.TestServiceClient{
		b.around(t, ductile.New("serial", again(), gate, permits, timeout.New(patience))),
		b.around(t, ductile.New("total", timeout.New(patience), again(), gate, permits)),
		b.around(t, ductile.NewConcurrent("detached", again(), timeout.New(patience, timeout.Detached()), gate, permits)),
		b.around(t, ductile.NewConcurrent("middle", middle(func(ctx context.Context, next func(context.Context) error) error {
			if err := next(ctx); err == nil {
				return nil
			}
			return next(ctx)
		}), permits, timeout.New(patience))),
	}
	var left, began, finished atomic.Int64
	left.Store(streams)
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				ctx, cancel := context.WithCancel(t.Context())
				leave := time.AfterFunc(rand.N(2*patience), cancel)
				var header, trailer metadata.MD
				began.Add(1)
				over := make(chan error, 1)
				wrong, ended := play(ctx, clients[rand.IntN(len(clients))], grpc.Header(&header), grpc.Trailer(&trailer), grpc.OnFinish(func(err error) {
					finished.Add(1)
					over <- err
				}))
				assert.Empty(t, wrong)
				if ended {
					assert.Len(t, over, 1, "it is said before the end is returned")
					_, _ = header.Len(), trailer.Len()
				}
				if rand.IntN(4) != 0 { // else the collector, or the timer
					leave.Stop()
					cancel()
				}
			}
		})
	}
	all.Wait()
	require.Eventually(t, func() bool {
		collect()
		return permits.Snapshot().InFlight == 0 && finished.Load() == streams
	}, 20*time.Second, 10*time.Millisecond)
	assert.EqualValues(t, streams, began.Load())
	nothingStays(t)
}

// play has one stream of any kind, and reports whether its end was received.
func play(ctx context.Context, client testpb.TestServiceClient, options ...grpc.CallOption) (wrong string, ended bool) {
	var err error
	switch rand.IntN(3) {
	case 0:
		stream, failed := client.StreamingOutputCall(ctx, request("x"), options...)
		if failed != nil {
			return "", true
		}
		if rand.IntN(20) == 0 {
			return "", false // dropped
		}
		if rand.IntN(10) == 0 {
			_, _ = stream.Header()
		}
		wrong, err = inOrder(stream.Recv)
		_ = stream.Trailer()
	case 1:
		stream, failed := client.FullDuplexCall(ctx, options...)
		if failed != nil {
			return "", true
		}
		go func() {
			for range rand.IntN(4) {
				if stream.Send(request("x")) != nil {
					break
				}
			}
			_ = stream.CloseSend()
		}()
		if rand.IntN(20) == 0 {
			return "", false
		}
		wrong, err = inOrder(stream.Recv)
	default:
		stream, failed := client.StreamingInputCall(ctx, options...)
		if failed != nil {
			return "", true
		}
		for range rand.IntN(4) {
			_ = stream.Send(&testpb.StreamingInputCallRequest{})
		}
		if rand.IntN(20) == 0 {
			return "", false
		}
		_, _ = stream.CloseAndRecv()
		return "", true
	}
	return wrong, err != nil
}
