package main

import (
	"context"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A gate counts what comes to a server, and what leaves it unserved. It is the outermost interceptor, of both servers.
type gate struct {
	mu      sync.Mutex
	current int                 // act
	came    map[string][]int    // calls, by method and act, but for those of the crowd
	over    int                 // refused for being above the quota
	told    int                 // of these, told when to come back
	until   map[visit]time.Time // when those are welcome that were told
	early   int                 // repeats that came before
	heeded  int                 // and after
}

func newGate(day []act) *gate {
	g := &gate{came: map[string][]int{}, until: map[visit]time.Time{}}
	for _, method := range methods() {
		g.came[method] = make([]int, len(day))
	}
	return g
}

// unary is a grpc.UnaryServerInterceptor.
func (g *gate) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	numbered, ok := request.(interface{ GetNumber() int64 })
	if !ok {
		return handle(ctx, request)
	}
	v := visit{info.FullMethod, numbered.GetNumber()}
	g.enter(v)
	reply, err := handle(ctx, request)
	g.leave(v, err)
	return reply, err
}

// stream is a grpc.StreamServerInterceptor.
func (g *gate) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	g.enter(visit{method: info.FullMethod})
	return handle(srv, stream)
}

func (g *gate) enter(v visit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if came := g.came[v.method]; came != nil && v.number >= 0 {
		came[g.current]++
	}
	until, told := g.until[v]
	switch {
	case !told:
	case time.Now().Before(until):
		g.early++
	default:
		g.heeded++
	}
	delete(g.until, v)
}

func (g *gate) leave(v visit, err error) {
	s := status.Convert(err)
	if s.Code() != codes.ResourceExhausted {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over++
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			g.told++
			g.until[v] = time.Now().Add(info.GetRetryDelay().AsDuration())
		}
	}
}

// begin turns to an act of the day.
func (g *gate) begin(act int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.current = act
}
