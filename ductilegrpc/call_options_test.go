package ductilegrpc_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fallback"
)

// Whoever asks for header, trailer or peer has that of the attempt that decided, each for itself; OnFinish hears of the whole call, once.
func TestWhatACallIsTold(t *testing.T) {
	n := 0
	s := &shop{unary: func(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		n++
		names := []string{"", "one", "two", "three"}
		_ = grpc.SetHeader(ctx, metadata.Pairs("h", names[n]))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("t", names[n]))
		if n < 3 {
			return nil, errUnavailable
		}
		return new(testpb.SimpleResponse), nil
	}}
	var finished []error
	all := grpc.OnFinish(func(err error) { finished = append(finished, err) })
	byDefault := metadata.MD{}
	client := s.open(t).client(t, ductilegrpc.NewClient(ductile.New("test", eager())),
		grpc.WithDefaultCallOptions(grpc.Header(&byDefault), all, ductilegrpc.Is(ductilegrpc.Idempotent)))
	var h1, h2, t1, t2 metadata.MD
	var p1, p2 peer.Peer
	_, err := client.UnaryCall(t.Context(), new(testpb.SimpleRequest),
		grpc.Header(&h1), grpc.Header(&h2), grpc.Trailer(&t1), grpc.Trailer(&t2), grpc.Peer(&p1), grpc.Peer(&p2), all)
	require.NoError(t, err)
	for _, h := range []metadata.MD{h1, h2, byDefault} {
		assert.Equal(t, []string{"three"}, h.Get("h"))
	}
	h1.Set("h", "mine")
	t1.Set("t", "mine")
	assert.Equal(t, []string{"three"}, h2.Get("h"), "shared by nobody")
	assert.Equal(t, []string{"three"}, t2.Get("t"))
	assert.NotNil(t, p1.Addr)
	assert.Equal(t, p1.Addr, p2.Addr)
	assert.Equal(t, []error{nil, nil}, finished)
}

func TestOnFinishHearsTheFinalError(t *testing.T) {
	for _, row := range []struct {
		name   string
		p      ductile.Composed
		invoke func(*call) error
		code   codes.Code
	}{
		{"of attempts", ductile.New("test", eager()), fails(errUnavailable), codes.Unavailable},
		{"of a refusal", ductile.New("test", &refuser{}), nil, codes.Unavailable},
		{"of a fallback", ductile.New("test", fallback.Value(new(testpb.SimpleResponse))), fails(errUnavailable), codes.OK},
		{"of hedges", hedged(1, 1), fails(errUnavailable), codes.Unavailable},
	} {
		t.Run(row.name, func(t *testing.T) {
			var finished []error
			c := ductilegrpc.NewClient(row.p, ductilegrpc.Methods(ductilegrpc.NoSideEffects, unaryCall))
			err := stub(t, c, func(c *call) error { return c.finish(row.invoke(c)) }, grpc.OnFinish(func(err error) { finished = append(finished, err) }))
			assert.Equal(t, row.code, status.Code(err))
			assert.Equal(t, []error{err}, finished)
		})
	}
}

// Where there was no connection gRPC writes nothing, and a call that has not been made is told nothing.
func TestWhatACallIsNotToldStays(t *testing.T) {
	before := metadata.Pairs("before", "1")
	at := &net.TCPAddr{Port: 1}
	for name, c := range map[string]*ductilegrpc.Client{
		"never left": ductilegrpc.NewClient(ductile.New("test", eager())),
		"refused":    ductilegrpc.NewClient(ductile.New("test", &refuser{})),
		"a fallback": ductilegrpc.NewClient(ductile.New("test", fallback.Value(new(testpb.SimpleResponse)), &refuser{})),
	} {
		header, trailer, from := before, before, peer.Peer{Addr: at}
		_ = stub(t, c, func(c *call) error { return c.finish(errUnavailable) }, grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from))
		assert.Equal(t, before, header, name)
		assert.Equal(t, before, trailer, name)
		assert.Equal(t, at, from.Addr, name)
	}
	header, trailer, from := before, before, peer.Peer{Addr: at}
	c := ductilegrpc.NewClient(ductile.New("test"))
	require.Error(t, stub(t, c, func(c *call) error { c.tell(&net.TCPAddr{Port: 2}, nil); return errUnavailable },
		grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from)))
	assert.Empty(t, header, "gRPC overwrites it")
	assert.Empty(t, trailer)
	assert.Equal(t, &net.TCPAddr{Port: 2}, from.Addr)

	header, trailer = before, before
	require.Error(t, stub(t, c, func(c *call) error {
		for _, option := range c.options {
			if o, ok := option.(grpc.PeerCallOption); ok {
				o.PeerAddr.Addr = at
			}
		}
		return errUnavailable
	}, grpc.Header(&header), grpc.Trailer(&trailer)))
	assert.Nil(t, header, "a transport that has none to tell")
	assert.Nil(t, trailer)
}

// A nil address panics with gRPC, and so here; the permits come back.
func TestNilAddresses(t *testing.T) {
	permits := bulkhead.New(1)
	s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		return new(testpb.SimpleResponse), nil
	}}
	client := s.openInMemory(t).client(t, ductilegrpc.NewClient(ductile.New("test", permits)))
	for _, option := range []grpc.CallOption{grpc.Header(nil), grpc.Trailer(nil), grpc.Peer(nil), grpc.OnFinish(nil)} {
		assert.Panics(t, func() { _, _ = client.UnaryCall(t.Context(), new(testpb.SimpleRequest), option) }, "%T", option)
		assert.Zero(t, permits.Snapshot().InFlight)
	}
}

// Options that are none of ours reach every attempt, in their order.
func TestOtherOptionsPass(t *testing.T) {
	var got []grpc.CallOption
	var md metadata.MD
	c := ductilegrpc.NewClient(ductile.New("test"))
	is := ductilegrpc.Is(ductilegrpc.NoSideEffects)
	require.NoError(t, stub(t, c, func(c *call) error { got = c.options; return nil },
		grpc.WaitForReady(true), grpc.Header(&md), grpc.UseCompressor("gzip"), ductilegrpc.Through(ductile.New("other")), is, grpc.StaticMethod()))
	assert.Equal(t, []grpc.CallOption{grpc.WaitForReady(true), grpc.UseCompressor("gzip"), is, grpc.StaticMethod()}, got[:4])
	assert.Len(t, got, 7, "besides places for trailer, peer and header")

	many := make([]grpc.CallOption, 20)
	for i := range many {
		many[i] = grpc.MaxCallRecvMsgSize(i)
	}
	require.NoError(t, stub(t, c, func(c *call) error { got = c.options; return nil }, many...))
	assert.Equal(t, many, got[:20])
}

// A call may go through a pipeline of its own. It is that of one client: the next one has its own.
func TestThroughIsForOneClientRegression(t *testing.T) {
	mine, outers, inners := bulkhead.New(1), breaker.New(), breaker.New()
	inner := ductilegrpc.NewClient(ductile.New("inner", inners))
	outer := ductilegrpc.NewClient(ductile.New("outer", outers))
	wire := invoker(fails(errUnavailable))
	err := outer.Unary(t.Context(), unaryCall, new(testpb.SimpleRequest), new(testpb.SimpleResponse), nil, func(
		ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, options ...grpc.CallOption,
	) error {
		return inner.Unary(ctx, method, request, reply, cc, wire, options...)
	}, ductilegrpc.Through(ductile.New("mine", mine)))
	assert.Equal(t, errUnavailable, err)
	assert.Equal(t, uint64(1), inners.Snapshot().Counts.Failures)
	assert.Zero(t, outers.Snapshot().Counts.Failures)
	assert.Zero(t, mine.Snapshot().Rejected)
}

func TestCallOptionsThatMakeNoSense(t *testing.T) {
	assert.PanicsWithValue(t, "ductilegrpc: Is: must be Unknown, Idempotent or NoSideEffects", func() { ductilegrpc.Is(3) })
	assert.Panics(t, func() { ductilegrpc.Is(255) })
	assert.Panics(t, func() { ductilegrpc.Through(nil) })
	assert.Panics(t, func() { ductilegrpc.Through((*ductile.Pipeline)(nil)) })
	assert.NotPanics(t, func() { ductilegrpc.Through(hedged(1, 1)) })
}

// badCredentials fail before the call has left.
type badCredentials struct{ err error }

func (b badCredentials) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return nil, b.err
}
func (badCredentials) RequireTransportSecurity() bool { return false }

var _ credentials.PerRPCCredentials = badCredentials{}

// Credentials that cannot be had are a failure of the call, of the code that they say; it has not left, so it may be repeated.
func TestCredentialsThatFail(t *testing.T) {
	for _, row := range []struct {
		err      error
		code     codes.Code
		attempts int32
	}{
		{errors.New("no token"), codes.Internal, 1},
		{errUnavailable, codes.Unavailable, 3},
		{status.Error(codes.PermissionDenied, "x"), codes.PermissionDenied, 1},
	} {
		_, attempts, through := counted(ductile.New("test", eager()))
		s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) { panic("reached") }}
		client := s.open(t).client(t, nil, through)
		_, err := client.UnaryCall(t.Context(), new(testpb.SimpleRequest), grpc.PerRPCCredentials(badCredentials{row.err}))
		assert.Equal(t, row.code, status.Code(err), "%v", err)
		assert.Equal(t, row.attempts, attempts.Load(), "%v", err)
	}
}
