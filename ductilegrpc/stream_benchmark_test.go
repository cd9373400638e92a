package ductilegrpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/retry"
)

// An endless stream has a message whenever it is asked, so that what is measured is what is around it.
type endless struct{ clientStream }

func (endless) SendMsg(any) error { return nil }
func (endless) CloseSend() error  { return nil }
func (endless) RecvMsg(any) error { return nil }

// BenchmarkReceive measures a message with and without a client around its stream: of a real server, and of a stream that costs nothing.
func BenchmarkReceive(b *testing.B) {
	p := ductile.New("p", retry.New(), breaker.New(), bulkhead.New(64))
	c := ductilegrpc.NewClient(p, twice())
	s := &shop{output: endlessly}
	branch := s.openInMemory(b)
	free := creating(func(_ context.Context, _ func() (clientStream, error)) (clientStream, error) { return endless{}, nil })
	for _, inner := range []struct {
		name    string
		options []grpc.DialOption
	}{
		{"real", nil},
		{"free", []grpc.DialOption{grpc.WithChainStreamInterceptor(free)}},
	} {
		for _, with := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/interceptor=%v", inner.name, with), func(b *testing.B) {
				b.ReportAllocs()
				options := inner.options
				if with {
					options = append(c.DialOptions(), options...)
				}
				client := branch.client(b, nil, options...)
				stream, err := client.StreamingOutputCall(b.Context(), request(""))
				require.NoError(b, err)
				m := new(testpb.StreamingOutputCallResponse)
				require.NoError(b, stream.RecvMsg(m))
				b.ResetTimer()
				for range b.N {
					if err := stream.RecvMsg(m); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkStream measures a whole stream of one message, with and without a client.
func BenchmarkStream(b *testing.B) {
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error { return out.Send(response("x")) }}
	branch := s.openInMemory(b)
	for _, with := range []bool{false, true} {
		b.Run(fmt.Sprintf("interceptor=%v", with), func(b *testing.B) {
			b.ReportAllocs()
			var options []grpc.DialOption
			if with {
				options = ductilegrpc.NewClient(ductile.New("p", retry.New(), breaker.New(), bulkhead.New(64)), twice()).DialOptions()
			}
			client := branch.client(b, nil, options...)
			for range b.N {
				stream, err := client.StreamingOutputCall(b.Context(), request(""))
				if err == nil {
					_, err = all(stream.Recv)
				}
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
			}
		})
	}
}
