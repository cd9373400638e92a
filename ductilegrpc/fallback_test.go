package ductilegrpc_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

type (
	in  = testpb.SimpleRequest
	out = testpb.SimpleResponse
)

// echoes is a fallback for a method that answers with the request's own payload.
func echoes(options ...fallback.Option) ductile.Fallback {
	return ductilegrpc.Fallback(unaryCall, func(_ context.Context, r *in, _ error) (*out, error) {
		return &out{Payload: r.GetPayload()}, nil
	}, options...)
}

func ask(p ductile.Composed, method string, reply any, invoke func(*call) error) error {
	c := ductilegrpc.NewClient(p, ductilegrpc.Methods(ductilegrpc.NoSideEffects, unaryCall))
	request := &in{Payload: &testpb.Payload{Body: []byte("asked")}}
	return c.Unary(context.Background(), method, request, reply, nil, invoker(invoke))
}

// Each method has the fallback of its own, or none.
func TestFallbackOfAMethod(t *testing.T) {
	other := ductilegrpc.Fallback("/other.Service/Method", func(context.Context, *testpb.Empty, error) (*testpb.Empty, error) {
		return nil, errors.New("asked")
	})
	for _, p := range []ductile.Composed{ductile.New("test", other, echoes()), ductile.NewConcurrent("test", echoes(), other)} {
		reply := new(out)
		require.NoError(t, ask(p, unaryCall, reply, fails(errUnavailable)))
		assert.Equal(t, "asked", string(reply.GetPayload().GetBody()))
		assert.Equal(t, errUnavailable, ask(p, "/third.Service/Method", reply, fails(errUnavailable)))
	}
	err := ask(ductile.New("test", echoes()), unaryCall, new(out), fails(status.Error(codes.NotFound, "x")))
	assert.Equal(t, codes.NotFound, status.Code(err), "an answer needs no fallback")
	require.NoError(t, ask(ductile.New("test", echoes(fallback.On(fault.ClassPermanent))), unaryCall, new(out), fails(status.Error(codes.NotFound, "x"))))
}

// Streams are not answered, nor refused.
func TestFallbackOfAMethodLeavesStreams(t *testing.T) {
	s := &shop{output: func(*testpb.StreamingOutputCallRequest, grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse]) error {
		return errUnavailable
	}}
	client := s.openInMemory(t).client(t, ductilegrpc.NewClient(ductile.New("test", echoes())))
	stream, err := client.StreamingOutputCall(t.Context(), new(testpb.StreamingOutputCallRequest))
	require.NoError(t, err)
	_, err = stream.Recv()
	assert.Equal(t, codes.Unavailable, status.Code(err))
}

func TestFallbackOfAMethodWithoutAnAnswer(t *testing.T) {
	errCache := errors.New("the cache is down")
	none := ductilegrpc.Fallback(unaryCall, func(context.Context, *in, error) (*out, error) { return nil, nil })
	ctx, report := ductile.WithReport(t.Context())
	c := ductilegrpc.NewClient(ductile.New("test", none))
	assert.Equal(t, errUnavailable, c.Unary(ctx, unaryCall, new(in), new(out), nil, invoker(fails(errUnavailable))))
	assert.False(t, report.Degraded())

	broken := ductilegrpc.Fallback(unaryCall, func(context.Context, *in, error) (*out, error) { return new(out), errCache })
	err := ask(ductile.New("test", broken), unaryCall, new(out), fails(errUnavailable))
	require.ErrorIs(t, err, errCache)
	require.ErrorIs(t, err, errUnavailable)
	assert.Equal(t, codes.Unavailable, status.Code(err))
}

func TestFallbackOfAMethodOfTheWrongTypes(t *testing.T) {
	request := ductilegrpc.Fallback(unaryCall, func(context.Context, *testpb.Empty, error) (*out, error) { return new(out), nil })
	err := ask(ductile.New("test", request), unaryCall, new(out), fails(errUnavailable))
	require.ErrorContains(t, err, "ductilegrpc: the fallback of /grpc.testing.TestService/UnaryCall takes a *grpc_testing.Empty, and the request is a *grpc_testing.SimpleRequest")
	assert.Equal(t, codes.Unavailable, status.Code(err))

	reply := ductilegrpc.Fallback(unaryCall, func(context.Context, *in, error) (*testpb.Empty, error) { return new(testpb.Empty), nil })
	err = ask(ductile.New("test", reply), unaryCall, new(out), fails(errUnavailable))
	require.ErrorContains(t, err, "the fallback answered /grpc.testing.TestService/UnaryCall with a *grpc_testing.Empty, and its reply is a *grpc_testing.SimpleResponse")
	assert.Equal(t, codes.Internal, status.Code(err))

	_, err = ductile.Do(t.Context(), ductile.New("test", echoes()), func(context.Context) (int, error) { return 1, nil })
	var mismatch *ductile.MismatchError
	require.ErrorAs(t, err, &mismatch)
	_, err = ductile.Do(t.Context(), ductile.New("test", echoes()), func(context.Context) (any, error) { return nil, errUnavailable })
	assert.Equal(t, errUnavailable, err, "of no method")
}

// A fallback below a timeout that does not wait has a request of its own: the caller may change the other.
func TestFallbackOfAMethodThatComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reading := make(chan struct{})
		p := ductile.NewConcurrent("test", timeout.New(time.Second, timeout.Detached()), ductilegrpc.Fallback(unaryCall,
			func(_ context.Context, r *in, _ error) (*out, error) {
				<-reading
				assert.Equal(t, int32(7), r.GetResponseSize())
				return new(out), nil
			}))
		c := ductilegrpc.NewClient(p)
		request := &in{ResponseSize: 7}
		require.Error(t, c.Unary(t.Context(), unaryCall, request, new(out), nil, invoker(fails(errUnavailable))))
		request.ResponseSize = 8
		close(reading)
		synctest.Wait()
	})
}

func TestFallbacksThatMakeNoSense(t *testing.T) {
	f := func(context.Context, *in, error) (*out, error) { return nil, nil }
	for _, method := range []string{"", "UnaryCall", "/a/", "/a"} {
		assert.Panics(t, func() { ductilegrpc.Fallback(method, f) }, method)
	}
	assert.Panics(t, func() { ductilegrpc.Fallback[in, out](unaryCall, nil) })
	assert.Panics(t, func() { ductilegrpc.Fallback(unaryCall, f, fallback.Name("")) })
	assert.Equal(t, "asks a function for /grpc.testing.TestService/UnaryCall, on transient, timeout, overload, rejected",
		fmt.Sprint(echoes()))
	assert.Equal(t, "cache", echoes(fallback.Name("cache")).Name())
}
