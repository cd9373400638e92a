package ductilegrpctest

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

// Stories of contexts that end.

func heedsDead(x *visit) {
	s := x.answers(echo)
	l := s.dial()
	canceled, cancel := context.WithCancel(x.ctx)
	cancel()
	late, cancelLate := context.WithDeadline(x.ctx, time.Now().Add(-time.Second))
	defer cancelLate()
	for _, ctx := range []context.Context{canceled, late} {
		x.did("called %s with a context that has ended: %v", unaryCall, ctx.Err())
		c := l.begin(ctx, unaryCall, "")
		x.await(c.returned, "the call has not returned")
		if c.err == nil || s.heard.Load() > 0 {
			x.find("the server was called %d times, and there was the error: %v", s.heard.Load(), c.err)
		}
	}
}

// hangs returns a server that does not answer; what arrives there is told, as is the end of its context.
func (x *visit) hangs() (s *site, arrived, ended chan struct{}) {
	arrived, ended = make(chan struct{}, 10), make(chan struct{}, 10)
	return x.answers(func(ctx context.Context, _ string, _ int64) (string, error) {
		arrived <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return "", ctx.Err()
	}), arrived, ended
}

func heedsCancel(x *visit) {
	s, arrived, ended := x.hangs()
	x.did("called %s, of a server that does not answer, and canceled the context", unaryCall)
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	c := s.dial().begin(ctx, unaryCall, "")
	x.await(arrived, "the call has not arrived at the server")
	cancel()
	_, err := c.end()
	x.ends(err, codes.Canceled)
	x.await(ended, "the call has not ended at the server")
}

func heedsDeadline(x *visit) {
	s, _, ended := x.hangs()
	x.did("called %s with a deadline in %v, of a server that does not answer", unaryCall, x.lull)
	ctx, cancel := context.WithTimeout(x.ctx, x.lull)
	defer cancel()
	x.ends(s.dial().fail(ctx, unaryCall), codes.DeadlineExceeded)
	x.eventually(func() bool { return int64(len(ended)) == s.heard.Load() }, "the call has not ended at the server") // if it has arrived
}

// pushes returns a server that always says when to be called again; what arrives there is told.
func (x *visit) pushes(milliseconds ...string) (s *site, arrived chan struct{}) {
	arrived = make(chan struct{}, 100)
	return x.answers(func(ctx context.Context, _ string, _ int64) (string, error) {
		arrived <- struct{}{}
		_ = grpc.SetTrailer(ctx, metadata.MD{pushback: milliseconds})
		return "", busy()
	}), arrived
}

// pushback is the trailer by which a server says so.
const pushback = "grpc-retry-pushback-ms"

func heedsCancelWaiting(x *visit) {
	x.repeats()
	s, arrived := x.pushes("10000")
	x.did("called %s, of a server that is to be called again in ten seconds, and canceled the context meanwhile", CacheableUnaryCall)
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	c := s.dial().begin(ctx, CacheableUnaryCall, "")
	x.await(arrived, "the call has not arrived at the server")
	lull := time.NewTimer(x.lull)
	defer lull.Stop()
	select {
	case <-c.returned:
		x.moot("it does not wait so long")
	case <-lull.C:
	}
	cancel()
	_, err := c.end()
	x.ends(err, codes.Canceled)
}

func heedsDeadlineWaiting(x *visit) {
	x.repeats()
	s, _ := x.pushes("10000")
	limit := 4 * x.lull
	x.did("called %s with a deadline in %v, of a server that is to be called again in ten seconds", CacheableUnaryCall, limit)
	ctx, cancel := context.WithTimeout(x.ctx, limit)
	defer cancel()
	x.ends(s.dial().fail(ctx, CacheableUnaryCall), codes.DeadlineExceeded, codes.Unavailable)
}
