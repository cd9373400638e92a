package ductilegrpc_test

import (
	"context"
	"encoding/json"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/timeout"
)

// What is the caller's nobody touches any more when the call has returned. These tests are for the race detector.

func hedged(after time.Duration, extra int) *ductile.ConcurrentPipeline {
	return ductile.NewConcurrent("test", hedge.New(hedge.After(after), hedge.Extra(extra), hedge.Budget(budget.Unlimited())))
}

// change does to what a call was given and got what callers do who use it again.
func change(request *testpb.SimpleRequest, reply *testpb.SimpleResponse, header, trailer *metadata.MD, p *peer.Peer, options []grpc.CallOption) {
	request.Payload = &testpb.Payload{Body: []byte("changed")}
	request.ResponseSize++
	proto.Reset(request)
	proto.Reset(reply)
	reply.Username = "changed"
	*header, *trailer, *p = metadata.MD{}, nil, peer.Peer{}
	clear(options)
}

// Copies that lose run on. Whatever they do then is theirs.
func TestLosersTouchNothing(t *testing.T) {
	var turn atomic.Int32
	s := &shop{unary: func(ctx context.Context, r *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		if turn.Add(1)%3 != 0 { // the first two of three are slow
			time.Sleep(3 * time.Millisecond)
		}
		_ = grpc.SetHeader(ctx, metadata.Pairs("of", string(r.GetPayload().GetBody())))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("of", string(r.GetPayload().GetBody())))
		return &testpb.SimpleResponse{Payload: r.GetPayload(), Username: "one"}, nil
	}}
	conn := s.open(t).connect(t, ductilegrpc.NewClient(hedged(time.Millisecond, 3)))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			request, reply := new(testpb.SimpleRequest), new(testpb.SimpleResponse)
			var header, trailer metadata.MD
			var from peer.Peer
			for range 30 {
				request.Payload = &testpb.Payload{Body: []byte("asked")}
				options := []grpc.CallOption{
					grpc.StaticMethod(), grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from), ductilegrpc.Is(ductilegrpc.NoSideEffects),
				}
				if !assert.NoError(t, conn.Invoke(t.Context(), unaryCall, request, reply, options...)) {
					return
				}
				assert.Equal(t, "asked", string(reply.GetPayload().GetBody()))
				assert.Equal(t, []string{"asked"}, header.Get("of"))
				assert.Equal(t, []string{"asked"}, trailer.Get("of"))
				assert.NotNil(t, from.Addr)
				change(request, reply, &header, &trailer, &from, options)
			}
		})
	}
	wg.Wait()
}

// A copy that begins when the call is over finds nothing of it any more.
func TestACopyThatComesTooLateRegression(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := make(chan struct{})
		p := ductile.NewConcurrent("test", timeout.New(time.Second, timeout.Detached()), lingering{late})
		c := ductilegrpc.NewClient(p, ductilegrpc.Methods(ductilegrpc.NoSideEffects, unaryCall))
		request, reply := new(testpb.SimpleRequest), new(testpb.SimpleResponse)
		var header, trailer metadata.MD
		var from peer.Peer
		options := []grpc.CallOption{grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from)}
		err := c.Unary(t.Context(), unaryCall, request, reply, nil, invoker(func(*call) error {
			assert.Fail(t, "made after the call")
			return nil
		}), options...)
		require.Error(t, err)
		close(late)
		change(request, reply, &header, &trailer, &from, options)
		synctest.Wait()
	})
}

// lingering is a middleware that takes no notice of its context.
type lingering struct{ until chan struct{} }

func (lingering) Name() string { return "lingering" }
func (l lingering) Around(ctx context.Context, next func(context.Context) error) error {
	<-l.until
	return next(context.WithoutCancel(ctx))
}

// A copy that is about to read what it was given when the call ends has copies of it.
func TestACopyThatReadsTooLateRegression(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := make(chan struct{})
		c := ductilegrpc.NewClient(ductile.NewConcurrent("test", timeout.New(time.Second, timeout.Detached())))
		request, reply := &testpb.SimpleRequest{ResponseSize: 7}, new(testpb.SimpleResponse)
		var header, trailer metadata.MD
		var from peer.Peer
		options := []grpc.CallOption{grpc.StaticMethod(), grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from)}
		err := c.Unary(t.Context(), unaryCall, request, reply, nil, invoker(func(c *call) error {
			<-late
			assert.True(t, proto.Equal(&testpb.SimpleRequest{ResponseSize: 7}, message(c.request)))
			proto.Merge(message(c.reply), &testpb.SimpleResponse{Username: "late"})
			c.tell(nil, metadata.Pairs("late", "yes"))
			assert.Equal(t, grpc.StaticMethod(), c.options[0])
			return nil
		}), options...)
		require.Error(t, err)
		close(late)
		change(request, reply, &header, &trailer, &from, options)
		synctest.Wait()
		assert.Equal(t, "changed", reply.GetUsername())
		assert.Empty(t, header)
	})
}

func message(m any) proto.Message {
	p, _ := m.(proto.Message)
	return p
}

// plain is a message of a codec that knows no protocol buffers.
type plain struct {
	Name  string            `json:"name,omitempty"`
	Count *int              `json:"count,omitempty"`
	Tags  map[string]string `json:"tags,omitempty"`
}

type jsonCodec struct{}

func (jsonCodec) Name() string                       { return "json" }
func (jsonCodec) Marshal(v any) ([]byte, error)      { return json.Marshal(v) }
func (jsonCodec) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// A repeat begins with an empty reply, whatever came of the one before: not every codec empties it.
func TestARepeatHasAReplyOfItsOwn(t *testing.T) {
	c, attempts := ductilegrpc.NewClient(ductile.New("test", eager()), ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall)), 0
	reply := new(plain)
	require.NoError(t, c.Unary(t.Context(), unaryCall, new(plain), reply, nil, invoker(func(c *call) error {
		if attempts++; attempts == 1 {
			require.NoError(t, json.Unmarshal([]byte(`{"tags": {"stale": "yes"}}`), c.reply))
			return errUnavailable
		}
		return json.Unmarshal([]byte(`{"name": "new"}`), c.reply)
	})))
	assert.Equal(t, plain{Name: "new"}, *reply)
}

// echo is a service of plain messages.
var echo = grpc.ServiceDesc{ServiceName: "plain.Echo", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
	MethodName: "Say",
	Handler: func(srv any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		request := new(plain)
		if err := decode(request); err != nil {
			return nil, err
		}
		say, _ := srv.(func(context.Context, *plain) (*plain, error))
		return say(ctx, request)
	},
}}}

// openEcho serves the service.
func openEcho(t *testing.T, say func(context.Context, *plain) (*plain, error)) *branch {
	t.Helper()
	l := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.ForceServerCodec(jsonCodec{}))
	server.RegisterService(&echo, say)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() { server.Stop(); <-done })
	return &branch{Server: server, target: "passthrough:///echo", dialer: grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return l.DialContext(ctx)
	})}
}

// Messages need not be protocol buffers. Each attempt has a reply of its own all the same.
func TestPlainMessages(t *testing.T) {
	var mu sync.Mutex
	attempts := map[string]int{} // of each call: those of an earlier one's copies may still come
	b := openEcho(t, func(_ context.Context, r *plain) (*plain, error) {
		mu.Lock()
		attempts[r.Tags["call"]]++
		last := attempts[r.Tags["call"]] == 3
		mu.Unlock()
		if !last {
			time.Sleep(3 * time.Millisecond)
			if r.Name == "fail" {
				return nil, errUnavailable
			}
		}
		return &plain{Name: r.Name, Tags: map[string]string{"of": r.Name}}, nil
	})
	calls := 0
	request := func(name string) *plain {
		calls++
		return &plain{Name: name, Tags: map[string]string{"call": strconv.Itoa(calls)}}
	}
	for _, p := range []ductile.Composed{ductile.New("test", eager()), hedged(time.Millisecond, 2)} {
		c := ductilegrpc.NewClient(p, ductilegrpc.Methods(ductilegrpc.NoSideEffects, "/plain.Echo/Say"))
		conn := b.connect(t, c)
		for _, name := range []string{"a", "fail", "c", "fail"} {
			reply := &plain{Name: "before"}
			require.NoError(t, conn.Invoke(t.Context(), "/plain.Echo/Say", request(name), reply, grpc.ForceCodec(jsonCodec{})))
			assert.Equal(t, plain{Name: name, Tags: map[string]string{"of": name}}, *reply)

			asMap := map[string]any{"before": 1}
			require.NoError(t, conn.Invoke(t.Context(), "/plain.Echo/Say", request(name), &asMap, grpc.ForceCodec(jsonCodec{})))
			assert.Equal(t, name, asMap["name"])
		}
	}
}
