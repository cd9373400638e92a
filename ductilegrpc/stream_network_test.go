package ductilegrpc_test

import (
	"context"
	"io"
	"net"
	"sync"
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
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

func TestAServerThatDiesInTheMiddleOfAStream(t *testing.T) {
	reached := make(chan struct{})
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		_ = out.Send(response("one"))
		close(reached)
		<-out.Context().Done()
		return nil
	}}
	gate, permits := breaker.New(), bulkhead.New(1)
	branch := s.open(t)
	stream, err := branch.around(t, ductile.New("p", again(), gate, permits)).StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	_, err = stream.Recv()
	require.NoError(t, err)
	<-reached
	branch.Stop()
	_, err = stream.Recv()
	assert.Equal(t, codes.Unavailable, status.Code(err))
	assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}, gate.Snapshot().Counts)
	assert.Zero(t, permits.Snapshot().InFlight)
}

func TestAServerThatIsRestartedBetweenTwoAttempts(t *testing.T) {
	here := newPlace(t)
	var calls atomic.Int64
	reached := make(chan struct{})
	s := &shop{output: func(r *testpb.StreamingOutputCallRequest, out outputs) error {
		if calls.Add(1) == 1 {
			close(reached)
			<-out.Context().Done()
			return nil
		}
		return out.Send(response(string(r.GetPayload().GetBody())))
	}}
	first := s.serve(t, here.listen(t), here.target(), grpc.EmptyDialOption{}, nil)
	var again sync.Once
	p := ductile.New("p", &onGrant{Retrier: retry.New(retry.Constant(time.Millisecond)), then: func() {
		again.Do(func() { s.serve(t, here.listen(t), here.target(), grpc.EmptyDialOption{}, nil) })
	}})
	stream, err := first.around(t, p).StreamingOutputCall(t.Context(), request("x"), grpc.WaitForReady(true))
	require.NoError(t, err)
	received := make(chan error, 1)
	go func() {
		m, err := stream.Recv()
		assert.Equal(t, "x", string(m.GetPayload().GetBody()))
		received <- err
	}()
	<-reached
	first.Stop()
	assert.NoError(t, <-received)
	assert.EqualValues(t, 2, calls.Load())
}

func TestAServerThatSaysGoodbyeLetsAStreamFinish(t *testing.T) { // GOAWAY
	goodbye := make(chan struct{})
	s := &shop{duplex: func(stream both) error {
		for range 3 {
			m, err := stream.Recv()
			if err != nil {
				return err
			}
			if err := stream.Send(response(string(m.GetPayload().GetBody()))); err != nil {
				return err
			}
		}
		return nil
	}}
	branch := s.open(t)
	client := branch.around(t, ductile.New("p", again(), bulkhead.New(1)))
	stream, err := client.FullDuplexCall(t.Context())
	require.NoError(t, err)
	for i := range 3 {
		if i == 1 {
			go func() {
				branch.GracefulStop()
				close(goodbye)
			}()
		}
		require.NoError(t, stream.Send(request("x")))
		_, err = stream.Recv()
		require.NoError(t, err)
	}
	_, err = stream.Recv()
	assert.Equal(t, io.EOF, err)
	<-goodbye
	_, err = client.FullDuplexCall(t.Context())
	assert.Equal(t, codes.Unavailable, status.Code(err), "nobody is there any more")
}

func TestAStreamThatWaitsForItsServer(t *testing.T) {
	here := newPlace(t)
	var calls atomic.Int64
	s := &shop{output: failing(0, &calls, codes.OK)}
	absent := &branch{target: here.target(), dialer: grpc.EmptyDialOption{}}
	permits := bulkhead.New(1)

	_, err := absent.around(t, ductile.New("p", permits, timeout.New(50*time.Millisecond))).StreamingOutputCall(t.Context(), request(""), grpc.WaitForReady(true))
	assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
	assert.Zero(t, permits.Snapshot().InFlight)

	client := absent.around(t, ductile.New("p", again(), permits))
	_, err = client.StreamingOutputCall(t.Context(), request(""))
	assert.Equal(t, codes.Unavailable, status.Code(err))
	assert.ErrorIs(t, err, retry.ErrAttempts)

	var opened sync.WaitGroup
	opened.Go(func() { s.serve(t, here.listen(t), here.target(), grpc.EmptyDialOption{}, nil) })
	stream, err := client.StreamingOutputCall(t.Context(), request("x"), grpc.WaitForReady(true))
	require.NoError(t, err)
	got, err := all(stream.Recv)
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, []string{"x"}, got)
	opened.Wait()
}

// A pipe listens in memory, so that a network can fall silent in virtual time.
type pipe struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
	silent   chan struct{} // closed when nothing arrives any more
}

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipe) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipe) dial(ctx context.Context, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.accepted <- there:
		return &line{here, p.silent, make(chan struct{}), &sync.Once{}}, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A line is a connection on which nothing is sent or arrives once it is silent.
type line struct {
	net.Conn
	silent chan struct{}
	closed chan struct{}
	once   *sync.Once
}

func (l *line) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Conn.Close()
}

func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	select {
	case <-l.silent:
		<-l.closed
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

func (l *line) Write(b []byte) (int, error) {
	select {
	case <-l.silent:
		return len(b), nil
	default:
		return l.Conn.Write(b)
	}
}

func TestAConnectionThatFallsSilent(t *testing.T) { // keepalive
	synctest.Test(t, func(t *testing.T) {
		s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
			_ = out.Send(response("one"))
			<-out.Context().Done()
			return nil
		}}
		p := &pipe{accepted: make(chan net.Conn), closed: make(chan struct{}), silent: make(chan struct{})}
		branch := s.serve(t, p, "passthrough:///shop", grpc.WithContextDialer(p.dial), nil)
		gate, permits := breaker.New(), bulkhead.New(1)
		c := ductilegrpc.NewClient(ductile.New("p", again(), gate, permits), twice())
		conn, err := grpc.NewClient(branch.target, append(c.DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()), branch.dialer,
			grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}))...)
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		stream, err := testpb.NewTestServiceClient(conn).StreamingOutputCall(t.Context(), request(""))
		require.NoError(t, err)
		_, err = stream.Recv()
		require.NoError(t, err)
		close(p.silent)
		began := time.Now()
		_, err = stream.Recv()
		assert.Equal(t, codes.Unavailable, status.Code(err))
		assert.ErrorContains(t, err, "keepalive")
		assert.LessOrEqual(t, time.Since(began), time.Minute)
		assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}, gate.Snapshot().Counts)
		assert.Zero(t, permits.Snapshot().InFlight)
		branch.Stop()
	})
}
