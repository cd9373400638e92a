package ductilegrpc_test

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/timeout"
)

// A call is what an invoker in place of gRPC is asked for.
type call struct {
	ctx            context.Context
	request, reply any
	options        []grpc.CallOption
}

// stub makes a call with an invoker in place of gRPC.
func stub(t *testing.T, c *ductilegrpc.Client, invoke func(*call) error, options ...grpc.CallOption) error {
	t.Helper()
	return c.Unary(t.Context(), unaryCall, new(testpb.SimpleRequest), new(testpb.SimpleResponse), nil, invoker(invoke), options...)
}

func invoker(invoke func(*call) error) grpc.UnaryInvoker {
	return func(ctx context.Context, _ string, request, reply any, _ *grpc.ClientConn, options ...grpc.CallOption) error {
		return invoke(&call{ctx, request, reply, options})
	}
}

// tell writes to the options of a call what gRPC would: after an attempt that has had a connection, to a peer at that address.
func (c *call) tell(at net.Addr, md metadata.MD) {
	for _, option := range c.options {
		switch o := option.(type) {
		case grpc.HeaderCallOption:
			*o.HeaderAddr = md.Copy()
		case grpc.TrailerCallOption:
			*o.TrailerAddr = md.Copy()
		case grpc.PeerCallOption:
			o.PeerAddr.Addr = at
		}
	}
}

// finish says that gRPC has made the call.
func (c *call) finish(err error) error {
	for _, option := range c.options {
		if o, ok := option.(grpc.OnFinishCallOption); ok {
			o.OnFinish(err)
		}
	}
	return err
}

// plaintext is no security, for servers of tests.
var plaintext = insecure.NewCredentials()

func attemptTimeout(after time.Duration) *timeout.Policy { return timeout.New(after) }

func noDialer(context.Context, string) (net.Conn, error) {
	return nil, net.ErrClosed
}
