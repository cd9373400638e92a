package ductilegrpc

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile"
)

// Stream is a grpc.StreamClientInterceptor: see [Client.DialOptions], and what is said of streams in the documentation of the package.
//
// The stream that it returns has to be treated as gRPC has it: received from until there is an error, or its context canceled. One that is
// dropped instead gives its permits back when the garbage collector has found it; or, in a bubble of testing/synctest, of which the collector
// has to keep out, when its context ends. A stream costs a goroutine while it lasts: policies stand around a function that returns, and a
// stream is many calls of its user's.
//
// A stream from the server is repeated until its first message, or until its Header or its Context was asked for: both are of one attempt, which is
// the last from then on. Header waits for the attempt that has one.
//
// A fallback has to answer with a grpc.ClientStream, which takes the place of one that has not had a message yet. Where the server alone
// streams, it is sent the request, like the one before; what was sent on any other stream before is lost. It may be made with the context
// that the fallback has, which lasts as long; but where a timeout stands around the fallback, only with the help of ductile.Retain.
func (c *Client) Stream(
	ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, create grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	s := &stream{client: c, desc: desc, cc: cc, method: method, create: create, asked: ask(options)}
	s.passed = slices.Clip(s.passed) // who appends to it copies, as it is for every attempt
	s.changed.L = &s.mu
	s.replays = desc.ServerStreams && !desc.ClientStreams && s.level(c, method) != Unknown
	p := s.own.through
	if p == nil {
		p = c.pick(cc, method, true)
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	ctx, s.sent = ductile.OnceSent(&called{s.ctx, method, nil})
	go s.run(ctx, p)
	if s.wait() == nil && s.err != nil { // it was over before it was created
		return nil, s.err
	}
	h := &handle{s}
	if !bubbled() {
		runtime.AddCleanup(h, func(s *stream) { s.cancel() }, s)
	}
	return h, nil
}

// bubbled reports whether it is called in a bubble of testing/synctest. Who closes a channel of one from outside, as a cleanup would, ends the
// program. A bubble's clock is known by what it lacks, a monotonic reading.
func bubbled() bool {
	now := time.Now()
	return now == now.Round(0) //nolint:revive,staticcheck // Equal does not look at that reading
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

	ctx     context.Context // the caller's, and over when the call is
	cancel  context.CancelFunc
	sent    func()       // says that there is no further attempt from now on
	sends   atomic.Int32 // attempts that have begun
	replays bool         // there may be another attempt until the first message

	asking    sync.Mutex // held while a header is waited for of an attempt that may be repeated
	receiving sync.Mutex // held while something is received of one

	sending sync.Mutex // taken before mu; held while this changes, or is sent, or sent again
	request any        // of a stream that sends no more than one message; nil once no other attempt can need it
	wrote   bool
	closed  bool

	mu        sync.Mutex
	changed   sync.Cond // wakes who waits for the next attempt, or for the end
	current   *try      // the attempt in use; nil while there is none
	last      *try      // the last that was in use
	delivered *try      // of which the caller has something, so that there is no other
	failure   error     // of the last attempt that has failed, as gRPC has it
	ending              // how the call has ended

	steady atomic.Pointer[try] // is delivered until the end, for who receives without a lock
}

// A try is an attempt whose stream was created.
type try struct {
	grpc.ClientStream
	ctx   context.Context // done before the pipeline gives the attempt up
	ended chan struct{}   // closed, under mu, when it is known how it ended; then
	end   error           // is how: nil for a success
	lost  bool            // under mu: something of it was thrown away, so that nothing else counts
}

// learn notes how an attempt has ended. It is called under mu, and reports false where that was known.
func (t *try) learn(end error) bool {
	if t.hasEnded() {
		return false
	}
	t.end = end
	close(t.ended)
	return true
}

func (t *try) hasEnded() bool {
	select {
	case <-t.ended:
		return true
	default:
		return false
	}
}
