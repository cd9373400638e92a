package ductilegrpc_test

import (
	"context"
	"strconv"
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
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/keyed"
)

// retrying is a service config that makes gRPC retry.
const retrying = `{"methodConfig": [{"name": [{"service": "grpc.testing.TestService"}], "retryPolicy": {
	"maxAttempts": 3, "initialBackoff": "0.001s", "maxBackoff": "0.001s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

// Two layers that repeat multiply. DialOptions leaves one; who gives gRPC the interceptors alone has both, and can see it.
func TestNoDoubleRetry(t *testing.T) {
	var attempts atomic.Int32
	s := &shop{unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		attempts.Add(1)
		return nil, errUnavailable
	}}
	b := s.open(t)
	c := ductilegrpc.NewClient(ductile.New("test", eager()), ductilegrpc.Methods(ductilegrpc.Idempotent, unaryCall))
	config := grpc.WithDefaultServiceConfig(retrying)
	for _, row := range []struct {
		name string
		conn *grpc.ClientConn
		want int32
	}{
		{"DialOptions", b.connect(t, c, config), 3},
		{"the interceptors alone", b.connect(t, nil, config, grpc.WithChainUnaryInterceptor(c.Unary), grpc.WithChainStreamInterceptor(c.Stream)), 9},
		{"gRPC alone", b.connect(t, nil, config), 3},
	} {
		attempts.Store(0)
		_, err := testpb.NewTestServiceClient(row.conn).UnaryCall(t.Context(), new(testpb.SimpleRequest))
		assert.Equal(t, codes.Unavailable, status.Code(err), row.name)
		assert.Equal(t, row.want, attempts.Load(), row.name)
		assert.True(t, ductilegrpc.RetriesBelow(row.conn, unaryCall), row.name)
		assert.False(t, ductilegrpc.RetriesBelow(row.conn, "/other.Service/Method"), row.name)
	}
	assert.False(t, ductilegrpc.RetriesBelow(b.connect(t, c), unaryCall))
	assert.False(t, ductilegrpc.RetriesBelow(nil, unaryCall))
}

// Each attempt but the first says how many came before, in place of what the caller may have said; what else the caller says is left alone.
func TestPreviousAttempts(t *testing.T) {
	const previous = "grpc-previous-rpc-attempts"
	for name, p := range map[string]ductile.Composed{"retry": ductile.New("test", eager()), "hedge": hedged(time.Hour, 2)} {
		t.Run(name, func(t *testing.T) {
			var sent [][]string
			c := ductilegrpc.NewClient(p, ductilegrpc.Methods(ductilegrpc.NoSideEffects, unaryCall))
			md := metadata.Pairs("mine", "1", previous, "17")
			before := md.Copy()
			ctx := metadata.NewOutgoingContext(t.Context(), md)
			_ = c.Unary(ctx, unaryCall, new(testpb.SimpleRequest), new(testpb.SimpleResponse), nil, invoker(func(c *call) error {
				got, _ := metadata.FromOutgoingContext(c.ctx)
				assert.Equal(t, []string{"1"}, got.Get("mine"))
				sent = append(sent, got.Get(previous))
				return errUnavailable
			}))
			assert.Equal(t, [][]string{{"17"}, {"1"}, {"2"}}, sent)
			assert.Equal(t, before, md)
		})
	}
}

// What the server is told of the caller's deadline is what the caller has set, and of an attempt's timeout where that is sooner.
func TestDeadlinesReachTheServer(t *testing.T) {
	left := make(chan time.Duration, 1)
	s := &shop{unary: func(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		at, ok := ctx.Deadline()
		if !ok {
			at = time.Now().Add(-time.Hour)
		}
		left <- time.Until(at)
		return new(testpb.SimpleResponse), nil
	}}
	client := s.open(t).client(t, ductilegrpc.NewClient(ductile.New("test", eager(), attemptTimeout(time.Hour))))
	bare := s.open(t).client(t, ductilegrpc.NewClient(ductile.New("test", eager())))
	_, err := bare.UnaryCall(t.Context(), new(testpb.SimpleRequest))
	require.NoError(t, err)
	assert.Negative(t, <-left, "none")
	_, err = client.UnaryCall(t.Context(), new(testpb.SimpleRequest))
	require.NoError(t, err)
	assert.InDelta(t, time.Hour, <-left, float64(time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	_, err = client.UnaryCall(ctx, new(testpb.SimpleRequest))
	require.NoError(t, err)
	assert.InDelta(t, 20*time.Minute, <-left, float64(time.Minute))
}

// A policy can see which method it decides for.
func TestMethod(t *testing.T) {
	assert.Empty(t, ductilegrpc.Method(t.Context()))
	var seen []string
	look := gate(func(ctx context.Context) { seen = append(seen, ductilegrpc.Method(ctx)) })
	c := ductilegrpc.NewClient(ductile.New("test", look))
	require.NoError(t, stub(t, c, func(outer *call) error {
		assert.Equal(t, unaryCall, ductilegrpc.Method(outer.ctx))
		inner := ductilegrpc.NewClient(ductile.New("inner", look))
		return inner.Unary(outer.ctx, "/inner.Service/Method", nil, nil, nil, invoker(func(*call) error { return nil }))
	}))
	assert.Equal(t, []string{unaryCall, "/inner.Service/Method"}, seen)
}

// gate is a gate that looks at the context and admits all.
type gate func(context.Context)

func (gate) Name() string { return "gate" }
func (g gate) Acquire(ctx context.Context) (uint64, error) {
	g(ctx)
	return 0, nil
}
func (gate) Release(uint64, error) {}

// A key's pipeline is its own: one method fails and another is served. The set is bounded, whatever the names.
func TestKeyedClient(t *testing.T) {
	conn, err := grpc.NewClient("passthrough:///one", grpc.WithTransportCredentials(plaintext))
	require.NoError(t, err)
	defer conn.Close() //nolint:errcheck // nothing is lost
	other, err := grpc.NewClient("passthrough:///two", grpc.WithTransportCredentials(plaintext))
	require.NoError(t, err)
	defer other.Close() //nolint:errcheck // nothing is lost
	for _, row := range []struct {
		name    string
		options []ductilegrpc.ClientOption
		key     string
		shares  map[string]bool // with /a.S/One of the first target
	}{
		{"by method", nil, "passthrough:///one/a.S/One", map[string]bool{"/a.S/One": true}},
		{"by service", []ductilegrpc.ClientOption{ductilegrpc.Key(ductilegrpc.ByService)}, "passthrough:///one/a.S/", map[string]bool{"/a.S/One": true, "/a.S/Two": true}},
		{"by target", []ductilegrpc.ClientOption{ductilegrpc.Key(ductilegrpc.ByTarget)}, "passthrough:///one", map[string]bool{
			"/a.S/One": true, "/a.S/Two": true, "/b.S/One": true,
		}},
		{"by a key of one's own", []ductilegrpc.ClientOption{ductilegrpc.Key(func(_ *grpc.ClientConn, m string) string { return m[:2] })}, "/a", map[string]bool{
			"/a.S/One": true, "/a.S/Two": true, "other": true,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			set := keyed.New(func(string) *ductile.Pipeline { return ductile.New("test", breaker.New()) })
			c := ductilegrpc.NewKeyedClient(set, row.options...)
			do := func(cc *grpc.ClientConn, method string, answer error) error {
				return c.Unary(t.Context(), method, new(testpb.SimpleRequest), new(testpb.SimpleResponse), cc, invoker(fails(answer)))
			}
			for range 5 {
				require.Error(t, do(conn, "/a.S/One", status.Error(codes.Internal, "x")))
			}
			keys := map[string]bool{}
			for key := range set.All() {
				keys[key] = true
			}
			assert.Equal(t, map[string]bool{row.key: true}, keys)
			for _, method := range []string{"/a.S/One", "/a.S/Two", "/b.S/One"} {
				assert.Equal(t, row.shares[method], do(conn, method, nil) != nil, method)
			}
			assert.Equal(t, row.shares["other"], do(other, "/a.S/One", nil) != nil, "another target")
		})
	}
	t.Run("many methods", func(t *testing.T) {
		set := keyed.New(func(string) *ductile.Pipeline { return ductile.New("test") }, keyed.Max(100))
		c := ductilegrpc.NewKeyedClient(set)
		for i := range 1000 {
			require.NoError(t, c.Unary(t.Context(), "/a.S/"+strconv.Itoa(i), nil, nil, nil, invoker(fails(nil))))
		}
		n := 0
		for range set.All() {
			n++
		}
		assert.Equal(t, 100, n)
	})
	assert.Empty(t, ductilegrpc.ByService(nil, "no method"), "an odd name has no service")
}

// Two connections of one client share what it has, and each its own breaker by key.
func TestConcurrentPipelinesByKey(t *testing.T) {
	set := keyed.New(func(string) *ductile.ConcurrentPipeline { return hedged(time.Hour, 1) })
	c := ductilegrpc.NewKeyedClient(set, ductilegrpc.Methods(ductilegrpc.NoSideEffects, "/grpc.testing.TestService/"))
	attempts := 0
	require.Error(t, stub(t, c, func(*call) error { attempts++; return errUnavailable }))
	assert.Equal(t, 2, attempts)
}

func TestClientsThatMakeNoSense(t *testing.T) {
	p, set := ductile.New("test"), keyed.New(func(string) *ductile.Pipeline { return ductile.New("test") })
	type options = []ductilegrpc.ClientOption
	for _, row := range []struct {
		text    string
		options options
	}{
		{"ductilegrpc: Classify(nil): must be a function from a status to its class", options{ductilegrpc.Classify(nil)}},
		{"ductilegrpc: Key(nil): must be a function from a connection and a method to its key", options{ductilegrpc.Key(nil)}},
		{"ductilegrpc: Streams(nil): must be a pipeline: make one by ductile.New", options{ductilegrpc.Streams(nil)}},
		{"ductilegrpc: Methods(3, …): must be given Unknown, Idempotent or NoSideEffects first, and then methods", options{ductilegrpc.Methods(3, "/a/b")}},
		{`ductilegrpc: Methods(idempotent): must be given methods: "/shop.Inventory/Get"`, options{ductilegrpc.Methods(ductilegrpc.Idempotent)}},
		{
			`ductilegrpc: Methods(no side effects, "/a/b"): must be one level for each method, and it is idempotent already`,
			options{ductilegrpc.Methods(ductilegrpc.Idempotent, "/a/b"), ductilegrpc.Methods(ductilegrpc.NoSideEffects, "/a/b")},
		},
		{"ductilegrpc: option 1 is nil: leave it out instead", options{nil}},
	} {
		require.EqualError(t, ductilegrpc.ValidateClient(row.options...), row.text)
		assert.PanicsWithError(t, row.text, func() { ductilegrpc.NewClient(p, row.options...) })
		assert.PanicsWithError(t, row.text, func() { ductilegrpc.NewKeyedClient(set, row.options...) })
	}
	for _, method := range []string{"", "/", "//", "a/b", "/a", "/a/b/c", "//b", "shop.Inventory/Get"} {
		assert.ErrorContains(t, ductilegrpc.ValidateClient(ductilegrpc.Methods(ductilegrpc.Idempotent, method)), strconv.Quote(method))
	}
	require.NoError(t, ductilegrpc.ValidateClient(ductilegrpc.Methods(ductilegrpc.Idempotent, "/a/b", "/a/b", "/a/")))
	assert.Panics(t, func() { ductilegrpc.NewClient(nil) })
	assert.Panics(t, func() { ductilegrpc.NewClient((*ductile.Pipeline)(nil)) })
	assert.Panics(t, func() { ductilegrpc.NewClient(p, ductilegrpc.Key(ductilegrpc.ByTarget)) })
	assert.Panics(t, func() { ductilegrpc.NewKeyedClient[*ductile.Pipeline](nil) })
	assert.Panics(t, func() { ductilegrpc.NewKeyedClient(set, ductilegrpc.Streams(p)) })
}
