package ductilegrpc_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
)

// A middle is a middleware of a function.
type middle func(ctx context.Context, next func(context.Context) error) error

func (middle) Name() string { return "middle" }

func (m middle) Around(ctx context.Context, next func(context.Context) error) error {
	return m(ctx, next)
}

// creating is an interceptor that does what a test says about the creation of a stream.
func creating(do func(ctx context.Context, create func() (clientStream, error)) (clientStream, error)) interceptor {
	return func(
		ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, create grpc.Streamer, options ...grpc.CallOption,
	) (clientStream, error) {
		return do(ctx, func() (clientStream, error) { return create(ctx, desc, cc, method, options...) })
	}
}

// unwinds calls f on a goroutine of its own, and returns what it panicked with, and whether it exited.
func unwinds(f func()) (recovered any, exited bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		returned := false
		defer func() {
			recovered = recover()
			exited = !returned && recovered == nil
		}()
		f()
		returned = true
	}()
	<-done
	return recovered, exited
}

func TestAPanicWhereAStreamIsCreatedIsRaisedInTheCaller(t *testing.T) {
	permits, gate := bulkhead.New(1), breaker.New()
	failure := errors.New("broken")
	var with any = failure
	s := &shop{}
	client := s.open(t).around(t, ductile.New("p", again(), gate, permits), creating(func(context.Context, func() (clientStream, error)) (clientStream, error) {
		if with == nil {
			runtime.Goexit()
		}
		panic(with)
	}))
	call := func() { _, _ = client.FullDuplexCall(t.Context()) }

	recovered, _ := unwinds(call)
	raised, ok := recovered.(*ductile.Panic)
	require.True(t, ok, "%v", recovered)
	assert.Equal(t, failure, raised.Value)
	assert.Contains(t, string(raised.Stack), "TestAPanicWhereAStreamIsCreated")
	assert.Zero(t, permits.Snapshot().InFlight)
	assert.EqualValues(t, 1, gate.Snapshot().Counts.Failures)

	with = http.ErrAbortHandler
	recovered, _ = unwinds(call)
	assert.Equal(t, http.ErrAbortHandler, recovered, "net/http compares it")

	with = nil
	_, exited := unwinds(call)
	assert.True(t, exited)
	assert.Zero(t, permits.Snapshot().InFlight)
}

func TestAPanicAtTheEndIsRaisedInWhoReceives(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: failing(9, &calls, codes.Unavailable)}
	permits := bulkhead.New(1)
	gate := breaker.New(breaker.ConsecutiveFailures(1), breaker.OnTransition(func(breaker.Transition) { panic("listener") }))
	finished := 0
	stream, err := s.open(t).around(t, ductile.New("p", permits, gate)).
		StreamingOutputCall(t.Context(), request(""), grpc.OnFinish(func(error) { finished++ }))
	require.NoError(t, err)
	for range 2 { // and for good
		recovered, _ := unwinds(func() { _, _ = stream.Recv() })
		raised, ok := recovered.(*ductile.Panic)
		require.True(t, ok, "%v", recovered)
		assert.Equal(t, "listener", raised.Value)
	}
	assert.Zero(t, permits.Snapshot().InFlight)
	assert.Zero(t, finished, "it has not returned")
	assert.NoError(t, stream.CloseSend())
}

func TestRegressionAnOnFinishThatDoesNotReturn(t *testing.T) { // it took the process down, or let the caller wait forever
	var calls atomic.Int64
	s := &shop{output: failing(9, &calls, codes.NotFound)}
	client := s.open(t).around(t, ductile.New("p", again()))
	stream, err := client.StreamingOutputCall(t.Context(), request(""), grpc.OnFinish(func(error) { panic("finish") }))
	require.NoError(t, err)
	recovered, _ := unwinds(func() { _, _ = stream.Recv() })
	require.IsType(t, &ductile.Panic{}, recovered)
	stream, err = client.StreamingOutputCall(t.Context(), request(""), grpc.OnFinish(func(error) { runtime.Goexit() }))
	require.NoError(t, err)
	_, exited := unwinds(func() { _, _ = stream.Recv() })
	assert.True(t, exited)
}

func TestAMiddlewareThatSwallowsAnError(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: failing(9, &calls, codes.NotFound)}
	p := ductile.NewConcurrent("p", middle(func(ctx context.Context, next func(context.Context) error) error {
		_ = next(ctx)
		return nil
	}))
	stream, err := s.open(t).around(t, p).StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	_, err = stream.Recv()
	assert.Equal(t, codes.NotFound, status.Code(err), "there is no message to return instead")
	assert.Equal(t, "rpc error: code = NotFound desc = down", err.Error())
}

func TestAMiddlewareThatMakesNoCall(t *testing.T) {
	own := errors.New("mine")
	for _, end := range []error{nil, own} {
		p := ductile.NewConcurrent("p", middle(func(context.Context, func(context.Context) error) error { return end }))
		_, err := (&shop{}).open(t).around(t, p).FullDuplexCall(t.Context())
		if end == nil {
			assert.Equal(t, codes.Internal, status.Code(err))
			continue
		}
		assert.ErrorIs(t, err, own)
		assert.Equal(t, codes.Unknown, status.Code(err))
	}
}

func TestRegressionAMiddlewareThatReturnsBeforeItsStream(t *testing.T) { // the stream that it cut off was a success
	permits := bulkhead.New(1)
	release := make(chan struct{})
	s := &shop{duplex: func(stream both) error {
		<-stream.Context().Done()
		return nil
	}}
	p := ductile.NewConcurrent("p", middle(func(ctx context.Context, next func(context.Context) error) error {
		go func() { _ = next(ctx) }()
		<-release
		return nil
	}), permits)
	stream, err := s.open(t).around(t, p).FullDuplexCall(t.Context())
	require.NoError(t, err)
	close(release)
	_, err = stream.Recv()
	require.Error(t, err)
	assert.NotEqual(t, io.EOF, err)
	require.Eventually(t, func() bool { return permits.Snapshot().InFlight == 0 }, 10e9, 1e6)
}

func TestRegressionAMiddlewareThatRepeatsAStream(t *testing.T) { // what was sent to the first went to nobody
	repeating := func() ductile.Composed {
		return ductile.NewConcurrent("p", middle(func(ctx context.Context, next func(context.Context) error) error {
			if err := next(ctx); err == nil {
				return nil
			}
			return next(ctx)
		}))
	}
	var calls atomic.Int64
	down := status.Error(codes.Unavailable, "down")
	s := &shop{
		output: failing(1, &calls, codes.Unavailable),
		duplex: func(both) error { calls.Add(1); return down },
	}
	b := s.open(t)
	t.Run("a stream that sends", func(t *testing.T) {
		calls.Store(0)
		stream, err := b.around(t, repeating()).FullDuplexCall(t.Context())
		require.NoError(t, err)
		_, err = stream.Recv()
		assert.Equal(t, codes.Internal, status.Code(err))
		assert.ErrorContains(t, err, "in use already")
		assert.EqualValues(t, 1, calls.Load())
	})
	t.Run("its creation", func(t *testing.T) {
		calls.Store(0)
		stream, err := b.around(t, repeating(), refusing(1)).FullDuplexCall(t.Context())
		require.NoError(t, err)
		_, err = stream.Recv()
		assert.Equal(t, down.Error(), err.Error())
	})
	t.Run("a stream from the server", func(t *testing.T) {
		calls.Store(0)
		stream, err := b.around(t, repeating()).StreamingOutputCall(t.Context(), request("x"))
		require.NoError(t, err)
		got, err := all(stream.Recv)
		assert.Equal(t, io.EOF, err)
		assert.Equal(t, []string{"x"}, got)
	})
	t.Run("one that had a message", func(t *testing.T) {
		calls.Store(0)
		s.output = func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
			calls.Add(1)
			_ = out.Send(response("one"))
			return down
		}
		stream, err := b.around(t, repeating()).StreamingOutputCall(t.Context(), request("x"))
		require.NoError(t, err)
		got, err := all(stream.Recv)
		assert.Equal(t, codes.Internal, status.Code(err))
		assert.Equal(t, []string{"one"}, got)
		assert.EqualValues(t, 1, calls.Load())
	})
}

func TestRegressionAMiddlewareThatCopiesAStream(t *testing.T) { // the first copy was waited for forever
	created := make(chan struct{}, 2)
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		created <- struct{}{}
		<-created
		return out.Send(response("one"))
	}}
	both := make(chan error, 2)
	p := ductile.NewConcurrent("p", middle(func(ctx context.Context, next func(context.Context) error) error {
		for range 2 {
			go func() { both <- next(ctx) }()
		}
		first := <-both
		return errors.Join(first, <-both)
	}))
	stream, err := s.open(t).around(t, p).StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	got, err := all(stream.Recv)
	assert.Error(t, err)
	assert.LessOrEqual(t, len(got), 1, "nothing of the other")
}

// A late attempt's failure stood for that of the one after it, whose success was lost.
func TestRegressionAnAttemptThatComesBackLate(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: failing(0, &calls, codes.OK)}
	late, end := make(chan struct{}), make(chan struct{})
	var creations atomic.Int64
	p := ductile.NewConcurrent("p", middle(func(ctx context.Context, next func(context.Context) error) error {
		ctx1, cancel := context.WithCancel(ctx)
		go func() {
			_ = next(ctx1)
			close(end)
		}()
		<-late
		cancel()
		err := next(ctx)
		late <- struct{}{}
		<-end
		return err
	}))
	client := s.open(t).around(t, p, creating(func(_ context.Context, create func() (clientStream, error)) (clientStream, error) {
		if creations.Add(1) == 1 {
			late <- struct{}{}
			<-late
			return nil, status.Error(codes.Unavailable, "late")
		}
		return create()
	}))
	stream, err := client.StreamingOutputCall(t.Context(), request("x"))
	require.NoError(t, err)
	got, err := all(stream.Recv)
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, []string{"x"}, got)
}
