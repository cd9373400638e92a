package ductilegrpctest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// Stories of what a unary call sends.

// Arrivals are the contexts in which calls have arrived.
type arrivals struct {
	mu  sync.Mutex
	all []context.Context
}

// busyOnce is Unavailable the first time, and keeps each call's context.
func (a *arrivals) busyOnce(ctx context.Context, text string, n int64) (string, error) {
	a.mu.Lock()
	a.all = append(a.all, ctx)
	a.mu.Unlock()
	if n == 1 {
		return "", busy()
	}
	return text, nil
}

// arrived returns those contexts.
func (a *arrivals) arrived() []context.Context {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.all)
}

func sendsMetadata(x *visit) {
	a := new(arrivals)
	l := x.answers(a.busyOnce).dial()
	x.did("called %s with metadata, of a server that is Unavailable the first time", CacheableUnaryCall)
	sent := metadata.Pairs("a", "1", "a", "2", "b-bin", "\x00\xff")
	_, _ = l.begin(metadata.NewOutgoingContext(x.ctx, sent.Copy()), CacheableUnaryCall, "").end()
	for i, ctx := range a.arrived() {
		md, _ := metadata.FromIncomingContext(ctx)
		for key, values := range sent {
			if !slices.Equal(md[key], values) {
				x.find("attempt %d arrived with %q: %q, which is sent with %q", i+1, key, md[key], values)
			}
		}
	}
}

func leavesRequest(x *visit) {
	l := x.answers(new(arrivals).busyOnce).dial()
	x.did("called %s, of a server that is Unavailable the first time", CacheableUnaryCall)
	request := ask("hello")
	_, _ = l.send(x.ctx, CacheableUnaryCall, request).end()
	x.eventually(l.quiet, "an attempt has not ended")
	if !proto.Equal(request, ask("hello")) {
		x.find("the request is now %v", request)
	}
}

func keepsDeadline(x *visit) {
	a := new(arrivals)
	l := x.answers(a.busyOnce).dial()
	limit := x.patience - time.Second/2
	x.did("called %s with a deadline in %v, of a server that is Unavailable the first time", CacheableUnaryCall, limit)
	ctx, cancel := context.WithTimeout(x.ctx, limit)
	defer cancel()
	ends, _ := ctx.Deadline()
	_, _ = l.begin(ctx, CacheableUnaryCall, "").end()
	for i, arrived := range a.arrived() {
		switch at, ok := arrived.Deadline(); {
		case !ok:
			x.find("attempt %d arrived without a deadline", i+1)
		case at.After(ends.Add(time.Second)): // it travels as the time that is left
			x.find("attempt %d arrived with a deadline %v later", i+1, at.Sub(ends))
		}
	}
}

func waitsForReady(x *visit) {
	s := x.answers(echo)
	s.closed.Store(true)
	l := s.dial()
	x.did("called %s with grpc.WaitForReady(true), of a server that can be reached after %v", unaryCall, x.lull)
	ctx, cancel := context.WithTimeout(x.ctx, x.patience)
	defer cancel()
	c := l.begin(ctx, unaryCall, "hello", grpc.WaitForReady(true))
	early := time.NewTimer(x.lull)
	defer early.Stop()
	select {
	case <-c.returned:
		x.find("it has returned before: %v", c.err)
	case <-early.C:
	}
	s.closed.Store(false)
	if _, err := c.end(); err != nil {
		x.find("the call returned the error %q", err)
	}
}

func failsFast(x *visit) {
	s := x.answers(echo)
	s.closed.Store(true)
	x.did("called %s, of a server that cannot be reached", unaryCall)
	x.ends(s.dial().fail(x.ctx, unaryCall), codes.Unavailable)
}

func keepsApart(x *visit) {
	const callers = 8
	var mu sync.Mutex
	arrived, all := map[string]int{}, make(chan struct{})
	l := x.answers(func(ctx context.Context, text string, _ int64) (string, error) {
		mu.Lock()
		arrived[text]++
		first := arrived[text] == 1
		if first && len(arrived) == callers {
			close(all)
		}
		mu.Unlock()
		if first {
			select {
			case <-all:
			case <-ctx.Done():
			}
			return "", busy()
		}
		md, _ := metadata.FromIncomingContext(ctx)
		return fmt.Sprint(text, md.Get("caller")), nil
	}).dial()
	x.did("made %d calls of %s at once, each of which is answered Unavailable when all have arrived, and then well", callers, CacheableUnaryCall)
	x.together(callers, func(i int) {
		text := fmt.Sprint("call ", i)
		reply, err := l.begin(metadata.AppendToOutgoingContext(x.ctx, "caller", text), CacheableUnaryCall, text).end()
		switch want := text + "[" + text + "]"; {
		case err != nil:
			x.ends(err, codes.Unavailable)
		case reply != want:
			x.find("the reply to %q is %q", want, reply)
		}
	})
}

func cancelsOne(x *visit) {
	arrived, on := make(chan string, 10), make(chan struct{})
	l := x.answers(func(ctx context.Context, text string, _ int64) (string, error) {
		arrived <- text
		select {
		case <-on:
		case <-ctx.Done():
		}
		return text, ctx.Err()
	}).dial()
	x.did("made two calls of %s at once, and canceled the context of one when both had arrived", unaryCall)
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	one, other := l.begin(ctx, unaryCall, "one"), l.begin(x.ctx, unaryCall, "other")
	x.await(x.spawn(func() {
		for seen := map[string]bool{}; len(seen) < 2; {
			seen[<-arrived] = true
		}
	}), "they have not arrived at the server")
	cancel()
	x.await(one.returned, "the canceled one has not returned")
	close(on)
	if text, err := other.end(); err != nil || text != "other" {
		x.find("the other returned %q, and the error: %v", text, err)
	}
}
