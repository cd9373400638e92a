package ductilegrpc

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile"
)

// Stream is a grpc.StreamClientInterceptor: see [Client.DialOptions], and what is said of streams in the documentation of the package.
//
// The stream that it returns has to be treated as gRPC has it: received from until there is an error, or its context canceled. One that is
// dropped instead gives its permits back when the garbage collector has found it. A stream costs a goroutine while it lasts.
//
// A fallback has to answer with a grpc.ClientStream, which takes the place of one that has not had a message yet.
func (c *Client) Stream(
	ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, create grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	s := &stream{
		client: c, desc: desc, cc: cc, method: method, create: create, asked: ask(options), caller: ctx, changed: make(chan struct{}),
	}
	s.replays = desc.ServerStreams && !desc.ClientStreams && s.level(c, method) != Unknown
	p := s.own.through
	if p == nil {
		p = c.pick(cc, method, true)
	}
	ctx, s.cancel = context.WithCancel(ctx)
	ctx, s.sent = ductile.OnceSent(&called{ctx, method, nil})
	go s.run(ctx, p)
	if s.wait() == nil { // it was over before it was created
		return s.instead, s.err
	}
	h := &handle{s}
	runtime.AddCleanup(h, func(s *stream) { s.cancel() }, s)
	return h, nil
}

// A stream is one call of a method that streams, and all its attempts. Two goroutines have it: that of the pipeline, which makes attempts and
// waits for their ends, and the caller's, who sends and receives and so learns of the ends.
type stream struct {
	client *Client
	desc   *grpc.StreamDesc
	cc     *grpc.ClientConn
	method string
	create grpc.Streamer
	asked

	caller  context.Context
	cancel  context.CancelFunc
	sent    func()       // says that there is no further attempt from now on
	sends   atomic.Int32 // attempts that have begun
	replays bool         // there may be another attempt until the first message

	sending sync.Mutex // held while the caller sends, and while it is sent again; taken before mu
	request any        // of a stream that replays, which has one
	wrote   bool
	closed  bool

	mu        sync.Mutex
	changed   chan struct{} // closed, and another made, where current or over has changed
	current   *try          // the attempt in use; nil while there is none
	last      *try          // the last that was in use
	delivered bool          // the caller has something of an attempt, which so is the last
	failure   error         // of the last attempt that has ended, as gRPC has it; nil where it succeeded
	ending                  // how the call has ended
}

// A try is an attempt whose stream was created.
type try struct {
	grpc.ClientStream
	told
	ended chan struct{} // closed when the caller has learned how it ended; then
	end   error         // is how: nil for a success
}
