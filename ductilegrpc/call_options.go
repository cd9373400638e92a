package ductilegrpc

import (
	"slices"

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
		case *grpc.HeaderCallOption:
			a.headers = append(a.headers, o.HeaderAddr)
		case grpc.TrailerCallOption:
			a.trailers = append(a.trailers, o.TrailerAddr)
		case *grpc.TrailerCallOption:
			a.trailers = append(a.trailers, o.TrailerAddr)
		case grpc.PeerCallOption:
			a.peers = append(a.peers, o.PeerAddr)
		case *grpc.PeerCallOption:
			a.peers = append(a.peers, o.PeerAddr)
		case grpc.OnFinishCallOption:
			a.finished = append(a.finished, o.OnFinish)
		case *grpc.OnFinishCallOption:
			a.finished = append(a.finished, o.OnFinish)
		case callOption:
			if o.level != nil {
				a.own.level = o.level
			}
			if o.through != nil {
				a.own.through = o.through
			}
			passes = o.through == nil // a client below has to know the level, too, and goes through a pipeline of its own
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
	a.passed = slices.Clip(a.passed) // an interceptor inside may append to it
	return a
}

// told is what an attempt was told besides its reply.
type told struct {
	header, trailer metadata.MD
	peer            peer.Peer
}

// level returns what it does to make the call twice.
func (a *asked) level(c *Client, method string) Idempotency {
	if a.own.level != nil {
		return *a.own.level
	}
	return c.level(method)
}

// tell hands over what the deciding attempt was told. t is nil where there was none. What gRPC has had no word of it leaves as it is.
func (a *asked) tell(t *told) {
	if t == nil {
		return
	}
	reached := t.reached()
	if reached || t.header != nil {
		hand(a.headers, t.header)
	}
	if reached || t.trailer != nil {
		hand(a.trailers, t.trailer)
	}
	if !reached {
		return
	}
	for _, to := range a.peers {
		*to = t.peer
	}
}

// hand gives each who asked for it metadata of its own.
func hand(to []*metadata.MD, md metadata.MD) {
	for i, to := range to {
		if i > 0 {
			md = md.Copy()
		}
		*to = md
	}
}

// reached reports whether gRPC has said who the peer is.
func (t *told) reached() bool { return t.peer.Addr != nil && t.peer.Addr != nowhere{} }

// admit tells an attempt of a client around this one that something may have left, where the last attempt was not told of a peer.
func (a *asked) admit() {
	for _, to := range a.peers {
		if (to.Addr == nowhere{}) {
			to.Addr = nil
		}
	}
}

// finish calls what wants to know of the end.
func (a *asked) finish(err error) {
	for _, finished := range a.finished {
		finished(err)
	}
}
