package ductilehttp

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// An exchange is one request, and all its attempts.
type exchange struct {
	transport *Transport
	request   *http.Request
	pipeline  ductile.Composed
	repeats   bool         // also after it has been sent
	buffers   bool         // the body has to be kept to be sent again
	sent      func()       // says that it must not be repeated from now on; nil where that is decided
	sends     atomic.Int32 // attempts that have begun

	mu    sync.Mutex // copies of a hedge ask for bodies at once
	taken bool       // an attempt has the caller's body, and closes it
	kept  kept       // the body, where it was read into memory
	whole bool       // kept is all of it
}

// attempt sends the request once. It is called concurrently by a hedge.
func (e *exchange) attempt(ctx context.Context) (*http.Response, error) {
	r, err := e.copy(ctx)
	if err != nil {
		return nil, &judged{err, fault.ClassIgnored} // which outcome takes off
	}
	ctx = r.Context()
	answer, err := e.transport.base.RoundTrip(r)
	if e.sent != nil && !e.repeats && !neverLeft(err) {
		e.sent()
	}
	if err == nil && answer == nil {
		err = errors.New("ductilehttp: the base transport returned neither an answer nor an error")
	}
	switch {
	case err == nil:
		return e.answered(ctx, r, answer)
	case canceled(r) && ctx.Err() == nil:
		return nil, &judged{err, fault.ClassIgnored} // ClassCanceled is for ends of contexts
	default:
		return nil, e.transport.judge(nil, err)
	}
}

// answered returns an answer with what policies have to make of it. The answer is closed where the judge panics, which is the user's code: nobody
// else has it yet.
func (e *exchange) answered(ctx context.Context, r *http.Request, answer *http.Response) (_ *http.Response, err error) {
	tie(ctx, r.Method, answer)
	returned := false
	defer func() {
		if !returned {
			shut(answer)
		}
	}()
	err = e.transport.judge(answer, nil)
	switch {
	case err == nil && e.transport.firstByte:
		if first := awaitFirst(answer); first != nil {
			if canceled(r) && ctx.Err() == nil {
				return nil, &judged{first, fault.ClassIgnored}
			}
			return nil, e.transport.judge(nil, first)
		}
	case fault.Of(err).Failure() && e.repeats && repeats(e.pipeline):
		answer = e.transport.readAhead(ctx, answer)
	}
	returned = true
	return answer, err
}

// canceled reports whether the caller has left by the request's old way to do so, of which contexts know nothing. http.Client uses it for
// its Timeout.
func canceled(r *http.Request) bool {
	select {
	case <-r.Cancel: //nolint:staticcheck // callers may still use it
		return true
	default:
		return false
	}
}

// copy returns the request of an attempt: the caller's, with the attempt's context, and a body of its own. A shallow copy is enough, since
// nothing is written to it; a deep one would part the caller's trailers from what the transport sends.
func (e *exchange) copy(ctx context.Context) (*http.Request, error) {
	resent := int(e.sends.Add(1)) - 1
	if resent > 0 {
		ctx = context.WithValue(ctx, resendKey{}, resent)
	}
	r := e.request.WithContext(ctx)
	e.transport.tell(r, resent)
	if !hasBody(r) {
		return r, nil
	}
	return r, e.embody(r)
}

// outcome is what RoundTrip returns. An answer is an answer, whatever policies made of its status, as long as its body can be read.
func (e *exchange) outcome(answer *http.Response, err error) (*http.Response, error) {
	if j, ok := err.(*judged); ok { //nolint:errorlint // of a single attempt: net/http knows some errors by their type alone
		err = j.err
	}
	switch {
	case err == nil && answer == nil:
		return nil, errors.New("ductilehttp: the pipeline returned neither an answer nor an error")
	case err == nil:
		return answer, nil
	case answer == nil:
		return nil, err
	case e.request.Context().Err() != nil, ended(answer):
		shut(answer)
		return nil, e.end(answer, err) // the end is the news
	default:
		return answer, nil
	}
}

// end returns the error of a call whose answer cannot be read any more. Where there was a single attempt, which had its answer before, nothing
// has said yet why.
func (e *exchange) end(answer *http.Response, err error) error {
	if _, ok := err.(*StatusError); !ok { //nolint:errorlint // by itself, and not as the reason for another
		return err
	}
	ctx := e.request.Context()
	if b := tied(answer); b != nil {
		ctx = b.ctx
	}
	return context.Cause(ctx)
}
