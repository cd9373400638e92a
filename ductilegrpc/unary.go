package ductilegrpc

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
)

// Unary is a grpc.UnaryClientInterceptor: see [Client.DialOptions].
//
// The error of a call satisfies gRPC and policies alike: status.FromError gives its code and details, and errors.Is tells why a policy ended
// it, see [Error]. A call of a single attempt returns that one's own error, if it has a status.
func (c *Client) Unary(ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	u := &unary{client: c, cc: cc, invoke: invoke, request: request, reply: reply, asked: ask(options)}
	u.called = called{ctx, method, u}
	p := u.own.through
	if p == nil {
		p = c.pick(cc, method, false)
	}
	value, err := u.through(p)
	last, _ := value.(*attempt)
	if last != nil {
		u.tell(&last.told)
	}
	if u.sends.Load() != u.kept.Load() {
		u.admit()
	}
	switch {
	case err != nil:
		err = outcome(ctx.Err(), err)
	case last == nil:
		err = outcome(ctx.Err(), give(method, reply, value))
	case last.apart:
		take(reply, last.reply)
	}
	u.finish(err)
	return err
}

// unary is one call, and all its attempts.
type unary struct {
	called         // what the context of the call knows
	client         *Client
	cc             *grpc.ClientConn
	invoke         grpc.UnaryInvoker
	request, reply any
	asked

	apart bool         // attempts may run at once, or on after the call
	sent  func()       // says that the call must not be repeated from now on; nil where it may be
	sends atomic.Int32 // attempts that have begun
	kept  atomic.Int32 // those that certainly did not leave
	first attempt      // most calls have no other

	mu   sync.Mutex
	over bool // the caller has the request and the reply back
}

// An attempt has a reply of its own, and what it was told besides.
type attempt struct {
	reply   any
	apart   bool  // the reply is not the caller's
	handled bool  // gRPC has made it, and not only an interceptor
	end     error // how, as gRPC has it
	told
	space [6]grpc.CallOption // for its options, which are seldom more
}

// through makes the call through a pipeline. The value is that of an attempt, or what a fallback answered.
func (u *unary) through(p ductile.Composed) (any, error) {
	var ctx context.Context
	ctx, u.sent = permit(&u.called, u.level(u.client, u.method))
	if serial, ok := p.(*ductile.Pipeline); ok {
		return ductile.Do(ctx, serial, u.attempt)
	}
	u.apart, u.passed = true, slices.Clone(u.passed)
	defer u.end()
	return ductile.DoConcurrent(ctx, p, u.attempt)
}

// end gives the caller back the request and the reply, which copies that have not begun with them do not get any more.
func (u *unary) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.over = true
}

// permit says in the context what may be repeated.
func permit(ctx context.Context, level Idempotency) (_ context.Context, sent func()) {
	switch level {
	case NoSideEffects:
		return ctx, nil
	case Idempotent:
		return ductile.Sequential(ctx), nil
	default:
		return ductile.OnceSent(ctx)
	}
}

// attempt makes the call once. It is called concurrently by a hedge.
func (u *unary) attempt(ctx context.Context) (_ any, err error) {
	before := int(u.sends.Add(1)) - 1
	a := &u.first
	if before > 0 {
		a = new(attempt)
	}
	defer func() { // of a panic, too, which a middleware may turn into an error; and of a success, likewise
		if a.neverLeft(err) {
			u.kept.Add(1)
		} else if u.sent != nil {
			u.sent()
		}
	}()
	var request any
	err = u.lend(func() {
		request, a.reply, a.apart = u.request, u.reply, before > 0 || u.apart
		if a.apart {
			a.reply = another(u.reply)
		}
		if u.apart {
			request = clone(u.request)
		}
	})
	if err != nil {
		return nil, err
	}
	if err = u.invoke(resent(ctx, before), u.method, request, a.reply, u.cc, u.options(a)...); err != nil {
		return a, u.client.judge(ctx, err, a.trailer)
	}
	return a, nil
}

// lend lets read look at the caller's request and reply, unless the call is over, when the caller may change them. The call is not over before
// read has returned.
func (u *unary) lend(read func()) error {
	if u.apart {
		u.mu.Lock()
		defer u.mu.Unlock()
	}
	if u.over {
		return context.Canceled
	}
	read()
	return nil
}

// options returns what an attempt is made with: what the call passes on, and places of the attempt's own for what it or the call asks for.
func (u *unary) options(a *attempt) []grpc.CallOption {
	a.peer.Addr = nowhere{}
	options := append(a.space[:0], u.passed...)
	options = append(options, grpc.Trailer(&a.trailer), grpc.Peer(&a.peer))
	if len(u.headers) > 0 {
		options = append(options, grpc.Header(&a.header))
	}
	if u.sent != nil || len(u.peers) > 0 {
		options = append(options, grpc.OnFinish(func(err error) { a.handled, a.end = true, err }))
	}
	return slices.Clip(options) // an interceptor inside may append to it, and twice at once
}

// neverLeft reports whether an attempt that has ended with err certainly did not reach its server: gRPC has made it, and has had no connection to
// send it by, or it would have said who the peer is. Where an interceptor answered in place of gRPC, be it by a call to somebody else,
// nobody knows.
func (a *attempt) neverLeft(err error) bool {
	return err != nil && a.handled && a.end != nil && a.peer.Addr == nowhere{} && status.Code(err) == status.Code(a.end) &&
		strings.HasSuffix(err.Error(), status.Convert(a.end).Message())
}

// nowhere is the address of a peer that gRPC has said nothing of. It may say that the address is nil, which is what the net.Conn of a dialer
// may have.
type nowhere struct{}

func (nowhere) Network() string { return "none" }
func (nowhere) String() string  { return "nowhere" }

// previousAttempts is how gRPC tells a server that a call was made before (gRFC A6).
const previousAttempts = "grpc-previous-rpc-attempts"

// resent returns the context of an attempt that others came before.
func resent(ctx context.Context, before int) context.Context {
	if before == 0 {
		return ctx
	}
	md, ok := metadata.FromOutgoingContext(ctx) // a copy
	if !ok {
		md = metadata.MD{}
	}
	md.Set(previousAttempts, strconv.Itoa(before))
	return metadata.NewOutgoingContext(ctx, md)
}
