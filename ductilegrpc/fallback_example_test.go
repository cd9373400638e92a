package ductilegrpc_test

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
)

// nowhereToGo is a connection whose calls come to nothing: its dialer fails.
func nowhereToGo(c *ductilegrpc.Client) *grpc.ClientConn {
	conn, err := grpc.NewClient("passthrough:///shop", append(c.DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(noDialer))...)
	if err != nil {
		panic(err)
	}
	return conn
}

// A pipeline that many methods share has a fallback for one of them, which sees the request.
func ExampleFallback() {
	client := ductilegrpc.NewClient(ductile.New("shop",
		ductilegrpc.Fallback("/grpc.testing.TestService/UnaryCall", func(
			_ context.Context, request *testpb.SimpleRequest, cause error,
		) (*testpb.SimpleResponse, error) {
			return &testpb.SimpleResponse{Username: fmt.Sprintf("nobody, of size %d, since it is %v", request.GetResponseSize(), fault.Of(cause))}, nil
		}),
	))
	conn := nowhereToGo(client)
	defer conn.Close() //nolint:errcheck // nothing is lost

	reply, err := testpb.NewTestServiceClient(conn).UnaryCall(context.Background(), &testpb.SimpleRequest{ResponseSize: 7})
	fmt.Println(reply.GetUsername(), err)
	// Output: nobody, of size 7, since it is transient <nil>
}

// Where all calls have one type of reply, as with a pipeline for each method, the fallbacks of package fallback serve. Each call gets a copy.
func ExampleNewClient_fallback() {
	standard := &testpb.SimpleResponse{Username: "nobody"}
	conn := nowhereToGo(ductilegrpc.NewClient(ductile.New("shop", fallback.Value(standard))))
	defer conn.Close() //nolint:errcheck // nothing is lost
	shop := testpb.NewTestServiceClient(conn)

	reply, err := shop.UnaryCall(context.Background(), new(testpb.SimpleRequest))
	fmt.Println(reply.GetUsername(), err)
	reply.Username = "changed"
	fmt.Println(standard.GetUsername())
	// Output:
	// nobody <nil>
	// nobody
}
