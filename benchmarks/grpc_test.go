package benchmarks

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/ductile-go/ductile/breaker"
)

// unaryScript is an invoker that counts, and ends as a test says.
type unaryScript struct {
	mu    sync.Mutex
	calls int
	end   func(ctx context.Context, call int) error
}

func (s *unaryScript) invoke(ctx context.Context, _ string, _, reply any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
	s.mu.Lock()
	s.calls++
	call := s.calls
	s.mu.Unlock()
	if err := s.end(ctx, call); err != nil {
		return err
	}
	if r, ok := reply.(*wrapperspb.StringValue); ok {
		r.Value = text
	}
	return nil
}

// nowhere returns a connection that is never made.
func nowhere(t *testing.T) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// call makes a call through an interceptor.
func (s *unaryScript) call(t *testing.T, by grpc.UnaryClientInterceptor, conn *grpc.ClientConn) (string, error) {
	t.Helper()
	reply := new(wrapperspb.StringValue)
	err := by(t.Context(), getStock, wrapperspb.String("4711"), reply, conn, s.invoke)
	return reply.GetValue(), err
}

// guards returns the interceptors that repeat.
func guards() map[string]grpc.UnaryClientInterceptor {
	ours, _ := newGuarded()
	theirs, _ := newFailsafeGuarded()
	return map[string]grpc.UnaryClientInterceptor{
		"ductile": ours, "failsafe-go": theirs, "ductile, retry": newRetrying(), "go-grpc-middleware": newMiddleware(),
	}
}

// TestInterceptorsAreTheSame makes calls that fail: in a measurement, where all is well, nobody would notice a policy that is missing.
func TestInterceptorsAreTheSame(t *testing.T) {
	conn := nowhere(t)
	for by := range guards() {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for code, want := range map[codes.Code]int{codes.OK: 1, codes.NotFound: 1, codes.Unavailable: 3} {
					s := &unaryScript{end: func(context.Context, int) error { return status.Error(code, "so it is") }}
					begin := time.Now()
					if _, err := s.call(t, guards()[by], conn); status.Code(err) != code {
						t.Errorf("%v, want %v", err, code)
					}
					if s.calls != want {
						t.Errorf("%d attempts at a server that answers %v, want %d", s.calls, code, want)
					}
					if waited := time.Since(begin) > 0; waited != (want > 1) {
						t.Errorf("%v took %v", code, time.Since(begin))
					}
				}
			})
		})
	}
}

// TestInterceptorsHaveBreakers makes calls of which every second attempt fails: both breakers open at the 20th, and the next one is refused.
func TestInterceptorsHaveBreakers(t *testing.T) {
	conn := nowhere(t)
	for by, refusal := range map[string]error{"ductile": breaker.ErrOpen, "failsafe-go": circuitbreaker.ErrOpen} {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &unaryScript{end: func(_ context.Context, call int) error {
					if call%2 == 0 {
						return status.Error(codes.Unavailable, "down")
					}
					return nil
				}}
				side := guards()[by]
				for range 100 {
					if _, err := s.call(t, side, conn); errors.Is(err, refusal) {
						break
					}
				}
				if s.calls != 20 {
					t.Errorf("the breaker has opened after %d attempts, want 20", s.calls)
				}
			})
		})
	}
}

// TestHedgingInterceptorsAreTheSame makes calls that no hedge is needed for, and then one whose first copy hangs. It does so in real time: the peer's
// goroutines never end.
func TestHedgingInterceptorsAreTheSame(t *testing.T) {
	t.Parallel()
	ours, _ := newHedging()
	theirs, _ := newBhope()
	for by, side := range map[string]grpc.UnaryClientInterceptor{"ductile": ours, "bhope/hedge": theirs} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			conn := nowhere(t)
			s := &unaryScript{end: func(ctx context.Context, call int) error {
				if call == 30 {
					<-ctx.Done()
				}
				return ctx.Err()
			}}
			for range 29 { // earns a copy, where it must be earned
				if reply, err := s.call(t, side, conn); err != nil || reply != text {
					t.Fatalf("%q, %v", reply, err)
				}
			}
			begin := time.Now()
			reply, err := s.call(t, side, conn)
			if took := time.Since(begin); err != nil || reply != text || took < hedgeAfter || s.calls != 31 {
				t.Errorf("%q, %v after %v and %d calls, want the second copy's answer", reply, err, took, s.calls-29)
			}
		})
	}
}
