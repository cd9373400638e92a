package ductilegrpctest

import (
	"context"
	"sync"

	"google.golang.org/grpc"
)

// An inside is the innermost interceptor of a connection: it sees what those to be judged do.
type inside struct {
	around func(number int, reply any, attempt func() error) error // what it does to a unary attempt, from one on; nil for nothing
	create func()                                                  // is called before a stream is created; nil for nothing

	mu      sync.Mutex
	begun   int
	running int
	copied  int // how many began while another was running
}

func (i *inside) unary(
	ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	i.mu.Lock()
	i.begun++
	if i.running > 0 {
		i.copied++
	}
	i.running++
	number := i.begun
	i.mu.Unlock()
	defer func() {
		i.mu.Lock()
		i.running--
		i.mu.Unlock()
	}()
	attempt := func() error { return invoke(ctx, method, request, reply, cc, options...) }
	if i.around == nil {
		return attempt()
	}
	return i.around(number, reply, attempt)
}

func (i *inside) stream(
	ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, create grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	if i.create != nil {
		i.create()
	}
	return create(ctx, desc, cc, method, options...)
}

// copies returns how many attempts began while another was running: a hedge sends a copy on a slow day, though nobody is slow on purpose.
func (i *inside) copies() int64 {
	i.mu.Lock()
	defer i.mu.Unlock()
	return int64(i.copied)
}

// quiet reports whether no unary attempt is running.
func (i *inside) quiet() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.running == 0
}
