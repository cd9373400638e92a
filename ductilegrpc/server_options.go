package ductilegrpc

import (
	"context"
	"maps"
	"strconv"

	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// A ServerOption changes what [NewServer] and [NewKeyedServer] make.
type ServerOption func(*serverConfig) error

type serverConfig struct {
	classify func(*status.Status) fault.Class
	key      func(context.Context, string) string
	reject   func(context.Context, string, error) error
	exempt   map[string]struct{} // "/service/method", or "/service/" for all methods of a service
}

// ClassifyServer sets the opinion of what the status means to policies that a handler has ended with, in place of [ServerClass], which it
// may call for what it has no opinion of. It is called concurrently.
func ClassifyServer(classify func(s *status.Status) fault.Class) ServerOption {
	return func(c *serverConfig) error {
		if classify == nil {
			return refuse.Value("ductilegrpc", "ClassifyServer", "nil", "a function from a status to its class")
		}
		c.classify = classify
		return nil
	}
}

// ServerKey sets what tells calls apart for [NewKeyedServer], in place of their method: the tenant that an interceptor around this one has
// authenticated, for one. What a client says of itself, as in its metadata, is no such key: it takes another for each call. It is called
// concurrently.
func ServerKey(key func(ctx context.Context, method string) string) ServerOption {
	return func(c *serverConfig) error {
		if key == nil {
			return refuse.Value("ductilegrpc", "ServerKey", "nil", "a function from a context and a method to the key")
		}
		c.key = key
		return nil
	}
}

// OnReject sets what a call ends with that was refused, not started or timed out. err is a *[ServerError], with the status that the
// client would get, and the reason, for errors.Is. Where reject returns that or nil, the client gets it; any other error it gets in its
// place, and then no pushback besides. It is called concurrently.
func OnReject(reject func(ctx context.Context, method string, err error) error) ServerOption {
	return func(c *serverConfig) error {
		if reject == nil {
			return refuse.Value("ductilegrpc", "OnReject", "nil", "a function from a refusal to what the call ends with")
		}
		c.reject = reject
		return nil
	}
}

// Exempt names what is served without a pipeline: methods, each as "/shop.Inventory/Get", or services, as "/shop.Inventory/" for all methods of
// one. Unless set it is "/grpc.health.v1.Health/": a health check that is shed takes the server out of rotation when it has enough to do,
// and one that watches would hold a permit for ever. Given several times, all of them are exempt; with no names at all, nothing is.
//
// Reflection, "/grpc.reflection.v1.ServerReflection/", is not exempt: nothing depends on it that could not wait.
func Exempt(methods ...string) ServerOption {
	return func(c *serverConfig) error {
		exempt := maps.Clone(c.exempt)
		if exempt == nil {
			exempt = map[string]struct{}{}
		}
		for _, method := range methods {
			if !isMethod(method) {
				return refuse.Value("ductilegrpc", "Exempt", strconv.Quote(method),
					`the full name of a method, as "/shop.Inventory/Get", or of a service, as "/shop.Inventory/"`)
			}
			exempt[method] = struct{}{}
		}
		c.exempt = exempt
		return nil
	}
}

// exempts reports whether a method is served without a pipeline.
func (c *serverConfig) exempts(method string) bool {
	if len(c.exempt) == 0 {
		return false
	}
	_, ok := c.exempt[service(method)]
	if !ok {
		_, ok = c.exempt[method]
	}
	return ok
}

// ValidateServer returns what NewServer and NewKeyedServer would panic with, or nil. [ServerKey] is right for the second only.
func ValidateServer(options ...ServerOption) error {
	_, err := configureServer(options)
	return err
}

func configureServer(options []ServerOption) (serverConfig, error) {
	c := serverConfig{classify: ServerClass}
	err := refuse.Apply("ductilegrpc", &c, options)
	if c.exempt == nil {
		c.exempt = map[string]struct{}{"/grpc.health.v1.Health/": {}}
	}
	return c, err
}
