package ductilegrpc_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unsafe"

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
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
)

// A method that fails is shed, and the others are served.
func TestKeyedServerIsolatesMethods(t *testing.T) {
	set := keyed.New(func(string) *ductile.Pipeline {
		return serverPipeline(breaker.New(breaker.ConsecutiveFailures(3)))
	})
	s := shopDoing(func(context.Context) error { return nil })
	s.unary = func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
		return nil, status.Error(codes.Internal, "broken")
	}
	client := s.open(t, ductilegrpc.NewKeyedServer(set).ServerOptions()...).client(t, nil)
	for i := range 10 {
		for _, kind := range kindsOfCall() {
			want := codes.OK
			if kind.method == unaryCall {
				want = codes.Internal
				if i >= 3 {
					want = codes.Unavailable
				}
			}
			_, err := kind.call(t.Context(), client)
			assert.Equal(t, want, status.Code(err), "%s %d", kind.name, i)
		}
	}
	methods := map[string]bool{}
	for key := range set.All() {
		methods[key] = true
	}
	assert.Equal(t, map[string]bool{unaryCall: true, outputCall: true, inputCall: true, duplexCall: true}, methods)
}

// A tenant who asks too much is limited, and the others are served, whichever methods they call.
func TestKeyedServerIsolatesTenants(t *testing.T) {
	set := keyed.New(func(string) *ductile.Pipeline { return serverPipeline(ratelimit.New(1.0/3600, 4)) })
	server := ductilegrpc.NewKeyedServer(set, ductilegrpc.ServerKey(func(ctx context.Context, method string) string {
		assert.True(t, strings.HasPrefix(method, "/grpc.testing.TestService/"))
		md, _ := metadata.FromIncomingContext(ctx)
		return strings.Join(md.Get("tenant"), "")
	}))
	client := shopDoing(func(context.Context) error { return nil }).open(t, server.ServerOptions()...).client(t, nil)
	for i, want := range []codes.Code{codes.OK, codes.ResourceExhausted, codes.ResourceExhausted} {
		for _, kind := range kindsOfCall() {
			_, err := kind.call(metadata.AppendToOutgoingContext(t.Context(), "tenant", "loud"), client)
			assert.Equal(t, want, status.Code(err), "%s %d", kind.name, i)
		}
	}
	for _, kind := range kindsOfCall() {
		_, err := kind.call(metadata.AppendToOutgoingContext(t.Context(), "tenant", "quiet"), client)
		require.NoError(t, err, kind.name)
	}
	assert.Equal(t, 2, set.Snapshot().Pipelines)
}

// Whatever clients make up, there are so many pipelines and no more, and none under a name that is longer than a name.
func TestKeyedServerIsBounded(t *testing.T) {
	set := keyed.New(func(key string) *ductile.Pipeline {
		assert.LessOrEqual(t, len(key), 256)
		return serverPipeline()
	}, keyed.Max(10))
	options := append(ductilegrpc.NewKeyedServer(set).ServerOptions(), grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.NotFound, "whatever that is")
	}))
	conn := shopUntouched(t).open(t, options...).connect(t, nil)
	for i := range 100 {
		for _, method := range []string{fmt.Sprintf("/made/Up%d", i), fmt.Sprintf("/made/%sUp%d", strings.Repeat("long", 1000), i)} {
			err := conn.Invoke(t.Context(), method, &testpb.SimpleRequest{}, &testpb.SimpleResponse{})
			require.Equal(t, codes.NotFound, status.Code(err))
		}
	}
	assert.Equal(t, 10, set.Snapshot().Pipelines)
	empty := false
	lengths := 0
	for key := range set.All() {
		empty = empty || key == ""
		lengths += len(key)
	}
	assert.Less(t, lengths, 10*len("/made/Up100"), "one of them is for all long ones")
	assert.True(t, empty)

	at := strings.Repeat("k", 256)
	for key, want := range map[string]string{at: at, at + "k": ""} {
		built := "none"
		one := keyed.New(func(key string) *ductile.Pipeline {
			built = key
			return serverPipeline()
		})
		server := ductilegrpc.NewKeyedServer(one, ductilegrpc.ServerKey(func(context.Context, string) string { return key }))
		_, err := server.Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unaryCall}, func(context.Context, any) (any, error) { return nil, nil })
		require.NoError(t, err)
		assert.Equal(t, want, built)
	}
}

// A key that was cut from something longer does not keep that in memory.
func TestKeyedServerKeepsKeysOnly(t *testing.T) {
	token := strings.Repeat("tenant", 1000)
	set := keyed.New(func(key string) *ductile.Pipeline {
		assert.Equal(t, "tenant", key)
		assert.NotSame(t, unsafe.StringData(token), unsafe.StringData(key)) //nolint:gosec // where it is, is the point
		return serverPipeline()
	})
	server := ductilegrpc.NewKeyedServer(set, ductilegrpc.ServerKey(func(context.Context, string) string { return token[:len("tenant")] }))
	_, err := server.Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unaryCall}, func(context.Context, any) (any, error) { return nil, nil })
	require.NoError(t, err)
}

// A pipeline that is unfit shows when it is made: its calls end with a word of it, and no handler is asked.
func TestKeyedServerRefusesTheUnfit(t *testing.T) {
	for policy, why := range map[ductile.Policy]string{
		retry.New():       `policy 1 ("retry", a *retry.Policy) repeats calls`,
		fallback.Value(1): `policy 1 ("fallback", a *fallback.Policy) answers in place of the handler`,
	} {
		set := keyed.New(func(string) *ductile.Pipeline { return serverPipeline(policy) })
		client := shopUntouched(t).openInMemory(t, ductilegrpc.NewKeyedServer(set).ServerOptions()...).client(t, nil)
		for _, kind := range kindsOfCall() {
			_, err := kind.call(t.Context(), client)
			assert.Equal(t, codes.Internal, status.Code(err), kind.name)
			assert.Contains(t, status.Convert(err).Message(), why, kind.name)
		}
	}
}
