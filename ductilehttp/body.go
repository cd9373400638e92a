package ductilehttp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/ductile-go/ductile/internal/deadline"
)

// A body is that of an answer, which keeps the contexts of its attempt alive until it has been read or closed.
type body struct {
	io.ReadCloser
	ctx      context.Context
	retained deadline.Retained
	first    []byte // bytes that have been read and not returned
	then     error  // what came with them
}

// Read reads from the body. After its end, or an error, nothing will be read any more.
func (b *body) Read(p []byte) (n int, err error) {
	if len(b.first) > 0 {
		n = copy(p, b.first)
		b.first = b.first[n:]
		return n, nil
	}
	if b.then != nil {
		return 0, b.then
	}
	n, err = b.ReadCloser.Read(p)
	if err != nil {
		err = b.explained(err)
		b.retained.Release()
	}
	return n, err
}

// explained returns the cause of a context's end, such as the timeout that it was, in place of the bare end, which is all that HTTP/2 has.
func (b *body) explained(err error) error {
	if err != b.ctx.Err() { //nolint:errorlint // itself; io.EOF, nearly always
		return err
	}
	if cause := context.Cause(b.ctx); errors.Is(cause, err) {
		return cause
	}
	return err
}

// Close closes the body.
func (b *body) Close() error {
	defer b.retained.Release()
	return b.ReadCloser.Close()
}

// duplex is the body of an answer 101, which is the connection itself. httputil.ReverseProxy, for one, writes to it.
type duplex struct {
	*body
	io.Writer
}

// CloseWrite closes the connection's half that is written, where it has one.
func (d *duplex) CloseWrite() error {
	if c, ok := d.Writer.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return d.Close()
}

// tie keeps the contexts of an attempt alive for as long as its answer is read. Many callers close no body where there is none.
func tie(ctx context.Context, method string, answer *http.Response) {
	if method == http.MethodHead || bodiless(answer) {
		return
	}
	b := &body{ReadCloser: answer.Body, ctx: ctx}
	b.retained.Hold(ctx)
	answer.Body = b
	if w, ok := b.ReadCloser.(io.Writer); ok {
		answer.Body = &duplex{b, w}
	}
}

// bodiless reports whether an answer has nothing to read. Its length and its status do not say so: over HTTP/2 the end of an empty body may be
// yet to come. But a type without a size has nothing to read from; http.NoBody is one, and so are those of HTTP/2 that mean the same.
func bodiless(answer *http.Response) bool {
	return answer.Body == nil || reflect.TypeOf(answer.Body).Size() == 0
}

// awaitFirst waits until the body of an answer begins, and returns why it does not. One that is empty has begun.
func awaitFirst(answer *http.Response) error {
	b, ok := answer.Body.(*body)
	if !ok {
		return nil // there is none, or it is an upgraded connection
	}
	const some = 512
	first := make([]byte, some)
	for {
		n, err := b.Read(first)
		switch {
		case n > 0:
			b.first, b.then = first[:n], err
			return nil
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// tied returns the body that tie made, nil where there is nothing to read.
func tied(answer *http.Response) *body {
	switch b := answer.Body.(type) {
	case *body:
		return b
	case *ahead:
		return b.body
	case *duplex:
		return b.body
	default:
		return nil
	}
}

// ended reports whether the body of an answer cannot be read any more, because the contexts of its attempt have ended.
func ended(answer *http.Response) bool {
	if b := tied(answer); b == nil || b.ctx.Err() == nil {
		return false
	}
	if a, ok := answer.Body.(*ahead); ok && a.complete() { // which has released the context, but not before it was complete
		return a.late
	}
	return true
}

// shut closes the body of an answer, where it has one: only net/http's transport promises that.
func shut(answer *http.Response) {
	if answer.Body != nil {
		_ = answer.Body.Close() // there is nobody to tell
	}
}

// discard closes an answer that is not returned. What is left of a small body is read before, so that its connection can be used again:
// net/http closes connections whose answers were not read to their end. A server that does not send it soon is not waited for.
func (t *Transport) discard(answer *http.Response) {
	defer shut(answer)
	if a, ok := answer.Body.(*ahead); ok && a.complete() {
		return
	}
	b := tied(answer)
	if b == nil || t.drainBytes == 0 || answer.StatusCode == http.StatusSwitchingProtocols || answer.ContentLength > t.drainBytes || b.ctx.Err() != nil {
		return
	}
	timer := time.AfterFunc(t.drainTime, func() {
		defer func() { _ = recover() }() // it panics again where shut closes it
		_ = answer.Body.Close()
	})
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, answer.Body, t.drainBytes+1)
}
