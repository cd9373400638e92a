package ductilegrpc_test

import (
	"context"
	"io"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/timeout"
)

// numbered tells in its header and trailer which attempt it is, and fails the first n.
func numbered(n int64, calls *atomic.Int64) outputsHave {
	return func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		number := calls.Add(1)
		_ = out.SendHeader(metadata.Pairs("n", strconv.FormatInt(number, 10)))
		out.SetTrailer(metadata.Pairs("t", strconv.FormatInt(number, 10)))
		if number <= n {
			return status.Error(codes.Unavailable, "down")
		}
		return out.Send(response("x"))
	}
}

func TestWhatAStreamIsToldIsOfItsLastAttempt(t *testing.T) {
	for name, fails := range map[string]int64{"at once": 0, "in the end": 2, "not at all": 3} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			s := &shop{output: numbered(fails, &calls)}
			var header, trailer metadata.MD
			var from peer.Peer
			var finished []error
			permits := bulkhead.New(1)
			stream, err := s.open(t).around(t, ductile.New("p", again(), permits)).StreamingOutputCall(t.Context(), request(""),
				grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from), grpc.OnFinish(func(err error) {
					assert.Zero(t, permits.Snapshot().InFlight)
					finished = append(finished, err)
				}))
			require.NoError(t, err)
			assert.Nil(t, stream.Trailer(), "it is not known yet")
			_, err = all(stream.Recv)
			last := []string{strconv.FormatInt(min(fails+1, 3), 10)}
			assert.Equal(t, last, header.Get("n"))
			assert.Equal(t, last, trailer.Get("t"))
			assert.Equal(t, last, stream.Trailer().Get("t"))
			assert.NotNil(t, from.Addr)
			if fails == 3 {
				assert.Equal(t, []error{err}, finished)
				return
			}
			assert.Equal(t, io.EOF, err)
			assert.Equal(t, []error{nil}, finished)
			got, err := stream.Header()
			require.NoError(t, err)
			assert.Equal(t, last, got.Get("n"))
			p, ok := peer.FromContext(stream.Context())
			require.True(t, ok)
			assert.Equal(t, from.Addr, p.Addr)
		})
	}
}

func TestTheHeaderOfAStreamThatFailed(t *testing.T) {
	var calls atomic.Int64
	s := &shop{output: failing(1, &calls, codes.Unavailable)} // without a header
	stream, err := s.open(t).around(t, ductile.New("p", again())).StreamingOutputCall(t.Context(), request("x"))
	require.NoError(t, err)
	header, err := stream.Header()
	assert.NoError(t, err)
	assert.NotNil(t, header, "of the next attempt")
	got, err := all(stream.Recv)
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, []string{"x"}, got)

	calls.Store(-9)
	stream, err = s.open(t).around(t, ductile.New("p", again())).StreamingOutputCall(t.Context(), request("x"))
	require.NoError(t, err)
	_, err = stream.Recv()
	require.Error(t, err)
	_, after := stream.Header()
	assert.Equal(t, err, after)

	calls.Store(-9)
	stream, err = s.open(t).around(t, ductile.New("p", again())).StreamingOutputCall(t.Context(), request("x"))
	require.NoError(t, err)
	header, before := stream.Header()
	assert.Nil(t, header)
	assert.Equal(t, codes.Unavailable, status.Code(before), "where no attempt has one, why")
	_, err = stream.Recv()
	assert.Equal(t, err, before)
	assert.EqualValues(t, -6, calls.Load(), "and each was made")
}

// What the header's option asked for was there or not, by chance, where the context had ended.
func TestRegressionTheHeaderOfAStreamWhoseContextEnded(t *testing.T) {
	s := &shop{duplex: func(stream both) error {
		_ = stream.SendHeader(metadata.Pairs("n", "1"))
		<-stream.Context().Done()
		return nil
	}}
	for name, p := range map[string]ductile.Composed{
		"by the caller":    ductile.New("p", again()),
		"after a detached": ductile.NewConcurrent("p", timeout.New(1<<40, timeout.Detached())),
	} {
		t.Run(name, func(t *testing.T) {
			client := s.open(t).around(t, p)
			for range 20 {
				var header, trailer metadata.MD
				var from peer.Peer
				var finished []error
				ctx, cancel := context.WithCancel(t.Context())
				stream, err := client.FullDuplexCall(ctx, grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from),
					grpc.OnFinish(func(err error) { finished = append(finished, err) }))
				require.NoError(t, err)
				_, err = stream.Header()
				require.NoError(t, err)
				cancel()
				_, err = stream.Recv()
				assert.Equal(t, codes.Canceled, status.Code(err))
				assert.Equal(t, []string{"1"}, header.Get("n"))
				assert.NotNil(t, from.Addr)
				assert.Equal(t, []error{err}, finished)
			}
		})
	}
}

func TestOnFinishOfARefusedStream(t *testing.T) {
	full := bulkhead.New(1)
	_, err := full.Acquire(t.Context())
	require.NoError(t, err)
	var finished []error
	_, err = (&shop{}).open(t).around(t, ductile.New("p", full)).
		FullDuplexCall(t.Context(), grpc.OnFinish(func(err error) { finished = append(finished, err) }))
	assert.Equal(t, []error{err}, finished)
}
