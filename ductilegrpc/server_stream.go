package ductilegrpc

import (
	"context"
	"reflect"
	"runtime"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/ductile-go/ductile"
)

// streamWithin is a stream whose handler has another context, with a deadline for one. What waits for the transport knows nothing of that, so
// a goroutine for each direction waits in the handler's place, and is left behind where the context ends first. That it comes to an end is
// gRPC's doing: when a handler has returned its stream ends, and with it whatever still waits for it.
type streamWithin struct {
	grpc.ServerStream
	ctx            context.Context
	single         bool          // whether the method has one reply
	over           chan struct{} // closed when the handler has returned
	received, sent lane
}

// A lane is one direction of a stream, which gRPC allows one goroutine of the handler at a time.
type lane struct {
	work chan any // messages to receive or to send, each only after the end of the one before; nil until there is one
	ends chan end // with room for that of which nobody wants to know any more
}

// An end is what has come of a message.
type end struct {
	err      error
	panicked *ductile.Panic
	exited   bool // by runtime.Goexit
}

// Context implements grpc.ServerStream.
func (s *streamWithin) Context() context.Context { return s.ctx }

// RecvMsg implements grpc.ServerStream. What it leaves behind has a message of its own, and does not touch m.
func (s *streamWithin) RecvMsg(m any) error {
	if !s.endsEarly() {
		return s.ServerStream.RecvMsg(m)
	}
	own := blank(m)
	err := s.pass(&s.received, grpc.ServerStream.RecvMsg, own)
	if err == nil {
		take(m, own)
	}
	return err
}

// SendMsg implements grpc.ServerStream. What it leaves behind may still read m, which gRPC forbids to modify.
//
// The only reply to a call goes out however late, as that to a unary call does: there is nothing before it to wait for.
func (s *streamWithin) SendMsg(m any) error {
	if s.single || !s.endsEarly() {
		return s.ServerStream.SendMsg(m)
	}
	return s.pass(&s.sent, grpc.ServerStream.SendMsg, m)
}

// endsEarly reports whether the handler's context may end before that of the transport, which need not be where it has values only.
func (s *streamWithin) endsEarly() bool {
	done := s.ctx.Done()
	return done != nil && done != s.ServerStream.Context().Done()
}

// pass has do, a method of the stream, done with m on the lane's goroutine, and waits for its end or that of the context.
func (s *streamWithin) pass(l *lane, do func(grpc.ServerStream, any) error, m any) error {
	if err := s.ctx.Err(); err != nil {
		return &interrupted{err}
	}
	if l.work == nil {
		l.work, l.ends = make(chan any), make(chan end, 1)
		go l.run(s.ServerStream, do, l.work, s.over)
	}
	select {
	case l.work <- m:
	case <-s.over: // and the caller is what the handler has left running
		return do(s.ServerStream, m)
	}
	select {
	case e := <-l.ends:
		return l.settle(e)
	case <-s.ctx.Done():
		return &interrupted{s.ctx.Err()}
	}
}

// run is the lane's goroutine.
func (l *lane) run(stream grpc.ServerStream, do func(grpc.ServerStream, any) error, work <-chan any, over <-chan struct{}) {
	for {
		select {
		case m := <-work:
			l.attempt(stream, do, m)
		case <-over:
			return
		}
	}
}

// attempt does the work of one message. A panic, of a codec for one, is the handler's, as long as it waits: nobody could recover it here.
func (l *lane) attempt(stream grpc.ServerStream, do func(grpc.ServerStream, any) error, m any) {
	e := end{exited: true}
	defer func() {
		if e.exited {
			if p := recover(); p != nil {
				e = end{panicked: &ductile.Panic{Value: p, Stack: debug.Stack()}}
			}
		}
		l.ends <- e
	}()
	e.err = do(stream, m)
	e.exited = false
}

// settle returns the end of a message in the handler's goroutine, or raises it there.
func (l *lane) settle(e end) error {
	switch {
	case e.panicked != nil:
		panic(e.panicked)
	case e.exited:
		l.work = nil // as nobody is there any more
		runtime.Goexit()
	}
	return e.err
}

// blank returns a message to receive in place of m. One that is no protocol buffer is a copy, as an assignment makes it, because its codec may
// need what is in it.
func blank(m any) any {
	own := another(m)
	if _, ok := m.(proto.Message); !ok {
		set(reflect.ValueOf(own), reflect.ValueOf(m))
	}
	return own
}

// interrupted is the end of a wait in a stream whose context has ended.
type interrupted struct{ err error }

// Error implements error.
func (i *interrupted) Error() string { return i.err.Error() }

// Unwrap returns that of the context.
func (i *interrupted) Unwrap() error { return i.err }

// GRPCStatus returns what gRPC makes of it.
func (i *interrupted) GRPCStatus() *status.Status { return status.FromContextError(i.err) }

// sameContext reports whether two contexts are one. Those of others need not be comparable.
func sameContext(a, b context.Context) bool {
	v := reflect.ValueOf(a)
	return (v.Kind() == reflect.Pointer || v.Comparable()) && a == b // to ask a pointer allocates
}
