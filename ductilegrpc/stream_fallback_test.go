package ductilegrpc_test

import (
	"context"
	"io"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
)

// A canned stream is what a fallback answers with.
type canned struct {
	clientStream
	ctx          context.Context
	text         []string
	sent, closed int
}

func (c *canned) Context() context.Context { return c.ctx }
func (c *canned) CloseSend() error         { c.closed++; return nil }
func (c *canned) SendMsg(any) error        { c.sent++; return nil }
func (c *canned) RecvMsg(m any) error {
	if len(c.text) == 0 {
		return io.EOF
	}
	m.(*testpb.StreamingOutputCallResponse).Payload = payload(c.text[0]) //nolint:errcheck,forcetypeassert // it is
	c.text = c.text[1:]
	return nil
}

func instead(text ...string) *fallback.Policy {
	return fallback.Func(func(ctx context.Context, _ error) (clientStream, error) { return &canned{ctx: ctx, text: text}, nil })
}

func answers(stream clientStream) *fallback.Policy { return fallback.Value(stream) }

func TestAFallbackTakesTheStreamsPlace(t *testing.T) {
	var calls atomic.Int64
	s := &shop{
		output: failing(9, &calls, codes.Unavailable),
		duplex: func(both) error { return status.Error(codes.Unavailable, "down") },
	}
	b := s.open(t)
	t.Run("before its first message", func(t *testing.T) {
		var finished []error
		mine := &canned{ctx: t.Context(), text: []string{"old", "news"}}
		stream, err := b.around(t, ductile.New("p", answers(mine), again())).
			StreamingOutputCall(t.Context(), request(""), grpc.OnFinish(func(err error) { finished = append(finished, err) }))
		require.NoError(t, err)
		got, err := all(stream.Recv)
		assert.Equal(t, io.EOF, err)
		assert.Equal(t, []string{"old", "news"}, got)
		assert.EqualValues(t, 3, calls.Load())
		assert.Equal(t, []error{nil}, finished)
		assert.Equal(t, 1, mine.sent, "the request")
		assert.Equal(t, 1, mine.closed)
		assert.Equal(t, t.Context(), stream.Context())
		assert.NoError(t, stream.CloseSend())
		assert.Equal(t, 2, mine.closed)
	})
	t.Run("of a stream that sends", func(t *testing.T) {
		stream, err := b.around(t, ductile.New("p", instead("old"), again())).FullDuplexCall(t.Context())
		require.NoError(t, err)
		got, err := all(stream.Recv)
		assert.Equal(t, io.EOF, err)
		assert.Equal(t, []string{"old"}, got)
		assert.NoError(t, stream.Send(request("")))
	})
	t.Run("which was refused", func(t *testing.T) {
		full := bulkhead.New(1)
		_, err := full.Acquire(t.Context())
		require.NoError(t, err)
		stream, err := b.around(t, ductile.New("p", instead("old"), full)).StreamingOutputCall(t.Context(), request(""))
		require.NoError(t, err)
		got, err := all(stream.Recv)
		assert.Equal(t, io.EOF, err)
		assert.Equal(t, []string{"old"}, got)
	})
	t.Run("not after its first message", func(t *testing.T) {
		s.output = func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
			_ = out.Send(response("new"))
			return status.Error(codes.Unavailable, "down")
		}
		stream, err := b.around(t, ductile.New("p", instead("old"), again())).StreamingOutputCall(t.Context(), request(""))
		require.NoError(t, err)
		got, err := all(stream.Recv)
		assert.Equal(t, codes.Unavailable, status.Code(err))
		assert.Equal(t, []string{"new"}, got)
	})
}

// The context of a fallback's stream was over before its first message, and where an attempt had come before, the request was not sent to it.
func TestRegressionAFallbackWithAStreamOfItsOwn(t *testing.T) {
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		return status.Error(codes.Unavailable, "down")
	}}
	backup := &shop{output: func(r *testpb.StreamingOutputCallRequest, out outputs) error {
		for range 10 {
			if err := out.Send(response(string(r.GetPayload().GetBody()))); err != nil {
				return err
			}
		}
		return nil
	}}
	conn := backup.open(t).connect(t, nil)
	var backed context.Context
	p := ductile.New("p", fallback.Func(func(ctx context.Context, _ error) (clientStream, error) {
		backed = ctx
		return conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, outputCall)
	}))
	for name, inside := range map[string][]interceptor{"after an attempt": nil, "at once": {refusing(9)}} {
		t.Run(name, func(t *testing.T) {
			stream, err := s.open(t).around(t, p, inside...).StreamingOutputCall(t.Context(), request("x"))
			require.NoError(t, err)
			got, err := all(stream.Recv)
			assert.Equal(t, io.EOF, err)
			assert.Equal(t, slices.Repeat([]string{"x"}, 10), got, "it had the request")
			assert.Error(t, backed.Err(), "it is over with its stream")
		})
	}
}

func TestAFallbackOfAnotherTypeFailsAtOnce(t *testing.T) {
	_, err := (&shop{}).open(t).around(t, ductile.New("p", fallback.Value("a string"))).FullDuplexCall(t.Context())
	mismatch := new(ductile.MismatchError)
	require.ErrorAs(t, err, &mismatch)
	assert.Equal(t, codes.Internal, status.Code(err))
}
