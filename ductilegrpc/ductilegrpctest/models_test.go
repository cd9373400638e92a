package ductilegrpctest

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// Interceptors that keep every promise, but for their flaw.

type sending func(ctx context.Context, request any, reply any, options ...grpc.CallOption) error

// unary returns what a connection is made with whose unary calls are done so.
func unary(do func(ctx context.Context, method string, request, reply any, send sending, options []grpc.CallOption) error) func() []grpc.DialOption {
	return func() []grpc.DialOption {
		return []grpc.DialOption{grpc.WithUnaryInterceptor(func(ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
			return do(ctx, method, request, reply, func(ctx context.Context, request, reply any, options ...grpc.CallOption) error {
				return invoke(ctx, method, request, reply, cc, options...)
			}, options)
		})}
	}
}

// excusing changes the errors of unary calls.
func excusing(change func(ctx context.Context, err error) error) func() []grpc.DialOption {
	return unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) error {
		if err := send(ctx, request, reply, options...); err != nil {
			return change(ctx, err)
		}
		return nil
	})
}

// finished takes the callbacks out of call options.
func finished(options []grpc.CallOption) (rest []grpc.CallOption, callbacks func(error)) {
	var all []func(error)
	for _, o := range options {
		if f, ok := o.(grpc.OnFinishCallOption); ok {
			all = append(all, f.OnFinish)
			continue
		}
		rest = append(rest, o)
	}
	return rest, func(err error) {
		for _, f := range all {
			f(err)
		}
	}
}

// retrying repeats what is Unavailable.
func retrying(flaw string) func() []grpc.DialOption {
	var mu sync.Mutex
	var latest any
	attempts := 3
	if flaw == "makes ten attempts" {
		attempts = 10
	}
	return unary(func(ctx context.Context, method string, request, reply any, send sending, options []grpc.CallOption) (err error) {
		rest, finish := finished(options)
		if flaw == "finishes each attempt" {
			rest, finish = options, func(error) {}
		}
		defer func() { finish(err) }()
		mu.Lock()
		latest = request
		mu.Unlock()
		var all metadata.MD
		for n := range attempts {
			sent, on := request, ctx
			if n > 0 {
				on = resent(ctx, flaw, n)
			}
			if n > 0 && flaw == "repeats the latest request of all" {
				mu.Lock()
				sent = latest
				mu.Unlock()
			}
			var trailer metadata.MD
			err = send(on, sent, reply, append(slices.Clip(rest), grpc.Trailer(&trailer))...)
			if flaw == "joins trailers" {
				all = metadata.Join(trailer, all)
				for _, o := range rest {
					if t, ok := o.(grpc.TrailerCallOption); ok {
						*t.TrailerAddr = all
					}
				}
			}
			if err == nil || !repeatable(flaw, method, status.Code(err)) {
				return err
			}
			wait := time.Millisecond
			if pushed := trailer.Get(pushback); len(pushed) > 0 && flaw != "ignores pushback" {
				ms, wrong := strconv.Atoi(pushed[0])
				switch {
				case len(pushed) > 1 && flaw != "heeds the first pushback", wrong != nil && flaw != "ignores text", ms < 0 && flaw != "ignores what is negative":
					return err
				}
				wait = time.Duration(ms) * time.Millisecond
			}
			if flaw == "sleeps" {
				time.Sleep(wait)
				continue
			}
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return status.FromContextError(ctx.Err()).Err()
			}
		}
		if flaw == "gives up" {
			return status.Error(status.Code(err), "gave up")
		}
		return err
	})
}

func resent(ctx context.Context, flaw string, n int) context.Context {
	if flaw == "does not tell" {
		return ctx
	}
	md, _ := metadata.FromOutgoingContext(ctx)
	if flaw == "forgets the metadata" {
		md = nil
	}
	return metadata.NewOutgoingContext(ctx, metadata.Join(md, metadata.Pairs("grpc-previous-rpc-attempts", strconv.Itoa(n))))
}

func repeatable(flaw, method string, code codes.Code) bool {
	switch {
	case flaw == "repeats NotFound" && code == codes.NotFound, flaw == "repeats DeadlineExceeded" && code == codes.DeadlineExceeded,
		flaw == "repeats ResourceExhausted" && code == codes.ResourceExhausted:
		return true
	}
	return code == codes.Unavailable && (method == CacheableUnaryCall || flaw == "repeats everything")
}

// hedging sends a copy of what is slow.
func hedging(flaw string) func() []grpc.DialOption {
	type result struct {
		reply           *grpc_testing.SimpleResponse
		header, trailer *metadata.MD
		peer            *peer.Peer
		err             error
	}
	return unary(func(ctx context.Context, method string, request, reply any, send sending, options []grpc.CallOption) (err error) {
		if method != CacheableUnaryCall && flaw != "copies everything" {
			return send(ctx, request, reply, options...)
		}
		rest, finish := finished(options)
		if flaw == "finishes each copy" {
			rest, finish = options, func(error) {}
		}
		defer func() { finish(err) }()
		won, win := context.WithCancel(ctx)
		if flaw == "leaves losers" {
			won = context.WithoutCancel(ctx)
		}
		defer win()
		results := make(chan result, 2)
		begin := func(own *grpc_testing.SimpleResponse) {
			r := result{reply: own, header: new(metadata.MD), trailer: new(metadata.MD), peer: new(peer.Peer)}
			with := append(slices.Clip(rest), grpc.Header(r.header), grpc.Trailer(r.trailer), grpc.Peer(r.peer))
			if flaw != "shares options" {
				with = slices.DeleteFunc(slices.Clone(with), func(o grpc.CallOption) bool {
					switch o := o.(type) {
					case grpc.HeaderCallOption:
						return o.HeaderAddr != r.header
					case grpc.TrailerCallOption:
						return o.TrailerAddr != r.trailer
					case grpc.PeerCallOption:
						return o.PeerAddr != r.peer
					}
					return false
				})
			}
			r.err = send(won, request, own, with...)
			results <- r
		}
		target := reply.(*grpc_testing.SimpleResponse) //nolint:errcheck // it is of this service
		first, copied := new(grpc_testing.SimpleResponse), new(grpc_testing.SimpleResponse)
		if flaw == "gives the first the caller's reply" {
			first = target
		}
		if flaw == "shares replies" {
			copied = first
		}
		go begin(first)
		var r result
		select {
		case r = <-results:
		case <-time.After(20 * time.Millisecond):
			go begin(copied)
			r = <-results
		}
		if r.err == nil && r.reply != target {
			target.Username = r.reply.GetUsername()
		}
		if flaw == "shares options" {
			return r.err
		}
		for _, o := range rest {
			switch o := o.(type) {
			case grpc.HeaderCallOption:
				*o.HeaderAddr = *r.header
			case grpc.TrailerCallOption:
				*o.TrailerAddr = *r.trailer
			case grpc.PeerCallOption:
				*o.PeerAddr = *r.peer
			}
		}
		return r.err
	})
}

// streaming returns what a connection is made with whose streams are made so.
func streaming(begin func(ctx context.Context, desc *grpc.StreamDesc, create func(context.Context) (grpc.ClientStream, error)) (grpc.ClientStream, error)) func() []grpc.DialOption {
	return func() []grpc.DialOption {
		return []grpc.DialOption{grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, create grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
			return begin(ctx, desc, func(ctx context.Context) (grpc.ClientStream, error) { return create(ctx, desc, cc, method, options...) })
		})}
	}
}

// A resuming stream is one that is begun anew until its first message.
type resuming struct {
	grpc.ClientStream
	flaw      string
	create    func() (grpc.ClientStream, error)
	anew      bool // it may be begun anew
	sent      []any
	closed    bool
	delivered bool
	tries     int
}

func resumed(flaw string) func() []grpc.DialOption {
	return streaming(func(ctx context.Context, desc *grpc.StreamDesc, create func(context.Context) (grpc.ClientStream, error)) (grpc.ClientStream, error) {
		first, err := create(ctx)
		if err != nil {
			return nil, err
		}
		anew := !desc.ClientStreams || flaw == "repeats all streams"
		return &resuming{ClientStream: first, flaw: flaw, create: func() (grpc.ClientStream, error) { return create(ctx) }, anew: anew}, nil
	})
}

func (r *resuming) SendMsg(m any) error {
	if r.anew {
		r.sent = append(r.sent, m)
	}
	return r.ClientStream.SendMsg(m)
}

func (r *resuming) CloseSend() error {
	r.closed = true
	return r.ClientStream.CloseSend()
}

func (r *resuming) Header() (metadata.MD, error) {
	md, err := r.ClientStream.Header()
	if md != nil && r.flaw != "overlooks headers" {
		r.delivered = true
	}
	return md, err
}

func (r *resuming) RecvMsg(m any) error {
	for {
		err := r.ClientStream.RecvMsg(m)
		if err == nil && r.tries > 0 && !r.delivered && r.flaw == "loses the first message" {
			r.delivered = true
			continue
		}
		if err == nil && r.flaw != "overlooks messages" {
			r.delivered = true
		}
		if status.Code(err) != codes.Unavailable || r.delivered || !r.anew || r.tries == 2 {
			return err
		}
		r.tries++
		next, err := r.create()
		if err != nil {
			return err
		}
		for _, message := range r.sent {
			_ = next.SendMsg(message)
		}
		if r.closed {
			_ = next.CloseSend()
		}
		r.ClientStream = next
	}
}
