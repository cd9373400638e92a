package ductilegrpc

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/internal/refuse"
	"github.com/ductile-go/ductile/keyed"
)

// A Server takes the calls of a grpc.Server through pipelines: bulkheads, limiters and breakers shed calls before their handlers do any work,
// timeouts limit it, and breakers judge handlers by the statuses that they end with, see [ServerClass]. It is made by [NewServer], or by
// [NewKeyedServer] for one pipeline for each method or tenant, serves any number of grpc.Servers, and is safe for concurrent use. Most want
// [Server.ServerOptions].
//
// A handler runs once at most, on gRPC's own goroutine, and what it returns is what the client gets, however late. A timeout is the deadline
// of its context, which it has to heed: no handler is cut off. A call whose context is dead, because its deadline has passed or its client has
// gone, is not started. What a client gets in place of a handler's answer, [ServerError] says.
//
// A breaker counts a deadline that passes in the handler, the client's own too: one client with deadlines that are too short opens it for
// all. Unless all clients are your own, give it the option breaker.MinPatience.
//
// A stream goes through the pipeline as one call, from its start to its end: it holds its permits and is under a timeout for as long.
// Where streams are to last, give them a Server of their own:
//
//	grpc.NewServer(grpc.ChainUnaryInterceptor(calls.Unary), grpc.ChainStreamInterceptor(streams.Stream))
//
// When its time is up, a handler that waits in Recv or Send is told so, by the status of its context, though its client says nothing or
// does not read; from then on, it can receive nothing, and send nothing but the only reply to a client's stream. For that, RecvMsg and SendMsg
// run on other goroutines under a timeout, which costs a microsecond or two for each message, and a copy of each that is received. What a
// handler was sending when its time was up may arrive, and may still be read: as gRPC has it, it must not be modified.
//
// A panic passes through untouched and counts as a failure, and permits come back. gRPC does not recover it, so it ends the program unless an
// interceptor around this one recovers it. One inside makes a status of it first, and the status counts. A panic in RecvMsg or SendMsg under a
// timeout, as of a codec, is raised in the handler as a *ductile.Panic, or dropped where the handler has left it to wait.
//
// Health checks are served whatever the pipeline says, see [Exempt]. A request of a unary call has been received and decoded when its turn
// comes here: who needs refusals that cost less than that has grpc.InTapHandle.
type Server struct {
	pick func(ctx context.Context, method string) (*ductile.Pipeline, error)
	// example returns a pipeline that pick may return.
	example func() *ductile.Pipeline
	serverConfig
}

// NewServer returns a server whose calls go through p.
//
// It panics where p is nil, on options that make no sense ([ValidateServer] says the same of them as an error), and on a policy that repeats
// or replaces calls: a server sheds, and its callers repeat.
func NewServer(p *ductile.Pipeline, options ...ServerOption) *Server {
	if p == nil {
		panic(errors.New("ductilegrpc: NewServer was given a nil pipeline: make one by ductile.New"))
	}
	s := newServer(options)
	if s.key != nil {
		panic(refuse.Value("ductilegrpc", "ServerKey", "…", "left out of NewServer, which has one pipeline for all calls: see NewKeyedServer"))
	}
	if err := unfit(p); err != nil {
		panic(fmt.Errorf("ductilegrpc: NewServer: %w", err))
	}
	s.pick = func(context.Context, string) (*ductile.Pipeline, error) { return p, nil }
	s.example = func() *ductile.Pipeline { return p }
	return s
}

// NewKeyedServer is [NewServer] with a pipeline for each method, or for each key of the option [ServerKey]: a method that fails has its own
// breaker, a tenant that asks too much its own limit, and the others are served.
//
//	server := ductilegrpc.NewKeyedServer(keyed.New(func(method string) *ductile.Pipeline {
//		return ductile.New("shop", bulkhead.New(100), timeout.New(time.Second))
//	}))
//
// The set is bounded, and may be shared with other servers: see package keyed. So is each key: those of more than 256 bytes share the
// pipeline of the empty key, so that a client cannot fill the memory by what it makes up. Where clients can call methods that they make up,
// as through the grpc.UnknownServiceHandler of a proxy, they can still fill the set, and so refuse or share what others get: there, use
// ServerKey with keys of a closed set, such as the methods that the proxy knows, and one for all others.
//
// It panics where the set is nil. A pipeline that is unfit for NewServer shows only when it is made: its calls end with the code Internal,
// and a message that says why.
func NewKeyedServer(pipelines *keyed.Pipelines[string, *ductile.Pipeline], options ...ServerOption) *Server {
	if pipelines == nil {
		panic(errors.New("ductilegrpc: NewKeyedServer was given a nil set of pipelines: make one by keyed.New"))
	}
	s := newServer(options)
	s.pick = func(ctx context.Context, method string) (*ductile.Pipeline, error) {
		p := pipelines.Get(s.keyOf(ctx, method))
		if err := unfit(p); err != nil {
			return nil, status.Errorf(codes.Internal, "ductilegrpc: NewKeyedServer: %v", err)
		}
		return p, nil
	}
	s.example = func() *ductile.Pipeline { return pipelines.Get("") }
	return s
}

// longestKey is enough for the name of a method. Where anybody can call methods that nobody has heard of, as in a proxy, names are as long as
// a header may be.
const longestKey = 256

// keyOf returns the key of a call. What a user cuts from something longer would keep all of that in memory.
func (c *serverConfig) keyOf(ctx context.Context, method string) string {
	key := method
	if c.key != nil {
		key = c.key(ctx, method)
	}
	switch {
	case len(key) > longestKey:
		return ""
	case c.key != nil:
		return strings.Clone(key)
	default:
		return key
	}
}

func newServer(options []ServerOption) *Server {
	c, err := configureServer(options)
	if err != nil {
		panic(err)
	}
	return &Server{serverConfig: c}
}

// unfit returns why a pipeline cannot stand around handlers. What could call one twice at once, or outlive it, is not of this type.
func unfit(p *ductile.Pipeline) error {
	for i, policy := range p.Policies() {
		var why string
		switch policy.(type) {
		case ductile.Retrier:
			why = "repeats calls, and a server leaves that to its callers: put it around what the handler calls"
		case ductile.Fallback:
			why = "answers in place of the handler, and knows no type of reply: write another answer by OnReject"
		default:
			continue
		}
		return fmt.Errorf("pipeline %q: policy %d (%q, a %T) %s", p.Name(), i+1, policy.Name(), policy, why)
	}
	return nil
}

// ServerOptions returns what grpc.NewServer takes to send all its calls through the server:
//
//	server := grpc.NewServer(shed.ServerOptions()...)
//
// It is the interceptors [Server.Unary] and [Server.Stream], as options of the Chain kind. Of those, what stands further left is around it, and
// what stands further right inside. What grpc.UnaryInterceptor and grpc.StreamInterceptor set is around them all, wherever it stands. What
// authenticates belongs around where keys are of tenants, and inside where it is what needs protection.
func (s *Server) ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(s.Unary), grpc.ChainStreamInterceptor(s.Stream)}
}
