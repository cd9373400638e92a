package ductilehttp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/ductile-go/ductile"
)

// repeatableKey is how a caller says that a request may be repeated.
type repeatableKey struct{}

// Repeatable says that requests with the returned context may be repeated after they have failed, whatever their method: for a POST that
// does the same however often it is sent. It is one word for a request; a header Idempotency-Key says the same, and tells the server.
func Repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

// permit says in the context what may be repeated.
func (e *exchange) permit(ctx context.Context) context.Context {
	r := e.request
	switch {
	case r.Method == http.MethodConnect, r.Header.Get("Upgrade") != "":
		return ductile.Once(ctx)
	case hasBody(r) && r.GetBody == nil:
		if e.transport.bufferBytes == 0 || r.ContentLength > e.transport.bufferBytes {
			return ductile.Once(ctx)
		}
		e.buffers, e.repeats = true, safe(r.Method) || idempotent(r)
	case safe(r.Method) && r.Header.Get("Expect") == "":
		e.repeats = true
		return ctx
	case safe(r.Method), idempotent(r):
		e.repeats = true
		return ductile.Sequential(ctx)
	}
	ctx, e.sent = ductile.OnceSent(ctx)
	return ctx
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

// neverLeft reports whether the request of an attempt certainly did not reach its server: there was no connection to send it by.
func neverLeft(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || strings.HasPrefix(op.Op, "proxyconnect"))
}
