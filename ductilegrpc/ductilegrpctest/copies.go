package ductilegrpctest

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc/interop/grpc_testing"
)

// Stories of copies, and of panics.

func copiesNothing(x *visit) {
	x.copies()
	second := make(chan struct{})
	s := x.answers(func(ctx context.Context, text string, n int64) (string, error) {
		switch n {
		case 1:
			x.slowly(ctx, second)
		case 2:
			close(second)
		}
		return text, nil
	})
	x.did("called %s, of a server that takes %v", unaryCall, x.lull)
	_, _ = s.dial().begin(x.ctx, unaryCall, "").end()
	if n := s.heard.Load(); n > 1 {
		x.find("the server was called %d times", n)
	}
}

func ownsReplies(x *visit) {
	x.copies()
	s, _ := x.lame()
	l := s.dial()
	returned := make(chan struct{})
	var mu sync.Mutex
	replies := map[any]int{}
	l.around = func(number int, reply any, attempt func() error) error {
		mu.Lock()
		before, twice := replies[reply]
		replies[reply] = number
		mu.Unlock()
		if twice {
			x.note("attempts " + numeral(int64(before)) + " and " + numeral(int64(number)) + ", at the same time, were given the same reply to write to")
		}
		err := attempt()
		if err == nil && !ended(returned) {
			return nil // it may have won
		}
		late := time.NewTimer(x.lull)
		defer late.Stop()
		select {
		case <-returned:
		case <-late.C:
		}
		if r, ok := reply.(*grpc_testing.SimpleResponse); ok && !twice {
			r.Reset()
			r.Username = "late"
		}
		return err
	}
	x.did("called %s, of a server that is slow the first time; the attempt that loses writes to its reply after the other has won", CacheableUnaryCall)
	c := l.begin(x.ctx, CacheableUnaryCall, "")
	text, err := c.end()
	close(returned)
	x.eventually(l.quiet, "an attempt has not ended")
	x.check()
	switch {
	case err != nil:
		x.find("the call returned the error %q", err)
	case text == "late", c.reply.GetUsername() != text:
		x.find("the caller's reply is %q now", c.reply.GetUsername())
	}
}

// ended reports whether a channel is closed.
func ended(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func endsCopies(x *visit) {
	x.copies()
	s, ended := x.lame()
	l := s.dial()
	x.did("called %s, of a server that is slow the first time, whose answer to the copy was returned", CacheableUnaryCall)
	_ = l.get(CacheableUnaryCall, "")
	x.await(ended, "the first attempt has not ended at the server")
	x.eventually(l.quiet, "the first attempt has not ended at the client")
}

// A boom is a panic that should be the caller's.
type boom struct{}

// Error implements error.
func (boom) Error() string {
	return "ductilegrpctest.Interceptor: an inner interceptor panicked on another goroutine than its caller's, and that was not handed on. " + owesPanic
}

func passesPanics(x *visit) {
	l := x.answers(echo).dial()
	raise := true
	l.around = func(_ int, _ any, attempt func() error) error {
		if raise {
			panic(boom{})
		}
		return attempt()
	}
	l.create = func() { panic(boom{}) }
	calls := func(call func() error) (passed any, err error) {
		x.await(x.spawn(func() {
			defer func() { passed = recover() }()
			err = call()
		}), "the call has not returned")
		return passed, err
	}
	for _, method := range []string{unaryCall, CacheableUnaryCall} {
		x.did("called %s with an inner interceptor that panics", method)
		passed, err := calls(func() error { return l.Invoke(x.ctx, method, ask(""), new(grpc_testing.SimpleResponse)) })
		if passed == nil {
			x.find("the call returned the error: %v", err)
		}
	}
	x.did("created a stream with an inner interceptor that panics")
	if passed, err := calls(func() error {
		_, err := l.TestServiceClient.StreamingOutputCall(x.ctx, word(""))
		return err
	}); passed == nil {
		x.find("the call returned the error: %v", err)
	}
	x.did("made another call after those whose inner interceptor had panicked")
	raise = false
	_, _ = l.begin(x.ctx, unaryCall, "").end()
}
