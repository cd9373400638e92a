package ductilegrpc

import (
	"context"
	"errors"
	"reflect"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/internal/refuse"
	"github.com/ductile-go/ductile/keyed"
)

// A Client sends calls through pipelines. It is made by [NewClient], or by [NewKeyedClient] for one pipeline for each method, service or
// target, serves any number of connections, and is safe for concurrent use. Most callers want [Client.DialOptions].
type Client struct {
	pick func(cc *grpc.ClientConn, method string, stream bool) ductile.Composed
	// example returns a pipeline that pick may return.
	example func(stream bool) ductile.Composed
	clientConfig
}

// NewClient returns a client whose calls go through p, which may be of either kind.
//
// It panics where p is nil, and on options that make no sense; [ValidateClient] says the same of options as an error.
func NewClient(p ductile.Composed, options ...ClientOption) *Client {
	if missing(p) {
		panic(errors.New("ductilegrpc: NewClient was given a nil pipeline: make one by ductile.New"))
	}
	c := newClient(options)
	if c.key != nil {
		panic(refuse.Value("ductilegrpc", "Key", "…", "left out of NewClient, which has one pipeline for all calls: see NewKeyedClient"))
	}
	c.example = func(stream bool) ductile.Composed {
		if stream && c.streams != nil {
			return c.streams
		}
		return p
	}
	c.pick = func(_ *grpc.ClientConn, _ string, stream bool) ductile.Composed { return c.example(stream) }
	return c
}

func newClient(options []ClientOption) *Client {
	c, err := configureClient(options)
	if err != nil {
		panic(err)
	}
	return &Client{clientConfig: c}
}

func missing(p ductile.Composed) bool {
	v := reflect.ValueOf(p)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// NewKeyedClient is [NewClient] with a pipeline for each method of each target, or for each key of the option [Key]: a method that fails
// has its own breaker, and the others are served.
//
//	client := ductilegrpc.NewKeyedClient(keyed.New(func(string) *ductile.Pipeline {
//		return standard.Client("inventory")
//	}))
//
// The function that makes a pipeline gets the key, and so can make another for a method whose streams last: see [Streams] for what they need. Where
// kinds of pipeline differ, it returns a ductile.Composed.
//
// The set is bounded, and may be shared with other clients: see package keyed. In a proxy, whose callers make up methods, let [Key] have few keys.
// It panics where the set is nil.
func NewKeyedClient[P ductile.Composed](pipelines *keyed.Pipelines[string, P], options ...ClientOption) *Client {
	if pipelines == nil {
		panic(errors.New("ductilegrpc: NewKeyedClient was given a nil set of pipelines: make one by keyed.New"))
	}
	c := newClient(options)
	if c.streams != nil {
		panic(refuse.Value("ductilegrpc", "Streams", "…", "left out of NewKeyedClient, which has a pipeline for each key: see NewClient"))
	}
	key := c.key
	if key == nil {
		key = ByMethod
	}
	c.pick = func(cc *grpc.ClientConn, method string, _ bool) ductile.Composed {
		return pipelines.Get(key(cc, method))
	}
	c.example = func(bool) ductile.Composed { return pipelines.Get("") }
	return c
}

// DialOptions returns what grpc.NewClient takes to send all calls of a connection through the client:
//
//	conn, err := grpc.NewClient(target, append(client.DialOptions(), credentials)...)
//
// It is the interceptors [Client.Unary] and [Client.Stream], and grpc.WithDisableRetry: two layers that repeat multiply, so a retry policy in
// the service config is switched off. (What gRPC sends again because it never left, or was refused unprocessed, it still does.) Who wants
// that policy to stay gives grpc.NewClient the interceptors alone; see [RetriesBelow].
func (c *Client) DialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithChainUnaryInterceptor(c.Unary), grpc.WithChainStreamInterceptor(c.Stream), grpc.WithDisableRetry()}
}

// RetriesBelow reports whether gRPC itself repeats calls of a method, because a retry policy of the connection's service config says so:
// together with a retry here, attempts multiply. It is known once the target's name has been resolved, and may change when it is
// again. It does not know whether the connection was made with grpc.WithDisableRetry, as by [Client.DialOptions], which makes the policy moot.
// It is false of a nil connection, which an interceptor has where one around it makes calls without any.
func RetriesBelow(cc *grpc.ClientConn, method string) bool {
	return cc != nil && cc.GetMethodConfig(method).RetryPolicy != nil
}

// methodKey is how a context tells which call it belongs to.
type methodKey struct{}

// called is a context that knows its call.
type called struct {
	context.Context
	method string
	call   *unary // nil for a stream
}

// Value implements context.Context.
func (c *called) Value(key any) any {
	if key == (methodKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// Method returns the full name of the method that is called with ctx, as "/shop.Inventory/Get", for policies that differ by it (a
// timeout.From, a fallback.Func) and for observers: the one of the innermost call through a [Client]. It is empty outside of one.
func Method(ctx context.Context) string {
	if c, ok := ctx.Value(methodKey{}).(*called); ok {
		return c.method
	}
	return ""
}
