package ductilegrpctest

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop/grpc_testing"
)

// unaryCall is a method that must not be called twice.
const unaryCall = "/grpc.testing.TestService/UnaryCall"

// Streams of the service, as a server has them.
type (
	outputs = grpc.ServerStreamingServer[grpc_testing.StreamingOutputCallResponse]
	inputs  = grpc.ClientStreamingServer[grpc_testing.StreamingInputCallRequest, grpc_testing.StreamingInputCallResponse]
	duplex  = grpc.BidiStreamingServer[grpc_testing.StreamingOutputCallRequest, grpc_testing.StreamingOutputCallResponse]
)

// A service is what a server does with a call of each kind. n is its number among all that have arrived, from one on.
type service struct {
	unary  func(ctx context.Context, text string, n int64) (string, error)
	output func(text string, n int64, to outputs) error
	input  func(n int64, from inputs) error
	duplex func(n int64, with duplex) error
}

// A site is a server on loopback.
type site struct {
	grpc_testing.UnimplementedTestServiceServer
	service
	x       *visit
	target  string
	heard   atomic.Int64 // how many calls have arrived
	closed  atomic.Bool  // it cannot be reached
	mu      sync.Mutex
	sockets []net.Conn
}

// serve starts a server, which is stopped after the story with every call that it has.
func (x *visit) serve(s service) *site {
	l, err := new(net.ListenConfig).Listen(x.ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		x.moot("the machine lets nobody listen: " + err.Error())
	}
	there := &site{service: s, x: x, target: "passthrough:///" + l.Addr().String()}
	server := grpc.NewServer()
	grpc_testing.RegisterTestServiceServer(server, there)
	apart(func() { _ = server.Serve(&listener{l, there}) })
	x.later(server.Stop)
	return there
}

// answers starts a server of unary calls.
func (x *visit) answers(unary func(ctx context.Context, text string, n int64) (string, error)) *site {
	return x.serve(service{unary: unary})
}

// hangUp breaks all connections.
func (s *site) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.sockets {
		_ = c.Close()
	}
}

// A listener knows the connections of a site.
type listener struct {
	net.Listener
	of *site
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.of.mu.Lock()
		defer l.of.mu.Unlock()
		l.of.sockets = append(l.of.sockets, c)
	}
	return c, err
}

var errClosed = errors.New("the server cannot be reached")

// A line is a connection to a site through the interceptors.
type line struct {
	*grpc.ClientConn
	grpc_testing.TestServiceClient
	*inside
	x *visit
}

// dial makes a connection through new interceptors.
func (s *site) dial() *line {
	l := &line{x: s.x, inside: new(inside)}
	options := append(s.x.options(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(l.unary), grpc.WithChainStreamInterceptor(l.stream), // the innermost
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 10 * time.Millisecond, Multiplier: 1, MaxDelay: 10 * time.Millisecond}, MinConnectTimeout: s.x.patience,
		}),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			if s.closed.Load() {
				return nil, errClosed
			}
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		}))
	var err error
	if l.ClientConn, err = grpc.NewClient(s.target, options...); err != nil {
		s.x.find("grpc.NewClient returned the error %q", err)
	}
	l.TestServiceClient = grpc_testing.NewTestServiceClient(l.ClientConn)
	s.x.later(func() { _ = l.Close() })
	return l
}

// UnaryCall implements grpc_testing.TestServiceServer.
func (s *site) UnaryCall(ctx context.Context, r *grpc_testing.SimpleRequest) (*grpc_testing.SimpleResponse, error) {
	text, err := s.service.unary(ctx, string(r.GetPayload().GetBody()), s.heard.Add(1))
	if err != nil {
		return nil, err
	}
	return &grpc_testing.SimpleResponse{Username: text}, nil
}

// CacheableUnaryCall implements grpc_testing.TestServiceServer.
func (s *site) CacheableUnaryCall(ctx context.Context, r *grpc_testing.SimpleRequest) (*grpc_testing.SimpleResponse, error) {
	return s.UnaryCall(ctx, r)
}

// StreamingOutputCall implements grpc_testing.TestServiceServer.
func (s *site) StreamingOutputCall(r *grpc_testing.StreamingOutputCallRequest, to outputs) error {
	return s.output(string(r.GetPayload().GetBody()), s.heard.Add(1), to)
}

// StreamingInputCall implements grpc_testing.TestServiceServer.
func (s *site) StreamingInputCall(from inputs) error { return s.input(s.heard.Add(1), from) }

// FullDuplexCall implements grpc_testing.TestServiceServer.
func (s *site) FullDuplexCall(with duplex) error { return s.service.duplex(s.heard.Add(1), with) }
