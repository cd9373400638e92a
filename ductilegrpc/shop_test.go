package ductilegrpc_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/test/bufconn"

	"github.com/ductile-go/ductile/ductilegrpc"
)

// The methods of the shop.
const (
	unaryCall  = "/grpc.testing.TestService/UnaryCall"
	outputCall = "/grpc.testing.TestService/StreamingOutputCall"
	inputCall  = "/grpc.testing.TestService/StreamingInputCall"
	duplexCall = "/grpc.testing.TestService/FullDuplexCall"
)

// A shop is a real server, each of whose methods does what a test says.
type shop struct {
	testpb.UnimplementedTestServiceServer
	unary  func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error)
	output func(*testpb.StreamingOutputCallRequest, grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse]) error
	input  func(grpc.ClientStreamingServer[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse]) error
	duplex func(grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) error
}

func (s *shop) UnaryCall(ctx context.Context, request *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	return s.unary(ctx, request)
}

func (s *shop) StreamingOutputCall(request *testpb.StreamingOutputCallRequest, stream grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse]) error {
	return s.output(request, stream)
}

func (s *shop) StreamingInputCall(stream grpc.ClientStreamingServer[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse]) error {
	return s.input(stream)
}

func (s *shop) FullDuplexCall(stream grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) error {
	return s.duplex(stream)
}

// A branch is where a shop is served.
type branch struct {
	*grpc.Server
	target string
	dialer grpc.DialOption // how to get there where the network is not the point; else one that changes nothing
}

// open serves the shop over TCP.
func (s *shop) open(t testing.TB, options ...grpc.ServerOption) *branch {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is at once
	require.NoError(t, err)
	return s.serve(t, l, l.Addr().String(), grpc.EmptyDialOption{}, options)
}

// openInMemory serves the shop without a network.
func (s *shop) openInMemory(t testing.TB, options ...grpc.ServerOption) *branch {
	t.Helper()
	l := bufconn.Listen(1 << 20)
	dialer := grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) })
	return s.serve(t, l, "passthrough:///shop", dialer, options)
}

func (s *shop) serve(t testing.TB, l net.Listener, target string, dialer grpc.DialOption, options []grpc.ServerOption) *branch {
	t.Helper()
	server := grpc.NewServer(options...)
	testpb.RegisterTestServiceServer(server, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return &branch{Server: server, target: target, dialer: dialer}
}

// connect returns a connection whose calls go through c, which may be nil.
func (b *branch) connect(t testing.TB, c *ductilegrpc.Client, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()), b.dialer)
	if c != nil {
		options = append(options, c.DialOptions()...)
	}
	conn, err := grpc.NewClient(b.target, options...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// client is connect with the stubs of the shop.
func (b *branch) client(t testing.TB, c *ductilegrpc.Client, options ...grpc.DialOption) testpb.TestServiceClient {
	t.Helper()
	return testpb.NewTestServiceClient(b.connect(t, c, options...))
}
