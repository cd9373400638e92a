package ductilegrpctest

import (
	"context"
	"slices"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// A call is one of a unary method.
type call struct {
	x        *visit
	returned <-chan struct{}
	reply    *grpc_testing.SimpleResponse
	err      error
}

// ask returns the request with a text.
func ask(text string) *grpc_testing.SimpleRequest {
	return &grpc_testing.SimpleRequest{Payload: &grpc_testing.Payload{Body: []byte(text)}}
}

// begin calls a method, and does not wait for it.
func (l *line) begin(ctx context.Context, method, text string, options ...grpc.CallOption) *call {
	return l.send(ctx, method, ask(text), options...)
}

func (l *line) send(ctx context.Context, method string, request *grpc_testing.SimpleRequest, options ...grpc.CallOption) *call {
	c := &call{x: l.x, reply: new(grpc_testing.SimpleResponse)}
	c.returned = l.x.spawn(func() { c.err = l.Invoke(ctx, method, request, c.reply, options...) })
	return c
}

// end waits for what a call returns: a text, or an error that has a status.
func (c *call) end() (string, error) {
	c.x.await(c.returned, "the call has not returned")
	c.x.statused(c.err)
	return c.reply.GetUsername(), c.err
}

// statused finds that an error is none of package status.
func (x *visit) statused(err error) {
	switch s, ok := status.FromError(err); {
	case !ok:
		x.find("the call returned the error %q, a %T, which has no status", err, err)
	case err != nil && s.Code() == codes.OK:
		x.find("the call returned the error %q, a %T, whose status is OK", err, err)
	}
}

// get calls a method, and wants a reply.
func (l *line) get(method, text string, options ...grpc.CallOption) string {
	reply, err := l.begin(l.x.ctx, method, text, options...).end()
	if err != nil {
		l.x.find("the call returned the error %q", err)
	}
	return reply
}

// fail calls a method, and wants an error.
func (l *line) fail(ctx context.Context, method string, options ...grpc.CallOption) error {
	reply, err := l.begin(ctx, method, "", options...).end()
	if err == nil {
		l.x.find("the call returned the reply %q", reply)
	}
	return err
}

// ends finds that an error has another code than it should.
func (x *visit) ends(err error, want ...codes.Code) {
	if got := status.Code(err); !slices.Contains(want, got) {
		x.find("the error is %q, whose code is %v, and not %v", err, got, want)
	}
}

// once finds that a server was called more than once, but for copies.
func (l *line) once(s *site) {
	if n := s.heard.Load(); n-l.copies() > 1 {
		l.x.find("the server was called %d times", n)
	}
}

// because is an error with a detail.
func because(code codes.Code, message, reason string) error {
	s, err := status.New(code, message).WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: "ductilegrpctest"})
	if err != nil {
		return err
	}
	return s.Err()
}

// reason returns the detail of such an error.
func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// busy is what a server says that may be called again.
func busy() error { return status.Error(codes.Unavailable, "busy") }

// echo answers with what it was asked.
func echo(_ context.Context, text string, _ int64) (string, error) { return text, nil }

// slowly waits like a server that is slow: until a second call has arrived and the first is canceled, or else for a lull.
func (x *visit) slowly(ctx context.Context, second <-chan struct{}) {
	lull := time.NewTimer(x.lull)
	defer lull.Stop()
	select {
	case <-ctx.Done():
		return
	case <-lull.C:
		return
	case <-second:
	}
	patience := time.NewTimer(2 * x.patience) // which is a finding
	defer patience.Stop()
	select {
	case <-ctx.Done():
	case <-patience.C:
	}
}

// repeats ends the story where a call that may be repeated is not, though its server is busy.
func (x *visit) repeats() {
	s := x.answers(func(context.Context, string, int64) (string, error) { return "", busy() })
	l := s.dial()
	_, _ = l.begin(x.ctx, CacheableUnaryCall, "").end()
	if s.heard.Load()-l.copies() < 2 {
		x.moot("nothing is repeated")
	}
}

// copies ends the story where no copy is sent of a slow call that may be copied.
func (x *visit) copies() {
	s, _ := x.lame()
	_, _ = s.dial().begin(x.ctx, CacheableUnaryCall, "").end()
	if s.heard.Load() < 2 {
		x.moot("no copies are sent")
	}
}

// lame returns a server whose first call is slow; what is returned is closed when that one has ended. It answers with the number of the call,
// in the header and in the trailer, too.
func (x *visit) lame() (*site, <-chan struct{}) {
	second, ended := make(chan struct{}), make(chan struct{})
	return x.answers(func(ctx context.Context, _ string, n int64) (string, error) {
		number := metadata.Pairs("n", numeral(n))
		_, _ = grpc.SetHeader(ctx, number), grpc.SetTrailer(ctx, number)
		switch n {
		case 1:
			x.slowly(ctx, second)
			close(ended)
		case 2:
			close(second)
		}
		return numeral(n), nil
	}), ended
}
