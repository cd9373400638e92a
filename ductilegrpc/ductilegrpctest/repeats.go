package ductilegrpctest

import (
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Stories of what is done again.

func repeatsNothingLost(x *visit) {
	x.repeats()
	var s *site
	s = x.answers(func(ctx context.Context, _ string, _ int64) (string, error) {
		s.hangUp()
		<-ctx.Done()
		return "", ctx.Err()
	})
	x.did("called %s, of a server that breaks the connection when it has the request", unaryCall)
	l := s.dial()
	_ = l.fail(x.ctx, unaryCall)
	l.once(s)
}

// answersAlways calls a method of a server that always answers with a code, and finds that it was called again.
func (x *visit) answersAlways(method string, all ...codes.Code) {
	x.repeats()
	for _, code := range all {
		s := x.answers(func(context.Context, string, int64) (string, error) { return "", status.Error(code, "no") })
		x.did("called %s, of a server that answers %v", method, code)
		l := s.dial()
		x.ends(l.fail(x.ctx, method), code)
		l.once(s)
	}
}

func repeatsNothingRefused(x *visit) { x.answersAlways(unaryCall, codes.Unavailable) }

func repeatsNothingFinal(x *visit) {
	x.answersAlways(CacheableUnaryCall, codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied,
		codes.FailedPrecondition, codes.Aborted, codes.OutOfRange, codes.Unimplemented, codes.Unauthenticated)
}

func repeatsNoDeadline(x *visit) { x.answersAlways(CacheableUnaryCall, codes.DeadlineExceeded) }

func repeatsNoQuota(x *visit) { x.answersAlways(CacheableUnaryCall, codes.ResourceExhausted) }

func makesFew(x *visit) {
	x.repeats()
	s := x.answers(func(context.Context, string, int64) (string, error) { return "", busy() })
	x.did("called %s, of a server that is always Unavailable", CacheableUnaryCall)
	_ = s.dial().fail(x.ctx, CacheableUnaryCall)
	if n := s.heard.Load(); n > 5 {
		x.find("the server was called %d times", n)
	}
}

func heedsPushback(x *visit) {
	x.repeats()
	const wait = 300 * time.Millisecond
	answered, again := make(chan time.Time, 1), make(chan time.Time, 1)
	s := x.answers(func(ctx context.Context, text string, n int64) (string, error) {
		if n == 1 {
			_ = grpc.SetTrailer(ctx, metadata.Pairs(pushback, numeral(wait.Milliseconds())))
			answered <- time.Now()
			return "", busy()
		}
		if n == 2 {
			again <- time.Now()
		}
		return text, nil
	})
	x.did("called %s, of a server that is Unavailable the first time, and to be called again in %v", CacheableUnaryCall, wait)
	l := s.dial()
	_, _ = l.begin(x.ctx, CacheableUnaryCall, "").end()
	if s.heard.Load()-l.copies() < 2 {
		x.moot("it does not call again then")
	}
	if waited := (<-again).Sub(<-answered); waited < wait || waited > wait+time.Second {
		x.find("it was called again after %v", waited.Round(time.Millisecond))
	}
}

// heedsRefusal is a story of a pushback that asks for no further attempt.
func heedsRefusal(values ...string) func(*visit) {
	return func(x *visit) {
		x.repeats()
		s, _ := x.pushes(values...)
		x.did("called %s, of a server that is Unavailable, with %s: %q", CacheableUnaryCall, pushback, values)
		l := s.dial()
		x.ends(l.fail(x.ctx, CacheableUnaryCall), codes.Unavailable)
		l.once(s)
	}
}

func tellsBefore(x *visit) {
	x.repeats()
	var mu sync.Mutex
	var told [][]string
	s := x.answers(func(ctx context.Context, _ string, _ int64) (string, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		mu.Lock()
		defer mu.Unlock()
		told = append(told, md.Get("grpc-previous-rpc-attempts"))
		return "", busy()
	})
	x.did("called %s, of a server that is always Unavailable", CacheableUnaryCall)
	l := s.dial()
	_ = l.fail(x.ctx, CacheableUnaryCall)
	if l.copies() > 0 {
		x.moot("copies were sent, too")
	}
	mu.Lock()
	defer mu.Unlock()
	for i, values := range told {
		var want []string
		if i > 0 {
			want = []string{numeral(int64(i))}
		}
		if !slices.Equal(values, want) {
			x.find("attempt %d arrived with grpc-previous-rpc-attempts: %q, and not %q", i+1, values, want)
		}
	}
}
