package ductilegrpc_test

import (
	"context"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
)

// nothingStays waits until no goroutine of a stream is left.
func nothingStays(t *testing.T) {
	t.Helper()
	stacks := make([]byte, 1<<22)
	left := func() string { return string(stacks[:runtime.Stack(stacks, true)]) }
	if !assert.Eventually(t, func() bool { return !strings.Contains(left(), "ductilegrpc.(*stream)") }, 20*time.Second, time.Millisecond) {
		t.Log(left())
	}
}

// collect returns when the garbage collector has found what was dropped before.
func collect() {
	found := make(chan struct{})
	runtime.AddCleanup(&struct{ _ *int }{}, func(found chan struct{}) { close(found) }, found)
	for {
		runtime.GC()
		select {
		case <-found:
			return
		default:
			runtime.Gosched()
		}
	}
}

// endlessly sends until the client has gone.
func endlessly(_ *testpb.StreamingOutputCallRequest, out outputs) error {
	for {
		if err := out.Send(response("x")); err != nil {
			return err
		}
	}
}

func TestADroppedStreamGivesItsPermitsBack(t *testing.T) {
	s := &shop{output: endlessly, duplex: func(stream both) error { <-stream.Context().Done(); return nil }}
	permits, gate := bulkhead.New(8), breaker.New()
	client := s.open(t).around(t, ductile.New("p", again(), gate, permits))
	for i := range 8 {
		drop := func() {
			if i%2 == 0 {
				_, err := client.FullDuplexCall(t.Context())
				require.NoError(t, err)
				return
			}
			stream, err := client.StreamingOutputCall(t.Context(), request(""))
			require.NoError(t, err)
			_, err = stream.Recv()
			require.NoError(t, err)
		}
		drop()
	}
	require.Eventually(t, func() bool {
		collect()
		return permits.Snapshot().InFlight == 0
	}, 20*time.Second, time.Millisecond)
	assert.Zero(t, gate.Snapshot().Counts, "it says nothing of the server")
	nothingStays(t)
}

// The cleanup of a stream that was dropped in a bubble closed a channel of the bubble from outside, which ends the program.
func TestRegressionAStreamThatIsDroppedInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{duplex: func(stream both) error { <-stream.Context().Done(); return nil }}
		permits := bulkhead.New(1)
		client := s.openInMemory(t).around(t, ductile.New("p", permits))
		ctx, leave := context.WithCancel(t.Context())
		drop := func() {
			_, err := client.FullDuplexCall(ctx)
			require.NoError(t, err)
		}
		drop()
		for range 5 {
			var found atomic.Bool
			runtime.AddCleanup(&struct{ _ *int }{}, func(found *atomic.Bool) { found.Store(true) }, &found)
			for !found.Load() {
				runtime.GC()
				runtime.Gosched()
			}
		}
		assert.Equal(t, 1, permits.Snapshot().InFlight)
		leave()
		synctest.Wait()
		assert.Zero(t, permits.Snapshot().InFlight, "it is back when the context has ended")
	})
}

func TestAStreamInUseIsNotTakenForDropped(t *testing.T) {
	release, received := make(chan struct{}), make(chan error)
	s := &shop{duplex: func(stream both) error {
		<-release
		return stream.Send(response("x"))
	}}
	client := s.open(t).around(t, ductile.New("p", bulkhead.New(1)))
	go func() {
		stream, err := client.FullDuplexCall(t.Context())
		if err == nil {
			_, err = stream.Recv() // and nobody has the stream but this call
		}
		received <- err
	}()
	for range 5 {
		collect()
		select {
		case err := <-received:
			require.FailNow(t, "it was dropped", "%v", err)
		default:
		}
	}
	close(release)
	assert.NoError(t, <-received)
}

func TestAStreamThatIsNotReadToItsEndEndsWithItsContext(t *testing.T) {
	s := &shop{output: endlessly}
	permits := bulkhead.New(1)
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := s.open(t).around(t, ductile.New("p", again(), permits)).StreamingOutputCall(ctx, request(""))
	require.NoError(t, err)
	_, err = stream.Recv()
	require.NoError(t, err)
	cancel()
	nothingStays(t)
	assert.Zero(t, permits.Snapshot().InFlight, "without another look at it")
	runtime.KeepAlive(stream)
}

func TestAFinishedStreamLeavesNothing(t *testing.T) {
	s := &shop{output: failing(0, new(atomic.Int64), codes.OK)}
	stream, err := s.open(t).around(t, ductile.New("p", again())).StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	_, err = all(stream.Recv)
	require.Equal(t, io.EOF, err)
	nothingStays(t)
}
