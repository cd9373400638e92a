package ductilegrpc_test

import (
	"testing"
	"time"

	"google.golang.org/grpc"
	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/timeout"
)

// What a timeout costs each message that a handler receives: first alone, then there and back over TCP.
func BenchmarkServerStream(b *testing.B) {
	for _, test := range []struct {
		name     string
		policies []ductile.Policy
	}{
		{"without a timeout", []ductile.Policy{bulkhead.New(10)}},
		{"with a timeout", []ductile.Policy{bulkhead.New(10), timeout.New(time.Hour)}},
	} {
		s := serverOf(test.policies...)
		b.Run(test.name+"/received", func(b *testing.B) {
			b.ReportAllocs()
			var stream grpc.ServerStream = &fakeTransport{streamOf: streamOf{nil, b.Context()}}
			_ = s.Stream(nil, stream, &grpc.StreamServerInfo{FullMethod: duplexCall, IsServerStream: true}, func(_ any, stream grpc.ServerStream) error {
				m := &testpb.StreamingOutputCallRequest{}
				for b.Loop() {
					_ = stream.RecvMsg(m)
				}
				return nil
			})
		})
		b.Run(test.name+"/sent", func(b *testing.B) {
			b.ReportAllocs()
			var stream grpc.ServerStream = &fakeTransport{streamOf: streamOf{nil, b.Context()}}
			_ = s.Stream(nil, stream, &grpc.StreamServerInfo{FullMethod: duplexCall, IsServerStream: true}, func(_ any, stream grpc.ServerStream) error {
				m := &testpb.StreamingOutputCallRequest{}
				for b.Loop() {
					_ = stream.SendMsg(m)
				}
				return nil
			})
		})
		b.Run(test.name+"/network", func(b *testing.B) {
			b.ReportAllocs()
			shop := &shop{duplex: func(s grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) error {
				for {
					m, err := s.Recv()
					if err != nil {
						return orEnd(err)
					}
					if err := s.Send(&testpb.StreamingOutputCallResponse{Payload: m.GetPayload()}); err != nil {
						return err
					}
				}
			}}
			stream, err := shop.open(b, s.ServerOptions()...).client(b, nil).FullDuplexCall(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			m := &testpb.StreamingOutputCallRequest{Payload: &testpb.Payload{Body: make([]byte, 1000)}}
			for b.Loop() {
				if err := stream.Send(m); err != nil {
					b.Fatal(err)
				}
				if _, err := stream.Recv(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fakeTransport is a stream whose messages are there at once.
type fakeTransport struct{ streamOf }

func (*fakeTransport) RecvMsg(any) error { return nil }
func (*fakeTransport) SendMsg(any) error { return nil }
