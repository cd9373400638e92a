package ductilegrpc_test

import (
	"context"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/timeout"
)

// A buffered stream has one message, which is there when its context ends, and ends well.
type buffered struct {
	clientStream
	ctx      context.Context
	header   metadata.MD
	received bool
}

func (b *buffered) RecvMsg(any) error {
	if b.received {
		return io.EOF
	}
	b.received = true
	<-b.ctx.Done()
	return nil
}

func (b *buffered) Header() (metadata.MD, error) {
	<-b.ctx.Done()
	return b.header, nil
}

func (b *buffered) Context() context.Context { return b.ctx }
func (b *buffered) Trailer() metadata.MD     { return nil }

// bufferedStream is a stream of c each of whose attempts is a buffered one.
func bufferedStream(ctx context.Context, c *ductilegrpc.Client, desc grpc.StreamDesc, header metadata.MD) (clientStream, error) {
	return c.Stream(ctx, &desc, nil, outputCall,
		func(ctx context.Context, _ *grpc.StreamDesc, _ *grpc.ClientConn, _ string, _ ...grpc.CallOption) (clientStream, error) {
			return &buffered{ctx: ctx, header: header}, nil
		})
}

// A message that came when its attempt was given up was thrown away, and the end behind it was taken for that of a stream without messages.
func TestRegressionAStreamThatLostAMessageHasNotSucceeded(t *testing.T) {
	server, both := grpc.StreamDesc{ServerStreams: true}, grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	limited := func() ductile.Composed { return ductile.New("p", timeout.New(50*time.Microsecond)) }
	for name, test := range map[string]struct {
		client  *ductilegrpc.Client
		desc    grpc.StreamDesc
		own     time.Duration // of the caller
		header  metadata.MD
		receive bool // before the header
	}{
		"time of the attempt":                {ductilegrpc.NewClient(limited(), twice()), server, time.Hour, nil, true},
		"repeated":                           {ductilegrpc.NewClient(ductile.New("p", again(), timeout.New(50*time.Microsecond)), twice()), server, time.Hour, nil, true},
		"time of the caller":                 {ductilegrpc.NewClient(ductile.New("p"), twice()), server, 50 * time.Microsecond, nil, true},
		"must not be called twice":           {ductilegrpc.NewClient(limited()), server, time.Hour, nil, true},
		"both stream":                        {ductilegrpc.NewClient(limited()), both, time.Hour, nil, true},
		"a header before":                    {ductilegrpc.NewClient(limited(), twice()), server, time.Hour, metadata.Pairs("k", "v"), false},
		"no header before":                   {ductilegrpc.NewClient(limited(), twice()), server, time.Hour, nil, false},
		"a header before where both stream":  {ductilegrpc.NewClient(limited()), both, time.Hour, metadata.Pairs("k", "v"), false},
		"no header before where both stream": {ductilegrpc.NewClient(limited()), both, time.Hour, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			received := 0
			for range 100 {
				ctx, cancel := context.WithTimeout(t.Context(), test.own)
				stream, err := bufferedStream(ctx, test.client, test.desc, test.header)
				if err == nil && !test.receive {
					_, _ = stream.Header()
				}
				for err == nil {
					if err = stream.RecvMsg(nil); err == nil {
						received++
					}
				}
				cancel()
				require.Equal(t, codes.DeadlineExceeded, status.Code(err), "%v", err)
			}
			assert.Zero(t, received)
		})
	}
}

// Of a stream of real messages, some of which are there when time runs out, the caller has all or an error.
func TestRegressionAStreamThatEndsWellHasAllItsMessages(t *testing.T) {
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		for range 3 {
			if err := out.Send(response("x")); err != nil {
				return err
			}
		}
		return nil
	}}
	var calls atomic.Int64
	limit := timeout.From(func(context.Context) time.Duration { return time.Duration(50+calls.Add(1)*37%350) * time.Microsecond })
	branch := s.open(t)
	for _, p := range []ductile.Composed{ductile.New("p", limit), ductile.New("p", again(), limit)} {
		client := branch.around(t, p)
		for range 500 {
			stream, err := client.StreamingOutputCall(t.Context(), request(""))
			if err != nil {
				continue
			}
			got, err := all(stream.Recv)
			if err == io.EOF { //nolint:errorlint // as stubs compare it
				require.Len(t, got, 3)
			}
		}
	}
}

// The header of an attempt that failed without one was returned, none, and the stream repeated by the next Recv.
func TestRegressionTheHeaderOfARepeatedStream(t *testing.T) {
	for name, first := range map[string]error{"transient": status.Error(codes.Unavailable, "first"), "final": status.Error(codes.NotFound, "first")} {
		for _, receiving := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				var calls atomic.Int64
				asked := make(chan struct{})
				s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
					if calls.Add(1) == 1 {
						<-asked
						return first
					}
					_ = out.SetHeader(metadata.Pairs("k", "v"))
					return out.Send(response("x"))
				}}
				stream, err := s.openInMemory(t).around(t, ductile.New("p", again())).StreamingOutputCall(t.Context(), request(""))
				require.NoError(t, err)
				done := make(chan struct{})
				receive := func() {
					defer close(done)
					got, err := all(stream.Recv)
					if name == "transient" {
						assert.Equal(t, io.EOF, err)
						assert.Equal(t, []string{"x"}, got)
					} else {
						assert.Equal(t, codes.NotFound, status.Code(err))
					}
				}
				if receiving {
					go receive()
				}
				close(asked)
				header, err := stream.Header()
				if name == "transient" {
					require.NoError(t, err)
					assert.Equal(t, []string{"v"}, header.Get("k"))
				} else {
					assert.Empty(t, header)
				}
				if !receiving {
					receive()
				}
				<-done
			})
		}
	}
}

// gRPC notes that a stream has failed before it ends the stream's context. Who asked for the header in between was told that there is none, though
// the stream was repeated: where another goroutine received meanwhile, or asked, too.
func TestRegressionTheHeaderOfAStreamThatHasJustFailed(t *testing.T) {
	lingering := func( // between the two
		ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, create grpc.Streamer, options ...grpc.CallOption,
	) (clientStream, error) {
		return create(ctx, desc, cc, method, append(options, grpc.OnFinish(func(error) {
			for range 1000 {
				runtime.Gosched()
			}
		}))...)
	}
	for _, receiving := range []bool{false, true} {
		for range 50 {
			var calls atomic.Int64
			s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
				if calls.Add(1) == 1 {
					return status.Error(codes.Unavailable, "first")
				}
				_ = out.SetHeader(metadata.Pairs("k", "v"))
				return out.Send(response("x"))
			}}
			stream, err := s.openInMemory(t).around(t, ductile.New("p", again()), lingering).StreamingOutputCall(t.Context(), request(""))
			require.NoError(t, err)
			done := make(chan struct{})
			go func() {
				defer close(done)
				if receiving {
					got, err := all(stream.Recv)
					assert.Equal(t, io.EOF, err)
					assert.Equal(t, []string{"x"}, got)
				} else {
					header, err := stream.Header()
					assert.NoError(t, err)
					assert.Equal(t, []string{"v"}, header.Get("k"))
				}
			}()
			header, err := stream.Header()
			require.NoError(t, err)
			require.Equal(t, []string{"v"}, header.Get("k"))
			<-done
		}
	}
}

func TestAHeaderOfAStreamThatIsNotRepeated(t *testing.T) {
	s := &shop{duplex: func(both) error { return status.Error(codes.Unavailable, "down") }}
	stream, err := s.openInMemory(t).around(t, ductile.New("p", again())).FullDuplexCall(t.Context())
	require.NoError(t, err)
	header, err := stream.Header()
	assert.NoError(t, err, "as gRPC has it: receiving tells why, and may be under way")
	assert.Nil(t, header)
	_, err = stream.Recv()
	assert.Equal(t, codes.Unavailable, status.Code(err))
}

func TestAHeaderOfAStreamThatEndsWellWithoutOne(t *testing.T) {
	s := &shop{output: func(*testpb.StreamingOutputCallRequest, outputs) error { return nil }}
	stream, err := s.openInMemory(t).around(t, ductile.New("p", again())).StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	header, err := stream.Header()
	require.NoError(t, err)
	assert.Empty(t, header)
	_, err = stream.Recv()
	assert.Equal(t, io.EOF, err)
}

// headerless is a stream of an interceptor that has messages, but no header.
type headerless struct{ clientStream }

func (headerless) Header() (metadata.MD, error) { return nil, nil }

func TestAskingForAHeaderTakesNoMessage(t *testing.T) {
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error { return out.Send(response("x")) }}
	client := s.openInMemory(t).around(t, ductile.New("p", again()), creating(func(_ context.Context, create func() (clientStream, error)) (clientStream, error) {
		stream, err := create()
		return headerless{stream}, err
	}))
	stream, err := client.StreamingOutputCall(t.Context(), request(""))
	require.NoError(t, err)
	header, err := stream.Header()
	require.NoError(t, err)
	assert.Empty(t, header)
	got, err := all(stream.Recv)
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, []string{"x"}, got)
}

// The request was kept for as long as the stream, however large, and however long that goes on.
func TestRegressionARequestIsLetGo(t *testing.T) {
	s := &shop{output: func(_ *testpb.StreamingOutputCallRequest, out outputs) error {
		_ = out.Send(response("x"))
		<-out.Context().Done()
		return nil
	}}
	branch := s.openInMemory(t)
	for name, client := range map[string]*ductilegrpc.Client{
		"may be called twice": ductilegrpc.NewClient(ductile.New("p", again()), twice()),
		"must not be":         ductilegrpc.NewClient(ductile.New("p", again())),
	} {
		for _, before := range []bool{false, true} { // when it is sent, there will be no other attempt
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				desc := grpc.StreamDesc{ServerStreams: true}
				stream, err := branch.connect(t, client).NewStream(ctx, &desc, outputCall)
				require.NoError(t, err)
				if before {
					stream.Context()
				}
				gone := make(chan struct{})
				func() {
					r := request("")
					runtime.AddCleanup(r, func(gone chan struct{}) { close(gone) }, gone)
					require.NoError(t, stream.SendMsg(r))
				}()
				require.NoError(t, stream.CloseSend())
				require.NoError(t, stream.RecvMsg(response("")))
				require.Eventually(t, func() bool {
					collect()
					select {
					case <-gone:
						return true
					default:
						return false
					}
				}, 10*time.Second, time.Millisecond)
				runtime.KeepAlive(stream)
			})
		}
	}
}

// An interceptor inside that appended to the options wrote where the next attempt's had theirs, and where the caller's had.
func TestRegressionAttemptsOfAStreamShareNoOptions(t *testing.T) {
	options := make([]grpc.CallOption, 0, 8)
	options = append(options, grpc.WaitForReady(false), grpc.EmptyCallOption{})
	attempts := 0
	for _, own := range [][]grpc.CallOption{options, append(options, ductilegrpc.Is(ductilegrpc.NoSideEffects), grpc.Header(new(metadata.MD)))} {
		_, err := ductilegrpc.NewClient(ductile.New("p", again())).Stream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, nil, outputCall,
			func(_ context.Context, _ *grpc.StreamDesc, _ *grpc.ClientConn, _ string, passed ...grpc.CallOption) (clientStream, error) {
				attempts++
				assert.Len(t, passed, cap(passed), "so that who appends copies")
				return nil, status.Error(codes.Unavailable, "down")
			}, own...)
		assert.Equal(t, codes.Unavailable, status.Code(err))
	}
	assert.GreaterOrEqual(t, attempts, 2)
}
