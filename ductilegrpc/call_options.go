package ductilegrpc

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/ductile-go/ductile"
)

// A callOption changes a single call. gRPC itself takes no notice of it.
type callOption struct {
	grpc.EmptyCallOption
	level   *Idempotency
	through ductile.Composed
}

// Is says what it does to make this call twice, in place of what is known of its method:
//
//	stock, err := inventory.Reserve(ctx, request, ductilegrpc.Is(ductilegrpc.Idempotent)) // the request has a key
func Is(level Idempotency) grpc.CallOption {
	level = min(level, NoSideEffects+1)
	if level > NoSideEffects {
		panic("ductilegrpc: Is: must be Unknown, Idempotent or NoSideEffects")
	}
	return callOption{level: &level}
}

// Through sends this call through another pipeline than its client would.
func Through(p ductile.Composed) grpc.CallOption {
	if missing(p) {
		panic("ductilegrpc: Through was given a nil pipeline: make one by ductile.New")
	}
	return callOption{through: p}
}

// asked is what the options of a call ask for: what they pass on to every attempt, and what they want to have written at the end. An attempt that
// wrote there itself could overwrite what another has won with.
type asked struct {
	passed   []grpc.CallOption
	headers  []*metadata.MD
	trailers []*metadata.MD
	peers    []*peer.Peer
	finished []func(error)
	own      callOption
}

// ask sorts the options of a call.
func ask(options []grpc.CallOption) (a asked) {
	a.passed = options
	copied := false
	for i, option := range options {
		passes := false
		switch o := option.(type) {
		case grpc.HeaderCallOption:
			a.headers = append(a.headers, o.HeaderAddr)
		case grpc.TrailerCallOption:
			a.trailers = append(a.trailers, o.TrailerAddr)
		case grpc.PeerCallOption:
			a.peers = append(a.peers, o.PeerAddr)
		case grpc.OnFinishCallOption:
			a.finished = append(a.finished, o.OnFinish)
		case callOption:
			if o.level != nil {
				a.own.level = o.level
			}
			if o.through != nil {
				a.own.through = o.through
			}
			passes = true // an interceptor of ours below may look at it, too
		default:
			passes = true
		}
		switch {
		case !passes && !copied:
			a.passed, copied = append(make([]grpc.CallOption, 0, len(options)), options[:i]...), true
		case passes && copied:
			a.passed = append(a.passed, option)
		}
	}
	return a
}

// told is what an attempt was told besides its reply.
type told struct {
	header, trailer metadata.MD
	peer            peer.Peer
}

// places returns what an attempt is made with: what the call passes on, and places of the attempt's own for what it asks for.
func (a *asked) places(t *told) []grpc.CallOption {
	options := append(make([]grpc.CallOption, 0, len(a.passed)+3), a.passed...)
	if len(a.headers) > 0 {
		options = append(options, grpc.Header(&t.header))
	}
	if len(a.trailers) > 0 {
		options = append(options, grpc.Trailer(&t.trailer))
	}
	if len(a.peers) > 0 {
		options = append(options, grpc.Peer(&t.peer))
	}
	return options
}

// level returns what it does to make the call twice.
func (a *asked) level(c *Client, method string) Idempotency {
	if a.own.level != nil {
		return *a.own.level
	}
	return c.level(method)
}

// tell hands over what the deciding attempt was told. t is nil where there was none.
func (a *asked) tell(t *told) {
	if t == nil {
		return
	}
	for _, to := range a.headers {
		*to = t.header
	}
	for _, to := range a.trailers {
		*to = t.trailer
	}
	if t.peer.Addr == nil { // gRPC leaves it as it is, too
		return
	}
	for _, to := range a.peers {
		*to = t.peer
	}
}

// finish calls what wants to know of the end.
func (a *asked) finish(err error) {
	for _, finished := range a.finished {
		finished(err)
	}
}
