package ductilehttp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// An exchange is one request, and all its attempts.
type exchange struct {
	transport *Transport
	request   *http.Request
	sent      func() // nil where it does not matter whether the request has left

	mu    sync.Mutex // copies of a hedge ask for bodies at once
	taken bool       // an attempt has the caller's body, and closes it
}

// permit says in the context what may be repeated.
func (e *exchange) permit(ctx context.Context) context.Context {
	r := e.request
	switch {
	case hasBody(r) && r.GetBody == nil, r.Method == http.MethodConnect, r.Header.Get("Upgrade") != "":
		return ductile.Once(ctx)
	case safe(r.Method) && r.Header.Get("Expect") == "":
		return ctx
	case safe(r.Method), idempotent(r):
		return ductile.Sequential(ctx)
	default:
		ctx, e.sent = ductile.OnceSent(ctx)
		return ctx
	}
}

func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

// safe reports whether a method changes nothing at the server (RFC 9110, section 9.2.1).
func safe(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}

// idempotent reports whether a request does the same however often it is sent: by its method (RFC 9110, section 9.2.2), or because
// its sender says so, by the headers that net/http knows or in the context.
func idempotent(r *http.Request) bool {
	if r.Method == http.MethodPut || r.Method == http.MethodDelete || r.Context().Value(repeatableKey{}) != nil {
		return true
	}
	_, key := r.Header["Idempotency-Key"]
	_, experimental := r.Header["X-Idempotency-Key"]
	return key || experimental
}

// attempt sends the request once. It is called concurrently by a hedge.
func (e *exchange) attempt(ctx context.Context) (*http.Response, error) {
	r, err := e.copy(ctx)
	if err != nil {
		return nil, fault.Ignore(err)
	}
	answer, err := e.transport.base.RoundTrip(r)
	if e.sent != nil && !neverLeft(err) {
		e.sent()
	}
	if err == nil && answer == nil {
		err = errors.New("ductilehttp: the base transport returned neither an answer nor an error")
	}
	switch {
	case err == nil:
		tie(ctx, r.Method, answer)
		return answer, e.judge(answer)
	case canceled(r) && ctx.Err() == nil:
		return nil, &judged{err, fault.ClassIgnored} // ClassCanceled is for ends of contexts
	default:
		return nil, e.transport.judge(nil, err)
	}
}

// judge is that of the transport. The answer is closed where it panics, which is the user's code: nobody else has it yet.
func (e *exchange) judge(answer *http.Response) error {
	returned := false
	defer func() {
		if !returned {
			shut(answer)
		}
	}()
	err := e.transport.judge(answer, nil)
	returned = true
	return err
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
	r := e.request.WithContext(ctx)
	if !hasBody(r) {
		return r, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.taken {
		e.taken = true
		return r, nil
	}
	var err error
	r.Body, err = e.request.GetBody()
	return r, err
}

// close closes the caller's body where no attempt did.
func (e *exchange) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.taken && e.request.Body != nil {
		e.taken = true
		_ = e.request.Body.Close() // a RoundTripper has nobody to tell
	}
}

// neverLeft reports whether the request of an attempt certainly did not reach its server: there was no connection to send it by.
func neverLeft(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || strings.HasPrefix(op.Op, "proxyconnect"))
}

// outcome is what RoundTrip returns. An answer is an answer, whatever policies made of its status, as long as its body can be read.
func (e *exchange) outcome(answer *http.Response, err error) (*http.Response, error) {
	if j, ok := err.(*judged); ok { //nolint:errorlint // of a single attempt: net/http knows some errors by their type alone
		err = j.err
	}
	switch {
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
