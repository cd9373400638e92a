package ductilegrpc_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/timeout"
)

// A doingTransport is a stream that does what a test says.
type doingTransport struct {
	streamOf
	receive, send func(m any) error
}

func (d *doingTransport) RecvMsg(m any) error { return d.receive(m) }
func (d *doingTransport) SendMsg(m any) error { return d.send(m) }

var duplexInfo = &grpc.StreamServerInfo{FullMethod: duplexCall, IsServerStream: true, IsClientStream: true}

// What a handler has left to wait does not touch the handler's message, nor is the transport asked again.
func TestServerStreamLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrived, asked := make(chan struct{}), 0
		wait := func(m any) error {
			asked++
			<-arrived
			if request, ok := m.(*testpb.StreamingOutputCallRequest); ok {
				request.Payload = block(1, 10)
			}
			return nil
		}
		s := serverOf(timeout.New(time.Second))
		stream := &doingTransport{streamOf{nil, t.Context()}, wait, wait}
		err := s.Stream(nil, stream, duplexInfo, func(_ any, stream grpc.ServerStream) error {
			begin := time.Now()
			m := &testpb.StreamingOutputCallRequest{}
			assert.ErrorIs(t, stream.RecvMsg(m), context.DeadlineExceeded)
			assert.Equal(t, time.Second, time.Since(begin))
			synctest.Wait()
			assert.Equal(t, 1, asked)
			for range 3 {
				assert.Equal(t, codes.DeadlineExceeded, status.Code(stream.RecvMsg(m)))
				assert.Equal(t, codes.DeadlineExceeded, status.Code(stream.SendMsg(&testpb.StreamingOutputCallResponse{})))
			}
			close(arrived)
			synctest.Wait()
			assert.Nil(t, m.GetPayload())
			assert.Equal(t, 1, asked)
			return stream.RecvMsg(m)
		})
		assert.ErrorIs(t, err, timeout.ErrExceeded)
	}) // which fails where a goroutine is left
}

// A panic of a codec is raised where the handler could recover it, and so is Goexit; the stream goes on.
func TestServerStreamUnwinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var do func()
		doing := func(any) error {
			do()
			return nil
		}
		ways := map[string]func(grpc.ServerStream) error{
			"receiving": func(s grpc.ServerStream) error { return s.RecvMsg(&testpb.Empty{}) },
			"sending":   func(s grpc.ServerStream) error { return s.SendMsg(&testpb.Empty{}) },
		}
		s := serverOf(timeout.New(time.Second))
		stream := &doingTransport{streamOf{nil, t.Context()}, doing, doing}
		for name, way := range ways {
			err := s.Stream(nil, stream, duplexInfo, func(_ any, stream grpc.ServerStream) error {
				func() {
					defer func() {
						p, _ := recover().(error)
						assert.ErrorIs(t, p, broken, name)
						assert.ErrorContains(t, p, "server_stream_left_test.go", "where it was")
					}()
					do = func() { panic(broken) }
					_ = way(stream)
				}()
				exited := make(chan bool)
				go func() {
					returned := false
					defer func() { exited <- !returned }()
					do = runtime.Goexit
					_ = way(stream)
					returned = true
				}()
				assert.True(t, <-exited, name)
				do = func() {}
				return way(stream)
			})
			assert.NoError(t, err, name)

			// One after the handler has left is nobody's.
			err = s.Stream(nil, stream, duplexInfo, func(_ any, stream grpc.ServerStream) error {
				do = func() {
					time.Sleep(time.Minute)
					panic(broken)
				}
				return way(stream)
			})
			assert.ErrorIs(t, err, timeout.ErrExceeded, name)
			time.Sleep(time.Hour)
			synctest.Wait()
		}
	})
}

// What a handler has left running is told by the transport that the stream has ended, or by the context.
func TestServerStreamAfterItsHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := status.Error(codes.Canceled, "ended")
		doing := func(any) error { return ended }
		var left grpc.ServerStream
		leave := func(_ any, stream grpc.ServerStream) error {
			left = stream
			return nil
		}
		stream := &doingTransport{streamOf{nil, t.Context()}, doing, doing}
		assert.NoError(t, serverOf(timeout.New(time.Second)).Stream(nil, stream, duplexInfo, leave))
		assert.Equal(t, codes.Canceled, status.Code(left.RecvMsg(&testpb.Empty{})))
		assert.Equal(t, codes.Canceled, status.Code(left.SendMsg(&testpb.Empty{})))
	})
}

// Of a message that is no protocol buffer its codec sees what the handler has put into it.
func TestServerStreamOfOtherMessages(t *testing.T) {
	type wrapped struct {
		schema string
		text   string
	}
	receive := func(m any) error {
		switch m := m.(type) {
		case *wrapped:
			m.text = "of " + m.schema
		case map[string]string:
			m["new"] = "of " + m["schema"]
		case string:
			assert.Equal(t, "no pointer", m)
		}
		return nil
	}
	stream := &doingTransport{streamOf{nil, t.Context()}, receive, receive}
	_ = serverOf(timeout.New(time.Hour)).Stream(nil, stream, duplexInfo, func(_ any, stream grpc.ServerStream) error {
		m, table := &wrapped{schema: "mine"}, map[string]string{"schema": "mine"}
		assert.NoError(t, stream.RecvMsg(m))
		assert.Equal(t, &wrapped{"mine", "of mine"}, m)
		assert.NoError(t, stream.RecvMsg(table))
		assert.Equal(t, map[string]string{"schema": "mine", "new": "of mine"}, table)
		assert.NoError(t, stream.RecvMsg("no pointer"))
		assert.NoError(t, stream.RecvMsg(nil))
		return nil
	})
}
