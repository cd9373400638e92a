package ductilegrpc

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// A ClientOption changes what [NewClient] and [NewKeyedClient] make.
type ClientOption func(*clientConfig) error

type clientConfig struct {
	classify func(*status.Status) (fault.Class, bool)
	key      func(*grpc.ClientConn, string) string
	levels   map[string]Idempotency // by "/service/method", or "/service/" for all methods of a service
	streams  ductile.Composed
}

// Classify sets the opinion of what the status of a failed call means: its class, and of a failure whether it is worth to repeat it. It is asked in
// place of [Class], which it may call for what it has no opinion of. What is no failure by its class, such as fault.ClassPermanent, is not repeated
// either way. To repeat what a breaker is not to count, say transient here, and the rest by breaker.Classify.
func Classify(classify func(s *status.Status) (class fault.Class, repeat bool)) ClientOption {
	return func(c *clientConfig) error {
		if classify == nil {
			return refuse.Value("ductilegrpc", "Classify", "nil", "a function from a status to its class")
		}
		c.classify = classify
		return nil
	}
}

// Key sets what tells calls apart for [NewKeyedClient], in place of [ByMethod]: [ByService], [ByTarget], or a function of your own. It is called
// concurrently. cc is nil where an interceptor around this one makes calls without a connection.
func Key(key func(cc *grpc.ClientConn, method string) string) ClientOption {
	return func(c *clientConfig) error {
		if key == nil {
			return refuse.Value("ductilegrpc", "Key", "nil", "a function from a connection and a method to its key")
		}
		c.key = key
		return nil
	}
}

// Methods says what it does to call some methods twice: each as "/shop.Inventory/Get", or "/shop.Inventory/" for all methods of a service
// that are not named themselves. It beats the idempotency_level that a method has in its .proto file, which is known unless told otherwise;
// for a single call, the option [Is] beats both.
func Methods(level Idempotency, methods ...string) ClientOption {
	return func(c *clientConfig) error {
		if level > NoSideEffects {
			return refuse.Value("ductilegrpc", "Methods", fmt.Sprintf("%d, …", uint8(level)), "given Unknown, Idempotent or NoSideEffects first, and then methods")
		}
		if len(methods) == 0 {
			return refuse.Value("ductilegrpc", "Methods", level, "given methods: \"/shop.Inventory/Get\"")
		}
		c.levels = maps.Clone(c.levels)
		if c.levels == nil {
			c.levels = map[string]Idempotency{}
		}
		for _, method := range methods {
			if !isMethod(method) {
				return refuse.Value("ductilegrpc", "Methods", strconv.Quote(method), `the full name of a method, as "/shop.Inventory/Get", or of a service, as "/shop.Inventory/"`)
			}
			if before, ok := c.levels[method]; ok && before != level {
				return refuse.Value("ductilegrpc", "Methods", fmt.Sprintf("%v, %q", level, method), fmt.Sprintf("one level for each method, and it is %v already", before))
			}
			c.levels[method] = level
		}
		return nil
	}
}

func isMethod(name string) bool {
	rest, slash := strings.CutPrefix(name, "/")
	service, _, found := strings.Cut(rest, "/")
	return slash && found && service != "" && strings.Count(name, "/") == 2
}

// Streams sets a pipeline for streams, in place of that for unary calls: a timeout there limits a stream's whole life, and a bulkhead's permit
// is held as long. A stream that is meant to last needs a pipeline without the first and with more of the second.
func Streams(p ductile.Composed) ClientOption {
	return func(c *clientConfig) error {
		if missing(p) {
			return refuse.Value("ductilegrpc", "Streams", "nil", "a pipeline: make one by ductile.New")
		}
		c.streams = p
		return nil
	}
}

// ValidateClient returns what NewClient and NewKeyedClient would panic with, or nil. [Streams] is right for the first only, and [Key] for the
// second.
func ValidateClient(options ...ClientOption) error {
	_, err := configureClient(options)
	return err
}

func configureClient(options []ClientOption) (clientConfig, error) {
	c := clientConfig{classify: Class}
	err := refuse.Apply("ductilegrpc", &c, options)
	return c, err
}
