package ductilegrpc_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// Ten thousand calls whose callers leave at any moment, through everything at once: each has an answer of its own or a reason, permits come
// back, and nothing is left behind.
func TestStressUnary(t *testing.T) {
	baseline := goleak.IgnoreCurrent()
	permits := bulkhead.New(500)
	t.Run("calls", func(t *testing.T) { stressUnary(t, permits) })
	goleak.VerifyNone(t, baseline)
	assert.Zero(t, permits.Snapshot().InFlight)
}

func stressUnary(t *testing.T, permits *bulkhead.Bulkhead) {
	t.Helper()
	s := &shop{unary: func(ctx context.Context, r *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("of", string(r.GetPayload().GetBody())))
		switch rand.IntN(8) {
		case 0:
			return nil, status.Error(codes.Unavailable, "x")
		case 1:
			_ = grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", "1"))
			return nil, status.Error(codes.ResourceExhausted, "x")
		case 2:
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
		}
		return &testpb.SimpleResponse{Payload: r.GetPayload()}, nil
	}}
	p := ductile.NewConcurrent("stress",
		timeout.New(time.Hour), retry.New(retry.Constant(100*time.Microsecond), retry.Budget(budget.Unlimited())),
		hedge.New(hedge.After(500*time.Microsecond), hedge.Extra(2), hedge.Budget(budget.Unlimited())),
		breaker.New(breaker.OpenTime(time.Millisecond), breaker.OpenTimeGrowth(1, time.Millisecond)), permits, timeout.New(time.Minute))
	client := s.open(t).client(t, ductilegrpc.NewClient(p))
	var wg sync.WaitGroup
	for worker := range 20 {
		wg.Go(func() {
			request := new(testpb.SimpleRequest)
			var trailer metadata.MD
			for i := range 500 {
				id := strconv.Itoa(worker*1000 + i)
				request.Payload = &testpb.Payload{Body: []byte(id)}
				ctx, cancel := context.WithCancel(t.Context())
				if rand.IntN(3) == 0 {
					time.AfterFunc(time.Duration(rand.IntN(1000))*time.Microsecond, cancel)
				}
				level := ductilegrpc.Idempotency(rand.IntN(3))
				reply, err := client.UnaryCall(ctx, request, grpc.Trailer(&trailer), ductilegrpc.Is(level))
				if err == nil {
					assert.Equal(t, id, string(reply.GetPayload().GetBody()))
					assert.Equal(t, []string{id}, trailer.Get("of"))
				} else {
					assert.Contains(t, []codes.Code{codes.Unavailable, codes.ResourceExhausted, codes.Canceled}, status.Code(err), "%v", err)
				}
				request.Payload.Body[0] = 'x'
				cancel()
			}
		})
	}
	wg.Wait()
}
