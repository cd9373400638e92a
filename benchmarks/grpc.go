package benchmarks

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
)

// getStock is the method that is called. Ours is told that it changes nothing.
const getStock = "/benchmarks.Stock/Get"

// An invoking is how a unary call is made: what grpc.ClientConn has.
type invoking func(ctx context.Context, method string, request, reply any, options ...grpc.CallOption) error

// A destination is where unary calls go: to a real server, or nowhere.
type destination struct {
	through func(interceptors ...grpc.UnaryClientInterceptor) invoking
	reached *atomic.Uint64 // by how many calls
	stop    func()         // nil where nothing is left
}

// known returns an invoker that has the answer at hand: what remains of a call is what interceptors cost. It looks at its context, as that of gRPC
// does.
func known() destination {
	reached := new(atomic.Uint64)
	conn, err := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	invoke := func(ctx context.Context, _ string, _, reply any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		reached.Add(1)
		if s, ok := reply.(*wrapperspb.StringValue); ok {
			s.Value = text
		}
		return nil
	}
	return destination{func(interceptors ...grpc.UnaryClientInterceptor) invoking {
		if len(interceptors) == 0 {
			return func(ctx context.Context, method string, request, reply any, options ...grpc.CallOption) error {
				return invoke(ctx, method, request, reply, conn, options...)
			}
		}
		intercept := interceptors[0]
		return func(ctx context.Context, method string, request, reply any, options ...grpc.CallOption) error {
			return intercept(ctx, method, request, reply, conn, invoke, options...)
		}
	}, reached, func() { _ = conn.Close() }}
}

// A stockServer answers at once.
type stockServer struct{ reached atomic.Uint64 }

// served returns a real server on loopback.
func served() destination {
	s := new(stockServer)
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "benchmarks.Stock", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Get", Handler: s.get}},
	}, s)
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is at once
	if err != nil {
		panic(err)
	}
	go func() { _ = server.Serve(l) }()
	var conns []*grpc.ClientConn
	return destination{func(interceptors ...grpc.UnaryClientInterceptor) invoking {
		conn, err := grpc.NewClient("passthrough:///"+l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithChainUnaryInterceptor(interceptors...), grpc.WithDisableRetry())
		if err != nil {
			panic(err)
		}
		conns = append(conns, conn)
		return conn.Invoke
	}, &s.reached, func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
		server.Stop()
	}}
}

// get is a handler as generated code has it.
func (s *stockServer) get(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) { //nolint:revive // gRPC's order
	if err := decode(new(wrapperspb.StringValue)); err != nil {
		return nil, err
	}
	s.reached.Add(1)
	return wrapperspb.String(text), nil
}

// calls makes unary calls, each with a reply of its own, as generated code does. They have the same request.
func (d destination) calls(check func(int) error, interceptors ...grpc.UnaryClientInterceptor) Caller {
	invoke, request := d.through(interceptors...), wrapperspb.String("4711")
	return Caller{
		Calls: func(n int) error {
			ctx, sum := context.Background(), 0
			for range n {
				reply := new(wrapperspb.StringValue)
				if err := invoke(ctx, getStock, request, reply, grpc.StaticMethod()); err != nil {
					return err
				}
				sum += len(reply.GetValue())
			}
			return want("bytes", n*len(text), uint(sum))
		},
		Check: func(n int) error { return errors.Join(want("calls", n, d.reached.Load()), check(n)) },
		Stop:  d.stop,
	}
}

// newInterceptor returns an interceptor of ours.
func newInterceptor(p ductile.Composed) grpc.UnaryClientInterceptor {
	return ductilegrpc.NewClient(p, ductilegrpc.Methods(ductilegrpc.NoSideEffects, getStock)).Unary
}

// newGuarded returns an interceptor with three attempts, and the breaker of the other paths.
func newGuarded() (grpc.UnaryClientInterceptor, *breaker.Breaker) {
	b := newBreaker()
	return newInterceptor(ductile.New("stock", retry.New(), b)), b
}

// newRetrying returns one with three attempts alone.
func newRetrying() grpc.UnaryClientInterceptor {
	return newInterceptor(ductile.New("stock", retry.New()))
}

// newHedging returns one with a hedge, whose delay is observed, as the peer's is.
func newHedging() (grpc.UnaryClientInterceptor, *hedge.Policy) {
	p, h := newObservedHedge()
	return newInterceptor(p), h
}

// guarding, retryingCalls, hedgingCalls and plain return how to make calls through each, and through none.
func guarding(to func() destination) func() Caller {
	return func() Caller {
		i, b := newGuarded()
		return to().calls(counted(b), i)
	}
}

func retryingCalls(to func() destination) func() Caller {
	return func() Caller { return to().calls(nothing, newRetrying()) }
}

func hedgingCalls(to func() destination) func() Caller {
	return func() Caller {
		i, h := newHedging()
		return to().calls(unneeded(h), i)
	}
}

func plain(to func() destination) func() Caller {
	return func() Caller { return to().calls(nothing) }
}
