package ductilegrpc_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/timeout"
)

// A server with room for one call at a time sheds the second, which comes while it serves the first.
func ExampleNewServer() {
	shed := ductilegrpc.NewServer(ductile.New("shop", bulkhead.New(1), timeout.New(time.Minute)))

	listener := bufconn.Listen(1 << 20) // net.Listen, elsewhere
	server := grpc.NewServer(shed.ServerOptions()...)
	conn, err := grpc.NewClient("passthrough:///shop", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		fmt.Println(err)
		return
	}
	client := testpb.NewTestServiceClient(conn)
	testpb.RegisterTestServiceServer(server, &shop{
		unary: func(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
			_, err := client.UnaryCall(ctx, &testpb.SimpleRequest{})
			fmt.Println("the second:", status.Code(err), "-", status.Convert(err).Message())
			return &testpb.SimpleResponse{}, nil
		},
	})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	_, err = client.UnaryCall(context.Background(), &testpb.SimpleRequest{})
	fmt.Println("the first:", status.Code(err))
	_ = conn.Close()
	// Output:
	// the second: Unavailable - the server sheds load: try again later
	// the first: OK
}
