package ductilegrpc_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// What has never left may be repeated, whatever it is; what may have arrived must not be.

var errUnavailable = status.Error(codes.Unavailable, "down")

// gone is an address where nobody listens.
func gone(t *testing.T) string {
	t.Helper()
	return newPlace(t).target()
}

// counted is a client whose attempts are counted.
func counted(p ductile.Composed) (c *ductilegrpc.Client, attempts *atomic.Int32, option grpc.DialOption) {
	c, attempts = ductilegrpc.NewClient(p), new(atomic.Int32)
	return c, attempts, grpc.WithChainUnaryInterceptor(c.Unary, func(
		ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
	) error {
		attempts.Add(1)
		return invoke(ctx, method, request, reply, cc, options...)
	})
}

func TestAServerThatIsNotThere(t *testing.T) {
	_, attempts, through := counted(ductile.New("test", eager()))
	conn, err := grpc.NewClient(gone(t), grpc.WithTransportCredentials(insecure.NewCredentials()), through)
	require.NoError(t, err)
	defer conn.Close() //nolint:errcheck // nothing is lost
	_, err = testpb.NewTestServiceClient(conn).UnaryCall(t.Context(), new(testpb.SimpleRequest))
	assert.Equal(t, codes.Unavailable, status.Code(err))
	assert.Equal(t, int32(3), attempts.Load())
}

// With WaitForReady a call waits for a connection, as long as it may: an attempt, or the whole.
func TestWaitForReadyIsOfEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nobody := grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return nil, errors.New("nobody is there") })
		_, attempts, through := counted(ductile.New("test", eager(), timeout.New(20*time.Millisecond)))
		conn, err := grpc.NewClient("passthrough:///x", nobody, grpc.WithTransportCredentials(insecure.NewCredentials()), through)
		require.NoError(t, err)
		defer conn.Close() //nolint:errcheck // nothing is lost
		_, err = testpb.NewTestServiceClient(conn).UnaryCall(t.Context(), new(testpb.SimpleRequest), grpc.WaitForReady(true))
		assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
		assert.Equal(t, int32(3), attempts.Load(), "each has waited in vain, and none has left")

		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, attempts, through = counted(ductile.New("test", eager()))
		conn, err = grpc.NewClient("passthrough:///x", nobody, grpc.WithTransportCredentials(insecure.NewCredentials()), through)
		require.NoError(t, err)
		defer conn.Close() //nolint:errcheck // nothing is lost
		_, err = testpb.NewTestServiceClient(conn).UnaryCall(ctx, new(testpb.SimpleRequest), grpc.WaitForReady(true))
		assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
		assert.Equal(t, int32(1), attempts.Load())
	})
}

// What gRPC has sent and then fails to repeat has left, though it found no connection in the end.
func TestACallThatLeftBeforeGRPCRepeatedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := 0
		s := &shop{}
		var b *branch
		s.unary = func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
			seen++
			time.AfterFunc(time.Millisecond, b.Stop) // when it has answered
			return nil, errUnavailable
		}
		b = s.openInMemory(t)
		_, attempts, through := counted(ductile.New("test", eager()))
		later := grpc.WithDefaultServiceConfig(strings.ReplaceAll(retrying, "0.001s", "1s"))
		_, err := b.client(t, nil, through, later).UnaryCall(t.Context(), new(testpb.SimpleRequest))
		assert.ErrorContains(t, err, "closed", "what gRPC found in the end, and not what the server said")
		assert.Equal(t, 1, seen)
		assert.Equal(t, int32(1), attempts.Load())
	})
}

// A server that dies when it has the request leaves nobody who knows what it has done.
func TestAServerThatDiesWithTheRequest(t *testing.T) {
	for level, want := range map[ductilegrpc.Idempotency]int32{ductilegrpc.Unknown: 1, ductilegrpc.Idempotent: 3} {
		t.Run(level.String(), func(t *testing.T) {
			var seen atomic.Int32
			dies := make(chan *branch, 3)
			s := &shop{}
			s.unary = func(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
				seen.Add(1)
				go (<-dies).Stop()
				<-ctx.Done()
				return nil, ctx.Err()
			}
			targets := make([]*branch, 3)
			for i := range targets {
				targets[i] = s.open(t)
			}
			next := 0
			dial := grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
				b := targets[min(next, 2)]
				next++
				dies <- b
				return new(net.Dialer).DialContext(ctx, "tcp", b.target)
			})
			c, attempts, through := counted(ductile.New("test", eager()))
			_ = c
			conn, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()), dial, through)
			require.NoError(t, err)
			defer conn.Close() //nolint:errcheck // nothing is lost
			_, err = testpb.NewTestServiceClient(conn).UnaryCall(t.Context(), new(testpb.SimpleRequest), ductilegrpc.Is(level), grpc.WaitForReady(true))
			assert.Equal(t, codes.Unavailable, status.Code(err))
			assert.Equal(t, want, seen.Load())
			assert.Equal(t, want, attempts.Load())
		})
	}
}

// silent is a connection that does not say where it goes.
type silent struct{ net.Conn }

func (silent) RemoteAddr() net.Addr { return nil }

// gRPC knows no address of such a peer. That the call has left is known all the same.
func TestAPeerWithoutAnAddressRegression(t *testing.T) {
	var seen atomic.Int32
	s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		seen.Add(1)
		return nil, errUnavailable
	}}
	b := s.open(t)
	b.dialer = grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", b.target)
		return silent{conn}, err
	})
	client := b.client(t, ductilegrpc.NewClient(ductile.New("test", eager())))
	_, err := client.UnaryCall(t.Context(), new(testpb.SimpleRequest))
	require.Equal(t, codes.Unavailable, status.Code(err))
	assert.Equal(t, int32(1), seen.Load())
}

// spoil is a middleware that makes an error of every end of what is inside it.
type spoil struct{}

func (spoil) Name() string { return "spoil" }

func (spoil) Around(ctx context.Context, next func(context.Context) error) (err error) {
	defer func() {
		_ = recover()
		err = errUnavailable
	}()
	return next(ctx)
}

// Who makes a call without gRPC, or ends it otherwise, does not say whether it has left: it may have.
func TestWhatMayHaveLeftRegression(t *testing.T) {
	for _, row := range []struct {
		name   string
		inside []ductile.Policy // of a retry
		invoke func(*call) error
		want   int
	}{
		{"an interceptor's own error", nil, func(*call) error { return errUnavailable }, 1},
		{"a transport without options", nil, func(*call) error { return errors.New("reset") }, 1},
		{"gRPC, which has had no connection", nil, func(c *call) error { return c.finish(errUnavailable) }, 3},
		{"gRPC, which has had one", nil, func(c *call) error { c.tell(nil, nil); return c.finish(errUnavailable) }, 1},
		{"a success that a middleware spoils", []ductile.Policy{spoil{}}, func(*call) error { return nil }, 1},
		{"a panic that a middleware catches", []ductile.Policy{spoil{}}, func(*call) error { panic("x") }, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			attempts := 0
			c := ductilegrpc.NewClient(ductile.NewConcurrent("test", append([]ductile.Policy{eager()}, row.inside...)...))
			err := stub(t, c, func(c *call) error {
				attempts++
				return row.invoke(c)
			})
			require.Error(t, err)
			assert.Equal(t, row.want, attempts)
		})
	}
}

// Two clients around each other: the outer one knows what the inner one knows.
func TestClientsAroundEachOther(t *testing.T) {
	arrived := func(c *call) error {
		c.tell(&net.TCPAddr{}, nil)
		return c.finish(errUnavailable)
	}
	never := func(c *call) error { return c.finish(errUnavailable) }
	rejecting := &refuser{}
	for _, row := range []struct {
		name   string
		inner  ductile.Composed
		invoke []func(*call) error // one for each attempt, the last for all that follow
		want   int                 // attempts
	}{
		{"never left", ductile.New("inner"), []func(*call) error{never}, 3},
		{"arrived", ductile.New("inner"), []func(*call) error{arrived}, 1},
		{"arrived, and then the inner one's repeat never left", ductile.New("inner", eager(retry.Attempts(2))), []func(*call) error{arrived, never}, 2},
		{"refused by the inner one", ductile.New("inner", rejecting), []func(*call) error{arrived}, 0},
		{"left to itself by the inner one", ductile.NewConcurrent("inner", timeout.New(time.Second, timeout.Detached())), []func(*call) error{
			func(c *call) error { <-c.ctx.Done(); time.Sleep(time.Minute); return c.finish(errUnavailable) },
		}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				outer, inner := ductilegrpc.NewClient(ductile.New("outer", eager())), ductilegrpc.NewClient(row.inner, ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall))
				var attempts atomic.Int32
				wire := invoker(func(c *call) error {
					n := int(attempts.Add(1))
					return row.invoke[min(n, len(row.invoke))-1](c)
				})
				err := outer.Unary(t.Context(), unaryCall, new(testpb.SimpleRequest), new(testpb.SimpleResponse), nil, func(
					ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, options ...grpc.CallOption,
				) error {
					return inner.Unary(ctx, method, request, reply, cc, wire, options...)
				})
				require.Error(t, err)
				assert.Equal(t, row.want, int(attempts.Load()))
				time.Sleep(time.Hour)
			})
		})
	}
	assert.Equal(t, 1, rejecting.asked, "a refusal is not repeated")
}

// refuser is a gate that refuses.
type refuser struct{ asked int }

func (*refuser) Name() string { return "refuser" }
func (r *refuser) Acquire(context.Context) (uint64, error) {
	r.asked++
	return 0, fault.ErrRejected
}
func (*refuser) Release(uint64, error) {}

// An attempt that panics or exits gives back what it has, and the call ends as it does.
func TestAnInterceptorInsideThatDoesNotReturn(t *testing.T) {
	for _, p := range []func(...ductile.Policy) ductile.Composed{
		func(p ...ductile.Policy) ductile.Composed { return ductile.New("test", p...) },
		func(p ...ductile.Policy) ductile.Composed { return ductile.NewConcurrent("test", p...) },
	} {
		permits := bulkhead.New(1)
		c := ductilegrpc.NewClient(p(eager(), permits), ductilegrpc.Methods(ductilegrpc.NoSideEffects, unaryCall))
		assert.PanicsWithValue(t, "inside", func() { _ = stub(t, c, func(*call) error { panic("inside") }) })
		assert.Zero(t, permits.Snapshot().InFlight)

		exited := make(chan bool, 1)
		go func() {
			defer close(exited)
			_ = stub(t, c, func(*call) error { runtime.Goexit(); return nil })
			exited <- false
		}()
		_, returned := <-exited
		assert.False(t, returned)
		assert.Zero(t, permits.Snapshot().InFlight)
	}
}
