package ductilegrpctest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// Stories of what a unary call returns.

func numeral(n int64) string { return strconv.FormatInt(n, 10) }

func handsOn(x *visit) {
	l := x.answers(echo).dial()
	for _, method := range []string{unaryCall, CacheableUnaryCall} {
		x.did("called %s with \"hello\", of a server that answers what it was asked", method)
		if text := l.get(method, "hello"); text != "hello" {
			x.find("the reply is %q", text)
		}
	}
}

func handsOnStatus(x *visit) {
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		s := x.answers(func(context.Context, string, int64) (string, error) {
			return "", because(code, "the moon is full", "moon")
		})
		x.did("called %s, of a server that always answers %v, \"the moon is full\", with a detail", unaryCall, code)
		err := s.dial().fail(x.ctx, unaryCall)
		x.ends(err, code)
		if message := status.Convert(err).Message(); !strings.Contains(message, "the moon is full") {
			x.find("the message of its status is %q", message)
		}
		if reason(err) != "moon" {
			x.find("the details of its status are %v", status.Convert(err).Details())
		}
	}
}

func handsOnLast(x *visit) {
	x.repeats()
	s := x.answers(func(_ context.Context, _ string, n int64) (string, error) {
		return "", because(codes.Unavailable, "busy "+numeral(n)+".", numeral(n))
	})
	x.did("called %s, of a server that always answers Unavailable, \"busy 1.\" to the first attempt, with the number as a detail", CacheableUnaryCall)
	err := s.dial().fail(x.ctx, CacheableUnaryCall)
	x.ends(err, codes.Unavailable)
	if n := reason(err); n == "" || !strings.Contains(status.Convert(err).Message(), "busy "+n+".") {
		x.find("the message of its status is %q, and its details are %v", status.Convert(err).Message(), status.Convert(err).Details())
	}
}

// told is what call options write.
type told struct {
	header, trailer metadata.MD
	peer            peer.Peer
}

func (t *told) options() []grpc.CallOption {
	return []grpc.CallOption{grpc.Header(&t.header), grpc.Trailer(&t.trailer), grpc.Peer(&t.peer)}
}

// is finds that header or trailer are of another call than that with a number.
func (t *told) is(x *visit, number string) {
	for name, md := range map[string]metadata.MD{"header": t.header, "trailer": t.trailer} {
		if got := strings.Join(md.Get("n"), ", "); got != number {
			x.find("it was told by call number %s, and the %s is that of number %q", number, name, got)
		}
	}
}

// numbered answers with the number of a call, in the header and the trailer, too.
func numbered(ctx context.Context, _ string, n int64) (string, error) {
	number := metadata.Pairs("n", numeral(n))
	_, _ = grpc.SetHeader(ctx, number), grpc.SetTrailer(ctx, number)
	return numeral(n), nil
}

func handsOnHeader(x *visit) {
	l, t := x.answers(numbered).dial(), new(told)
	x.did("called %s with grpc.Header, grpc.Trailer and grpc.Peer", unaryCall)
	t.is(x, l.get(unaryCall, "", t.options()...))
	if t.peer.Addr == nil {
		x.find("there is no peer")
	}
}

func handsOnErrorHeader(x *visit) {
	l, t := x.answers(func(ctx context.Context, text string, n int64) (string, error) {
		_, _ = numbered(ctx, text, n)
		return "", status.Error(codes.NotFound, "gone")
	}).dial(), new(told)
	x.did("called %s with grpc.Header and grpc.Trailer, of a server that answers NotFound", unaryCall)
	x.ends(l.fail(x.ctx, unaryCall, t.options()...), codes.NotFound)
	t.is(x, "1")
}

func handsOnRepeatHeader(x *visit) {
	x.repeats()
	l, t := x.answers(func(ctx context.Context, text string, n int64) (string, error) {
		if n == 1 { // without a header, which would end all repeating
			_ = grpc.SetTrailer(ctx, metadata.Pairs("n", "1", "only", "1"))
			return "", busy()
		}
		return numbered(ctx, text, n)
	}).dial(), new(told)
	x.did("called %s with grpc.Header and grpc.Trailer, of a server that is Unavailable the first time", CacheableUnaryCall)
	t.is(x, l.get(CacheableUnaryCall, "", t.options()...))
	if only := t.trailer.Get("only"); len(only) > 0 {
		x.find("the trailer has what the first attempt's had: %v", t.trailer)
	}
}

func handsOnCopyHeader(x *visit) {
	x.copies()
	s, _ := x.lame()
	l, t := s.dial(), new(told)
	x.did("called %s with grpc.Header and grpc.Trailer, of a server that is slow the first time", CacheableUnaryCall)
	number := l.get(CacheableUnaryCall, "", t.options()...)
	t.is(x, number)
	x.eventually(l.quiet, "an attempt has not ended")
	t.is(x, number)
}

// finishes calls a method with OnFinish.
func (l *line) finishes(method string) {
	var times atomic.Int64
	first := make(chan error, 1)
	_, err := l.begin(l.x.ctx, method, "", grpc.OnFinish(func(err error) {
		if times.Add(1) == 1 {
			first <- err
		}
	})).end()
	l.x.eventually(l.quiet, "an attempt has not ended")
	l.x.eventually(func() bool { return times.Load() > 0 }, "it was not called")
	if n := times.Load(); n != 1 {
		l.x.find("it was called %d times", n)
	}
	if told := <-first; status.Code(told) != status.Code(err) {
		l.x.find("it was called with %v, and the call returned %v", told, err)
	}
}

func finishesOnce(x *visit) {
	for _, code := range []codes.Code{codes.OK, codes.NotFound} {
		s := x.answers(func(context.Context, string, int64) (string, error) { return "", status.Error(code, fmt.Sprint(code)) })
		x.did("called %s with grpc.OnFinish, of a server that answers %v", unaryCall, code)
		s.dial().finishes(unaryCall)
	}
}

func finishesRepeated(x *visit) {
	x.repeats()
	s := x.answers(func(ctx context.Context, text string, n int64) (string, error) {
		if n == 1 {
			return "", busy()
		}
		return echo(ctx, text, n)
	})
	x.did("called %s with grpc.OnFinish, of a server that is Unavailable the first time", CacheableUnaryCall)
	s.dial().finishes(CacheableUnaryCall)
}

func finishesCopied(x *visit) {
	x.copies()
	s, _ := x.lame()
	x.did("called %s with grpc.OnFinish, of a server that is slow the first time", CacheableUnaryCall)
	s.dial().finishes(CacheableUnaryCall)
}
