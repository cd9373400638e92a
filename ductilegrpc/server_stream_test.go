package ductilegrpc_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/timeout"
)

type duplexStream = grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]

// A block is a payload that says which it is.
func block(i, size int) *testpb.Payload {
	body := bytes.Repeat([]byte{byte(i)}, size)
	binary.BigEndian.PutUint32(body, uint32(i))
	return &testpb.Payload{Body: body}
}

// A handler that waits for a client, which neither sends nor reads, is told when its time is up, and gives its permit back. What it has sent
// before arrives, and in order.
func TestServerTimeoutEndsWaiting(t *testing.T) {
	const size = 1 << 14
	for _, as := range []struct {
		name  string
		made  func(error) error
		code  codes.Code
		text  string
		tells bool // that it was the timeout
	}{
		{"as it is", func(err error) error { return err }, codes.DeadlineExceeded, "the server has run out of time for this call", true},
		{"wrapped", func(err error) error { return fmt.Errorf("secret: %w", err) }, codes.DeadlineExceeded, "the server has run out of time for this call", true},
		{"as a status", func(error) error { return status.Error(codes.Aborted, "mine") }, codes.Aborted, "mine", false},
	} {
		sent := 0
		sending := func(s grpc.ServerStream) error {
			for sent = 0; ; sent++ {
				if err := s.SendMsg(&testpb.StreamingOutputCallResponse{Payload: block(sent, size)}); err != nil {
					return as.made(err)
				}
			}
		}
		receiving := func(s grpc.ServerStream) error {
			s.SetTrailer(metadata.Pairs("mine", "yes"))
			_ = s.SetHeader(metadata.Pairs("mine", "yes")) // it fails after the first message of another goroutine
			for {
				if err := s.RecvMsg(&testpb.StreamingInputCallRequest{}); err != nil {
					assert.ErrorIs(t, err, context.DeadlineExceeded)
					assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
					return as.made(err)
				}
			}
		}
		both := false
		s := shopDoing(func(context.Context) error { return nil })
		s.output = func(_ *testpb.StreamingOutputCallRequest, s outputs) error { return sending(s) }
		s.input = func(s grpc.ClientStreamingServer[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse]) error {
			return receiving(s)
		}
		s.duplex = func(s duplexStream) error {
			if !both {
				return receiving(s)
			}
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_ = receiving(s) // the end of the sending is that of the call
			}()
			err := sending(s)
			<-ended
			return err
		}
		for _, test := range []struct {
			name, method   string
			client, server bool // which of them streams
			first          any  // which the client sends
			both           bool
		}{
			{"receiving of a client stream", inputCall, true, false, &testpb.StreamingInputCallRequest{}, false},
			{"receiving of a duplex stream", duplexCall, true, true, &testpb.StreamingOutputCallRequest{}, false},
			{"sending of a server stream", outputCall, false, true, &testpb.StreamingOutputCallRequest{}, false},
			{"both of a duplex stream", duplexCall, true, true, &testpb.StreamingOutputCallRequest{}, true},
		} {
			both = test.both
			t.Run(as.name+"/"+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					slots := bulkhead.New(1)
					options, ends := watched(serverOf(slots, timeout.New(50*time.Millisecond)))
					conn := s.openInMemory(t, options...).connect(t, nil)
					stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: test.client, ServerStreams: test.server}, test.method)
					require.NoError(t, err)
					require.NoError(t, stream.SendMsg(test.first))
					if !test.client {
						require.NoError(t, stream.CloseSend())
					}
					end := <-ends
					assert.Equal(t, as.tells, errors.Is(end, timeout.ErrExceeded))
					assert.Zero(t, slots.Snapshot().InFlight)
					got := 0
					for ; ; got++ {
						reply := &testpb.StreamingOutputCallResponse{}
						if err = stream.RecvMsg(reply); err != nil {
							break
						}
						require.Equal(t, block(got, size).GetBody(), reply.GetPayload().GetBody())
					}
					assert.Equal(t, as.code, status.Code(err))
					assert.Equal(t, as.text, status.Convert(err).Message())
					if test.method == outputCall || test.both {
						assert.NotZero(t, sent)
						assert.GreaterOrEqual(t, got, sent)
						assert.LessOrEqual(t, got, sent+1, "what was sent when the time was up may arrive")
					}
					if test.method == inputCall {
						header, _ := stream.Header() // the end says more
						assert.Equal(t, []string{"yes"}, header.Get("mine"))
						assert.Equal(t, []string{"yes"}, stream.Trailer().Get("mine"))
					}
					_, err = kindsOfCall()[0].call(t.Context(), testpb.NewTestServiceClient(conn))
					require.NoError(t, err)
				})
			})
			goleak.VerifyNone(t)
		}
	}
}

// A client that opens a stream and does not say what it wants is told the same.
func TestServerTimeoutEndsWaitingForTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slots := bulkhead.New(1)
		options, ends := watched(serverOf(slots, timeout.New(50*time.Millisecond)))
		conn := shopUntouched(t).openInMemory(t, options...).connect(t, nil)
		stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, outputCall)
		require.NoError(t, err)
		require.ErrorIs(t, <-ends, timeout.ErrExceeded)
		assert.Zero(t, slots.Snapshot().InFlight)
		assert.Equal(t, codes.DeadlineExceeded, status.Code(stream.RecvMsg(&testpb.StreamingOutputCallResponse{})))
	})
}

// What does not run out of time is as without a timeout: every message arrives once, whole and in order, in both directions at once.
func TestServerStreamsWithTimeoutsAreWhole(t *testing.T) {
	const blocks, size = 64, 1 << 16
	t.Run("calls", func(t *testing.T) {
		s := &shop{duplex: func(s duplexStream) error {
			sent := make(chan error, 1)
			go func() {
				for i := range blocks {
					if err := s.Send(&testpb.StreamingOutputCallResponse{Payload: block(i, size)}); err != nil {
						sent <- err
						return
					}
				}
				sent <- nil
			}()
			m := &testpb.StreamingOutputCallRequest{} // which a handler may use again
			got := 0
			var err error
			for ; err == nil; got++ {
				if err = s.RecvMsg(m); err == nil {
					assert.Equal(t, block(got, size).GetBody(), m.GetPayload().GetBody())
				}
			}
			assert.Equal(t, blocks+1, got)
			return errors.Join(orEnd(err), <-sent)
		}}
		client := s.open(t, serverOf(bulkhead.New(1), timeout.New(time.Hour)).ServerOptions()...).client(t, nil)
		for range 3 {
			stream, err := client.FullDuplexCall(t.Context())
			require.NoError(t, err)
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				for i := range blocks {
					assert.NoError(t, stream.Send(&testpb.StreamingOutputCallRequest{Payload: block(i, size)}))
				}
				assert.NoError(t, stream.CloseSend())
			}()
			got := 0
			for ; err == nil; got++ {
				var m *testpb.StreamingOutputCallResponse
				if m, err = stream.Recv(); err == nil {
					assert.Equal(t, block(got, size).GetBody(), m.GetPayload().GetBody())
				}
			}
			require.NoError(t, orEnd(err))
			assert.Equal(t, blocks+1, got)
			<-sent
		}
	})
	goleak.VerifyNone(t)
}
