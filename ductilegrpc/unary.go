package ductilegrpc

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/ductile-go/ductile"
)

// Unary is a grpc.UnaryClientInterceptor: see [Client.DialOptions].
//
// The error of a call satisfies gRPC and policies alike: status.FromError gives its code and details, and errors.Is tells why a policy ended
// it, see [Error]. A call of a single attempt returns that one's own error.
func (c *Client) Unary(ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	u := &unary{client: c, cc: cc, invoke: invoke, method: method, request: request, reply: reply, asked: ask(options)}
	p := u.own.through
	if p == nil {
		p = c.pick(cc, method, false)
	}
	value, err := u.through(ctx, p)
	last, _ := value.(*attempt)
	if last != nil {
		u.tell(&last.told)
	}
	switch {
	case err != nil:
		err = outcome(ctx.Err(), err)
	case last != nil:
		take(reply, last.reply)
	default:
		err = outcome(ctx.Err(), give(method, reply, value))
	}
	u.finish(err)
	return err
}

// unary is one call, and all its attempts.
type unary struct {
	client         *Client
	cc             *grpc.ClientConn
	invoke         grpc.UnaryInvoker
	method         string
	request, reply any
	asked

	apart bool         // attempts may run at once, or on after the call
	sent  func()       // says that the call must not be repeated from now on; nil where it may be
	sends atomic.Int32 // attempts that have begun

	mu   sync.Mutex
	over bool // the caller has its request back
}

// An attempt has a reply of its own, and what it was told besides.
type attempt struct {
	reply any
	told
}

// through makes the call through a pipeline. The value is that of an attempt, or what a fallback answered.
func (u *unary) through(ctx context.Context, p ductile.Composed) (any, error) {
	ctx, u.sent = permit(&called{ctx, u.method, u.request}, u.level(u.client, u.method))
	if serial, ok := p.(*ductile.Pipeline); ok {
		return ductile.Do(ctx, serial, u.attempt)
	}
	u.apart = true
	defer u.end()
	return ductile.DoConcurrent(ctx, p, u.attempt)
}

// end takes the request from copies that have not begun with it.
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
func (u *unary) attempt(ctx context.Context) (any, error) {
	before := int(u.sends.Add(1)) - 1
	a := &attempt{reply: u.reply}
	if before > 0 || u.apart {
		a.reply = another(u.reply)
	}
	request, err := u.copy()
	if err != nil {
		return nil, err
	}
	options := append(make([]grpc.CallOption, 0, len(u.passed)+3), u.passed...)
	options = append(options, grpc.Trailer(&a.trailer), grpc.Peer(&a.peer))
	if len(u.headers) > 0 {
		options = append(options, grpc.Header(&a.header))
	}
	err = u.invoke(resent(ctx, before), u.method, request, a.reply, u.cc, options...)
	if err == nil {
		return a, nil
	}
	if u.sent != nil && !neverLeft(&a.told) {
		u.sent()
	}
	return a, u.client.judge(ctx, err, a.trailer)
}

// copy returns the request for an attempt: a copy of it where the attempt may run on after the call, when the caller may have changed
// the request. The copying is over before the call is.
func (u *unary) copy() (any, error) {
	if !u.apart {
		return u.request, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over {
		return nil, context.Canceled
	}
	return clone(u.request), nil
}

// neverLeft reports whether a failed attempt certainly did not reach its server: gRPC found no connection to send it by, so there is no
// peer.
func neverLeft(t *told) bool { return t.peer.Addr == nil }

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
