package ductilegrpc_test

import (
	"context"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/retry"
)

// towards dials whichever branch is the one at the moment.
func towards(at *atomic.Pointer[branch]) grpc.DialOption {
	return grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", at.Load().target)
	})
}

// visits counts who has come.
type visits struct {
	mu   sync.Mutex
	seen map[string]int
}

func (v *visits) enter(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen[name]++
}

// Servers go away and others come while calls run. No call is served twice that must not be, and none is lost that was taken.
func TestServersThatGoAway(t *testing.T) {
	for name, stop := range map[string]func(*branch){
		"GracefulStop": func(b *branch) { b.GracefulStop() },
		"Stop":         func(b *branch) { b.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			v := &visits{seen: map[string]int{}}
			s := &shop{unary: func(_ context.Context, r *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
				v.enter(string(r.GetPayload().GetBody()))
				return &testpb.SimpleResponse{Payload: r.GetPayload()}, nil
			}}
			branches := []*branch{s.open(t), s.open(t), s.open(t)}
			at := new(atomic.Pointer[branch])
			at.Store(branches[0])
			permits := bulkhead.New(1000)
			c := ductilegrpc.NewClient(ductile.New("test", eager(retry.Attempts(10)), permits))
			conn, err := grpc.NewClient("passthrough:///x", append(c.DialOptions(), grpc.WithTransportCredentials(plaintext), towards(at))...)
			require.NoError(t, err)
			defer conn.Close() //nolint:errcheck // nothing is lost
			client := testpb.NewTestServiceClient(conn)
			var wg sync.WaitGroup
			var done, served atomic.Int32
			for i := range 300 {
				wg.Go(func() {
					id := strconv.Itoa(i)
					_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{Payload: &testpb.Payload{Body: []byte(id)}}, grpc.WaitForReady(true))
					if err == nil {
						served.Add(1)
					} else {
						assert.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
					}
					if n := done.Add(1); n == 50 || n == 150 {
						next := branches[(n+50)/100]
						gone := at.Swap(next)
						stop(gone)
					}
				})
			}
			wg.Wait()
			v.mu.Lock() // a handler may run on after its server has stopped
			defer v.mu.Unlock()
			for id, n := range v.seen {
				assert.Equal(t, 1, n, id)
			}
			assert.GreaterOrEqual(t, int32(len(v.seen)), served.Load())
			assert.Positive(t, served.Load())
			assert.Zero(t, permits.Snapshot().InFlight)
		})
	}
}

// A server is restarted: while it is away the breaker opens, and afterwards calls are served.
func TestAServerThatIsRestarted(t *testing.T) {
	s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		return new(testpb.SimpleResponse), nil
	}}
	at := new(atomic.Pointer[branch])
	at.Store(s.open(t))
	b := breaker.New(breaker.OpenTime(time.Millisecond), breaker.OpenTimeGrowth(1, time.Millisecond))
	c := ductilegrpc.NewClient(ductile.New("test", b))
	conn, err := grpc.NewClient("passthrough:///x", append(c.DialOptions(), grpc.WithTransportCredentials(plaintext), towards(at))...)
	require.NoError(t, err)
	defer conn.Close() //nolint:errcheck // nothing is lost
	client := testpb.NewTestServiceClient(conn)
	_, err = client.UnaryCall(t.Context(), new(testpb.SimpleRequest))
	require.NoError(t, err)
	at.Load().Stop()
	for b.Snapshot().Opened == 0 {
		_, err = client.UnaryCall(t.Context(), new(testpb.SimpleRequest))
		require.Equal(t, codes.Unavailable, status.Code(err))
	}
	at.Store(s.open(t))
	conn.ResetConnectBackoff()
	require.Eventually(t, func() bool {
		_, err := client.UnaryCall(t.Context(), new(testpb.SimpleRequest), grpc.WaitForReady(true))
		return err == nil
	}, 20*time.Second, 2*time.Millisecond)
}

// What gRPC sends again because the server has refused it unprocessed it still does with DialOptions: that is no attempt of ours, and safe.
func TestTransparentRetry(t *testing.T) {
	v := &visits{seen: map[string]int{}}
	s := &shop{unary: func(_ context.Context, r *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		v.enter(string(r.GetPayload().GetBody()))
		return new(testpb.SimpleResponse), nil
	}}
	// Connections that the server closes all the time: calls meet the GOAWAY.
	b := s.open(t, grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: 5 * time.Millisecond, MaxConnectionAgeGrace: time.Minute}))
	failures := breaker.New()
	client := b.client(t, ductilegrpc.NewClient(ductile.New("test", failures)))
	for i := range 300 {
		_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{Payload: &testpb.Payload{Body: []byte(strconv.Itoa(i))}}, grpc.WaitForReady(true))
		require.NoError(t, err)
	}
	assert.Len(t, v.seen, 300)
	assert.Zero(t, failures.Snapshot().Counts.Failures)
}

// frozen is a connection from which nothing comes any more once it is frozen.
type frozen struct {
	net.Conn
	from <-chan struct{}
	done chan struct{}
	once *sync.Once
}

func (f *frozen) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	select {
	case <-f.from:
		<-f.done
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

func (f *frozen) Close() error {
	f.once.Do(func() { close(f.done) })
	return f.Conn.Close()
}

// A server that has gone without a word is noticed by its silence: the attempt fails, and is repeated where it may be.
func TestKeepaliveLoss(t *testing.T) {
	for level, want := range map[ductilegrpc.Idempotency]int{ductilegrpc.Unknown: 1, ductilegrpc.Idempotent: 2} {
		t.Run(level.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen, freeze := 0, make(chan struct{})
				s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
					if seen++; seen == 1 {
						close(freeze)
					}
					return new(testpb.SimpleResponse), nil
				}}
				l := bufconn.Listen(1 << 20)
				server := grpc.NewServer()
				testpb.RegisterTestServiceServer(server, s)
				go func() { _ = server.Serve(l) }()
				dials := 0
				dial := grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
					conn, err := l.DialContext(ctx)
					if dials++; dials == 1 && err == nil {
						conn = &frozen{conn, freeze, make(chan struct{}), new(sync.Once)}
					}
					return conn, err
				})
				c := ductilegrpc.NewClient(ductile.New("test", eager()))
				conn, err := grpc.NewClient("passthrough:///x", append(c.DialOptions(), dial, grpc.WithTransportCredentials(plaintext),
					grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: time.Second}))...)
				require.NoError(t, err)
				_, err = testpb.NewTestServiceClient(conn).UnaryCall(t.Context(), new(testpb.SimpleRequest), ductilegrpc.Is(level), grpc.WaitForReady(true))
				assert.Equal(t, want, seen)
				if want == 1 {
					assert.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
				} else {
					assert.NoError(t, err)
				}
				require.NoError(t, conn.Close())
				server.Stop()
			})
		})
	}
}
