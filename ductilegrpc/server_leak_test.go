package ductilegrpc_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/timeout"
)

// Ten thousand calls of all kinds to handlers that do anything, by clients that leave at any moment: every permit comes back, nothing is left
// running, and no client hears what is inside.
func TestServerUnderRandomCancellation(t *testing.T) {
	const callers, each, slotsOpen = 100, 100, 10
	slots := bulkhead.New(slotsOpen, bulkhead.Name("secret"), bulkhead.Queue(5, time.Millisecond))
	tally := breaker.New(breaker.Name("secret"), breaker.FailureRate(0.9),
		breaker.OpenTime(time.Millisecond), breaker.OpenTimeGrowth(1, time.Millisecond))
	s := serverOf(timeout.New(20*time.Millisecond, timeout.Name("secret")), tally, ratelimit.New(20_000, 1000, ratelimit.Name("secret")), slots)
	var running, arrived, left atomic.Int64
	options := append(around(func(ctx context.Context, next func(context.Context) error) (err error) {
		arrived.Add(1)
		defer func() {
			left.Add(1)
			if p := recover(); p != nil {
				err = status.Error(codes.DataLoss, fmt.Sprint(p))
			}
		}()
		return next(ctx)
	}), s.ServerOptions()...)
	var codesSeen [20]atomic.Int64
	t.Run("calls", func(t *testing.T) { // at whose end its server and its connections are closed
		branch := shopDoing(func(ctx context.Context) error {
			assert.LessOrEqual(t, running.Add(1), int64(slotsOpen))
			defer running.Add(-1)
			switch rand.IntN(8) {
			case 0:
				return errors.New("down")
			case 1:
				return status.Error(codes.NotFound, "none")
			case 2:
				panic("broken")
			case 3:
				<-ctx.Done()
				return ctx.Err()
			case 4:
				select {
				case <-ctx.Done():
				case <-time.After(time.Duration(rand.IntN(10)) * time.Millisecond):
				}
			}
			return nil
		}).open(t, options...)
		clients := make([]testpb.TestServiceClient, 4)
		for i := range clients {
			clients[i] = branch.client(t, nil)
		}
		kinds := kindsOfCall()
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for range each {
					ctx, cancel := anyTime(t.Context())
					_, err := kinds[rand.IntN(len(kinds))].call(ctx, clients[rand.IntN(len(clients))])
					cancel()
					codesSeen[status.Code(err)].Add(1)
					assert.NotContains(t, fmt.Sprint(err), "secret")
				}
			})
		}
		wg.Wait()
		assert.Eventually(t, func() bool {
			return slots.Snapshot().InFlight == 0 && running.Load() == 0 && arrived.Load() == left.Load()
		},
			time.Minute, time.Millisecond)
		assert.Zero(t, slots.Snapshot().Queued)
	})
	goleak.VerifyNone(t)
	for _, code := range []codes.Code{
		codes.OK, codes.Unknown, codes.NotFound, codes.DataLoss, codes.DeadlineExceeded, codes.Canceled, codes.Unavailable,
	} {
		assert.NotZero(t, codesSeen[code].Load(), code)
		t.Logf("%d calls ended with %v", codesSeen[code].Load(), code)
	}
}

// anyTime returns the context of a client that leaves at some moment, or whose deadline passes then, or that waits.
func anyTime(ctx context.Context) (context.Context, context.CancelFunc) {
	after := time.Duration(rand.IntN(10_000)) * time.Microsecond
	switch rand.IntN(4) {
	case 0:
		ctx, cancel := context.WithCancel(ctx)
		leave := time.AfterFunc(after/2, cancel)
		return ctx, func() {
			leave.Stop()
			cancel()
		}
	case 1:
		return context.WithTimeout(ctx, after)
	default:
		return context.WithCancel(ctx)
	}
}

// A trailer that nobody can be told fails no call.
func TestServerWithoutATransport(t *testing.T) {
	s := serverOf(refusingGate{comeBack(time.Minute)})
	_, err := s.Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unaryCall}, func(context.Context, any) (any, error) { return nil, nil })
	assert.Equal(t, codes.Unavailable, status.Code(err))
	stream := &listening{streamOf: streamOf{nil, t.Context()}}
	err = s.Stream(nil, stream, &grpc.StreamServerInfo{FullMethod: outputCall}, func(any, grpc.ServerStream) error { return nil })
	assert.Equal(t, codes.Unavailable, status.Code(err))
	info, _ := retryInfoOf(err)
	pushback, _ := pushbackOf(t, stream.trailer)
	assert.Equal(t, info, pushback)
}

// listening is a stream of an interceptor outside that wants to see trailers.
type listening struct {
	streamOf
	trailer metadata.MD
}

func (s *listening) SetTrailer(trailer metadata.MD) { s.trailer = metadata.Join(s.trailer, trailer) }
