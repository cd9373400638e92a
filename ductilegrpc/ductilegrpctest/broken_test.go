package ductilegrpctest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/ductiletest"
)

// brisk is for interceptors that hang on purpose.
func brisk() paces {
	return paces{patience: 2 * time.Second, watch: 10 * time.Second, lull: 100 * time.Millisecond}
}

// breaches returns what interceptors break.
func breaches(options func() []grpc.DialOption) map[string]string {
	e := examine(options, brisk())
	found := map[string]string{}
	for _, p := range pledges() {
		if e.judge(p).Outcome == ductiletest.Broken {
			if v := e.judge(p); v.Outcome == ductiletest.Broken { // busy machines are unkind
				found[p.name] = v.Text
			}
		}
	}
	return found
}

// The models keep everything without their flaws.
func TestModels(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]func() []grpc.DialOption{"retrier": retrying(""), "resumer": resumed("")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Empty(t, breaches(options))
		})
	}
	t.Run("hedger", func(t *testing.T) { // but for a panic, which ends the program: see TestReport
		t.Parallel()
		e := examine(hedging(""), brisk())
		for _, p := range pledges() {
			if p.name != passesOn {
				if e.judge(p).Outcome == ductiletest.Broken {
					assert.NotEqual(t, ductiletest.Broken, e.judge(p).Outcome, p.name)
				}
			}
		}
	})
}

// A flawed interceptor is broken in one way. The first promise is the one that has to find it; what else it breaks by that follows.
type flawed struct {
	name    string
	options func() []grpc.DialOption
	says    string
	in      []string
}

const (
	andMore = "and more" // whatever else
	races   = "races"    // which the race detector finds, too
)

var errSpoiled = errors.New("spoiled")

// A recut stream is changed in one way.
type recut struct {
	grpc.ClientStream
	receive func(s grpc.ClientStream, m any) error
	send    func(s grpc.ClientStream, m any) error
	close   func(s grpc.ClientStream) error
	header  func(s grpc.ClientStream) (metadata.MD, error)
}

func (r *recut) RecvMsg(m any) error {
	if r.receive == nil {
		return r.ClientStream.RecvMsg(m)
	}
	return r.receive(r.ClientStream, m)
}

func (r *recut) SendMsg(m any) error {
	if r.send == nil {
		return r.ClientStream.SendMsg(m)
	}
	return r.send(r.ClientStream, m)
}

func (r *recut) CloseSend() error {
	if r.close == nil {
		return r.ClientStream.CloseSend()
	}
	return r.close(r.ClientStream)
}

func (r *recut) Header() (metadata.MD, error) {
	if r.header == nil {
		return r.ClientStream.Header()
	}
	return r.header(r.ClientStream)
}

// cut returns what a connection is made with whose streams are changed.
func cut(change func(r *recut)) func() []grpc.DialOption {
	return streaming(func(ctx context.Context, _ *grpc.StreamDesc, create func(context.Context) (grpc.ClientStream, error)) (grpc.ClientStream, error) {
		s, err := create(ctx)
		if err != nil {
			return nil, err
		}
		r := &recut{ClientStream: s}
		change(r)
		return r, nil
	})
}

// without returns what a connection is made with that passes some call options only, and more.
func without(drop func(grpc.CallOption) bool, more ...grpc.CallOption) func() []grpc.DialOption {
	return unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) error {
		return send(ctx, request, reply, append(slices.DeleteFunc(slices.Clone(options), drop), more...)...)
	})
}

func flaws() []flawed {
	bare := func(error) error { return errSpoiled }
	var shared sync.Mutex
	sharedCtx, sharedCancel := context.WithCancel(context.Background())
	return []flawed{
		{"answers nothing", unary(func(context.Context, string, any, any, sending, []grpc.CallOption) error { return nil }), `the reply is ""`, []string{handsOnReply}},
		{"never returns", unary(func(context.Context, string, any, any, sending, []grpc.CallOption) error { select {} }), "the call has not returned", []string{handsOnReply}},
		{"has no status", excusing(func(_ context.Context, err error) error { return bare(err) }), "which has no status", []string{"hands on the status of an error", andMore}},
		{"changes the code", excusing(func(_ context.Context, err error) error {
			if status.Code(err) == codes.DataLoss {
				return status.Error(codes.Internal, err.Error())
			}
			return err
		}), "whose code is Internal, and not [DataLoss]", []string{"hands on the status of an error"}},
		{"loses details", excusing(func(_ context.Context, err error) error { return status.Error(status.Code(err), err.Error()) }),
			"the details of its status are []", []string{"hands on the status of an error"}},
		{"says OK", excusing(func(context.Context, error) error { return okay{} }), "whose status is OK", []string{"hands on the status of an error", andMore}},
		{"gives up with its own words", retrying("gives up"), "its details are []", []string{"hands on the status when repeats do not help"}},
		{"passes no options", without(func(o grpc.CallOption) bool {
			switch o.(type) {
			case grpc.HeaderCallOption, grpc.TrailerCallOption, grpc.PeerCallOption:
				return true
			}
			return false
		}), `that of number ""`, []string{"hands on header, trailer and peer", "hands on header and trailer of an error"}},
		{"passes no peer", without(func(o grpc.CallOption) bool { _, is := o.(grpc.PeerCallOption); return is }),
			"there is no peer", []string{"hands on header, trailer and peer"}},
		{"forgets trailers of errors", unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) error {
			err := send(ctx, request, reply, options...)
			for _, o := range options {
				if t, ok := o.(grpc.TrailerCallOption); ok && err != nil {
					*t.TrailerAddr = nil
				}
			}
			return err
		}), `the trailer is that of number ""`, []string{"hands on header and trailer of an error"}},
		{"joins trailers", retrying("joins trailers"), `that of number "2, 1"`, []string{"hands on header and trailer of the attempt that counts"}},
		{"shares options", hedging("shares options"), `and the `, []string{"hands on header and trailer of the copy that counts", races}},
		{"finishes twice", unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) error {
			_, finish := finished(options)
			err := send(ctx, request, reply, options...)
			finish(err)
			return err
		}), "it was called 2 times", []string{"calls OnFinish once"}},
		{"never finishes", without(func(o grpc.CallOption) bool { _, is := o.(grpc.OnFinishCallOption); return is }), "it was not called", []string{"calls OnFinish once"}},
		{"finishes with another error", unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) error {
			rest, finish := finished(options)
			defer finish(nil)
			return send(ctx, request, reply, rest...)
		}), "it was called with <nil>", []string{"calls OnFinish once"}},
		{"finishes each attempt", retrying("finishes each attempt"), "it was called 2 times", []string{"calls OnFinish once for a call that is repeated"}},
		{"finishes each copy", hedging("finishes each copy"), "it was called 2 times", []string{"calls OnFinish once for a call that is copied"}},

		{"forgets the metadata", retrying("forgets the metadata"), `attempt 2 arrived with`, []string{"sends the metadata with each attempt", "is safe for calls at once"}},
		{"modifies the request", unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) error {
			defer func() {
				if r, ok := request.(*grpc_testing.SimpleRequest); ok {
					r.ResponseSize = 7
				}
			}()
			return send(ctx, request, reply, options...)
		}), "the request is now", []string{"does not modify the request"}},
		{"has a context of its own", unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) error {
			return send(context.WithoutCancel(ctx), request, reply, options...)
		}), "arrived without a deadline", []string{"keeps the deadline with each attempt", "keeps WaitForReady", "does not begin when the context has ended", "ends when the context is canceled",
			"ends at the deadline", "keeps one call's cancellation from another"}},
		{"does not wait for ready", without(func(o grpc.CallOption) bool { _, is := o.(grpc.FailFastCallOption); return is }), "it has returned before", []string{"keeps WaitForReady"}},
		{"waits for ready", without(func(grpc.CallOption) bool { return false }, grpc.WaitForReady(true)), "the call has not returned", []string{"fails at once without WaitForReady"}},

		{"begins anyway", unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) error {
			if ended := ctx.Err(); ended != nil {
				_ = send(context.WithoutCancel(ctx), request, reply, options...)
				return status.FromContextError(ended).Err()
			}
			return send(ctx, request, reply, options...)
		}), "the server was called 1 times", []string{"does not begin when the context has ended"}},
		{"returns the context's error", excusing(func(ctx context.Context, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}), "which has no status", []string{"ends when the context is canceled", "ends at the deadline", "does not begin when the context has ended", "keeps one call's cancellation from another"}},
		{"makes Canceled of all", excusing(func(ctx context.Context, err error) error {
			if ctx.Err() != nil {
				return status.FromContextError(context.Canceled).Err()
			}
			return err
		}), "and not [DeadlineExceeded]", []string{"ends at the deadline", "does not begin when the context has ended"}},
		{"sleeps", retrying("sleeps"), "the call has not returned", []string{"ends its wait when the context is canceled", "ends its wait at the deadline"}},
		{"sleeps, too", retrying("sleeps"), "the call has not returned", []string{"ends its wait at the deadline", "ends its wait when the context is canceled"}},

		{"repeats everything", retrying("repeats everything"), "the server was called 3 times",
			[]string{"does not repeat what may have been done", "does not repeat what is answered Unavailable, unless told"}},
		{"repeats what is refused", retrying("repeats everything"), "the server was called 3 times",
			[]string{"does not repeat what is answered Unavailable, unless told", "does not repeat what may have been done"}},
		{"copies everything", hedging("copies everything"), "the server was called 2 times", []string{"sends no copy of a slow call, unless told", andMore}},
		{"repeats what is final", retrying("repeats NotFound"), "the server was called 3 times", []string{"does not repeat what would fail again", andMore}},
		{"repeats deadlines", retrying("repeats DeadlineExceeded"), "the server was called 3 times", []string{"does not repeat the server's DeadlineExceeded", andMore}},
		{"repeats quotas", retrying("repeats ResourceExhausted"), "the server was called 3 times", []string{"does not repeat ResourceExhausted unasked"}},
		{"makes ten attempts", retrying("makes ten attempts"), "the server was called 10 times", []string{"makes five attempts at most"}},
		{"ignores pushback", retrying("ignores pushback"), "it was called again after", []string{"waits as long as the server says", andMore}},
		{"ignores what is negative", retrying("ignores what is negative"), "the server was called 3 times", []string{"does not repeat where the pushback is negative"}},
		{"ignores text", retrying("ignores text"), "the server was called 3 times", []string{"does not repeat where the pushback is text"}},
		{"heeds the first pushback", retrying("heeds the first pushback"), "the server was called 3 times", []string{"does not repeat where there are several pushbacks"}},
		{"does not tell", retrying("does not tell"), "attempt 2 arrived with", []string{"tells the server of the attempts before"}},

		{"shares replies", hedging("shares replies"), "were given the same reply", []string{"gives each copy a reply of its own", andMore, races}},
		{"gives the first the caller's reply", hedging("gives the first the caller's reply"), `the caller's reply is "late" now`, []string{"gives each copy a reply of its own", andMore, races}},
		{"leaves losers", hedging("leaves losers"), "the first attempt has not ended", []string{"ends copies that lose", andMore}},
		{"repeats the latest request of all", retrying("repeats the latest request of all"), "the reply to", []string{"is safe for calls at once"}},
		{"cancels all", unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) error {
			own, cancel := context.WithCancel(ctx)
			defer cancel()
			shared.Lock()
			all, end := sharedCtx, sharedCancel
			shared.Unlock()
			defer context.AfterFunc(all, cancel)()
			err := send(own, request, reply, options...)
			if status.Code(err) == codes.Canceled {
				end()
				shared.Lock()
				sharedCtx, sharedCancel = context.WithCancel(context.Background())
				shared.Unlock()
			}
			return err
		}), "the other returned", []string{"keeps one call's cancellation from another", andMore}},

		{"skips a message", cut(func(r *recut) {
			n := 0
			r.receive = func(s grpc.ClientStream, m any) error {
				if n++; n == 50 {
					_ = s.RecvMsg(m)
				}
				return s.RecvMsg(m)
			}
		}), "the messages are", []string{"hands on a stream from the server", "lets one send while another receives"}},
		{"loses a stream's details", cut(func(r *recut) {
			r.receive = func(s grpc.ClientStream, m any) error {
				err := s.RecvMsg(m)
				if status.Code(err) == codes.NotFound {
					return status.Error(codes.NotFound, err.Error())
				}
				return err
			}
		}), "with the details []", []string{"hands on a stream's status"}},
		{"has no header", cut(func(r *recut) { r.header = func(grpc.ClientStream) (metadata.MD, error) { return nil, nil } }), `the header is that of number ""`, []string{"hands on a stream's header and trailer"}},
		{"finishes streams twice", func() []grpc.DialOption {
			return []grpc.DialOption{grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, create grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
				return create(ctx, desc, cc, method, append(slices.Clip(options), options...)...)
			})}
		}, "it was called 2 times", []string{"calls OnFinish of a stream once"}},
		{"loses the first message", resumed("loses the first message"), `the messages are ["2b"]`, []string{"begins a stream anew whole or not at all"}},
		{"overlooks headers", resumed("overlooks headers"), "the server was called 2 times", []string{"does not begin a stream anew after its header"}},
		{"overlooks messages", resumed("overlooks messages"), `after the first message, there was "first"`, []string{"does not begin a stream anew after its first message", andMore}},
		{"loses what is sent", cut(func(r *recut) {
			n := 0
			r.send = func(s grpc.ClientStream, m any) error {
				if n++; n == 2 {
					return nil
				}
				return s.SendMsg(m)
			}
		}), "the reply is 4", []string{"hands on a stream from the client", "hands on a stream both ways", "lets one send while another receives"}},
		{"repeats all streams", resumed("repeats all streams"), "the server was called 3 times", []string{"does not repeat a stream from the client", "does not repeat a stream both ways"}},
		{"repeats all streams, too", resumed("repeats all streams"), "the server was called 3 times", []string{"does not repeat a stream both ways", "does not repeat a stream from the client"}},
		{"does not close the sending side", cut(func(r *recut) {
			n := 0
			count := func(s grpc.ClientStream, m any) error { n++; return s.SendMsg(m) }
			r.send = count
			r.close = func(s grpc.ClientStream) error {
				if n == 10 {
					return nil
				}
				return s.CloseSend()
			}
		}), "Recv has not returned", []string{"hands on a stream both ways"}},
		{"locks streams", cut(func(r *recut) {
			var mu sync.Mutex
			r.send = func(s grpc.ClientStream, m any) error {
				time.Sleep(time.Millisecond) // the receiver is first
				mu.Lock()
				defer mu.Unlock()
				return s.SendMsg(m)
			}
			r.receive = func(s grpc.ClientStream, m any) error {
				mu.Lock()
				defer mu.Unlock()
				return s.RecvMsg(m)
			}
		}), "Recv has not returned", []string{"lets one send while another receives"}},
		{"has streams of its own context", streaming(func(ctx context.Context, _ *grpc.StreamDesc, create func(context.Context) (grpc.ClientStream, error)) (grpc.ClientStream, error) {
			return create(context.WithoutCancel(ctx))
		}), "Recv has not returned", []string{"ends a stream when the context is canceled", "ends a stream at the deadline", "ends a stream that nobody reads"}},
		{"has no deadline in streams", streaming(func(ctx context.Context, _ *grpc.StreamDesc, create func(context.Context) (grpc.ClientStream, error)) (grpc.ClientStream, error) {
			own, cancel := context.WithCancel(context.WithoutCancel(ctx))
			context.AfterFunc(ctx, cancel)
			return create(own)
		}), "whose code is Canceled, and not [DeadlineExceeded]", []string{"ends a stream at the deadline"}},
		{"ends streams when they are read", streaming(func(ctx context.Context, _ *grpc.StreamDesc, create func(context.Context) (grpc.ClientStream, error)) (grpc.ClientStream, error) {
			own, cancel := context.WithCancel(context.WithoutCancel(ctx))
			s, err := create(own)
			if err != nil {
				cancel()
				return nil, err
			}
			return &recut{ClientStream: s, receive: func(s grpc.ClientStream, m any) error {
				stop := context.AfterFunc(ctx, cancel)
				defer stop()
				err := s.RecvMsg(m)
				if ctx.Err() != nil {
					return status.FromContextError(ctx.Err()).Err()
				}
				return err
			}}, nil
		}), "the stream has not ended at the server", []string{"ends a stream that nobody reads"}},

		{"catches panics", unary(func(ctx context.Context, _ string, request, reply any, send sending, options []grpc.CallOption) (err error) {
			defer func() {
				if recover() != nil {
					err = status.Error(codes.Internal, "panic")
				}
			}()
			return send(ctx, request, reply, options...)
		}), "the call returned the error: rpc error: code = Internal", []string{passesOn}},
		{"catches panics of streams", streaming(func(ctx context.Context, _ *grpc.StreamDesc, create func(context.Context) (grpc.ClientStream, error)) (s grpc.ClientStream, err error) {
			defer func() {
				if recover() != nil {
					err = status.Error(codes.Internal, "panic")
				}
			}()
			return create(ctx)
		}), "the call returned the error: rpc error: code = Internal", []string{passesOn}},
	}
}

// okay is an error whose status is none.
type okay struct{}

func (okay) Error() string              { return "okay" }
func (okay) GRPCStatus() *status.Status { return status.New(codes.OK, "") }

// Each of these interceptors is broken in one way. The kit has to find that, where it is looked for, and else nothing but what follows of it.
func TestFinds(t *testing.T) {
	all := flaws()
	found := make([]map[string]string, len(all))
	var group sync.WaitGroup
	turns := make(chan struct{}, 8)
	for i := range all {
		if raceEnabled && slices.Contains(all[i].in, races) {
			continue
		}
		group.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			found[i] = breachesBut(all[i])
		})
	}
	group.Wait()
	proven := map[string]bool{}
	for i, flaw := range all {
		t.Run(flaw.name, func(t *testing.T) {
			if found[i] == nil {
				t.Skip("the race detector finds it, too, and ends the test")
			}
			assert.Contains(t, found[i][flaw.in[0]], flaw.says, "%v", found[i])
			if !slices.Contains(flaw.in, andMore) {
				assert.Subset(t, flaw.in, slices.Collect(maps.Keys(found[i])), "%v", found[i])
			}
		})
		_, ok := found[i][flaw.in[0]]
		proven[flaw.in[0]] = proven[flaw.in[0]] || ok
	}
	for _, p := range pledges() {
		assert.True(t, proven[p.name] || raceEnabled, "no interceptor is found to break: %s", p.name)
	}
}

// breachesBut returns what a flawed interceptor breaks. The panic is left out, where it is not what is looked for: a hedge lets it end the program.
func breachesBut(flaw flawed) map[string]string {
	e := examine(flaw.options, brisk())
	found := map[string]string{}
	for _, p := range pledges() {
		if p.name == passesOn && flaw.in[0] != passesOn {
			continue
		}
		v := e.judge(p)
		for tries := 0; tries < 2 && !e.unfit && flaw.surprises(v); tries++ {
			v = e.judge(p) // busy machines are unkind
		}
		if v.Outcome == ductiletest.Broken {
			found[p.name] = v.Text
		}
	}
	return found
}

// surprises reports whether a verdict is not what is expected.
func (f flawed) surprises(v Verdict) bool {
	broken := v.Outcome == ductiletest.Broken
	if v.Promise == f.in[0] {
		return !broken
	}
	return broken && !slices.Contains(f.in, v.Promise) && !slices.Contains(f.in, andMore)
}
