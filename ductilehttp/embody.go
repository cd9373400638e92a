package ductilehttp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// embody gives the request of an attempt its body: the first the caller's own, any other a copy of it.
func (e *exchange) embody(r *http.Request) (err error) {
	e.mu.Lock()
	first := !e.taken
	e.taken = true
	kept, whole := e.kept, e.whole
	e.mu.Unlock()
	switch {
	case first && e.buffers:
		return e.keep(r)
	case first:
		return nil
	case whole:
		kept.give(r)
		return nil
	case e.buffers, e.request.GetBody == nil: // a middleware may repeat what it likes, and RoundTrip may have returned
		return errors.New("ductilehttp: the body of the request is gone, and cannot be sent again")
	default:
		r.Body, err = e.request.GetBody()
		return err
	}
}

// kept is a body in memory.
type kept []byte

// give makes it the body of a request, which the base transport may ask for again.
func (k kept) give(r *http.Request) {
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(k)), nil }
	r.Body, _ = r.GetBody()
}

// keep reads the caller's body into memory. One that is too long is sent as it comes, and once.
func (e *exchange) keep(r *http.Request) error {
	given, ctx := r.Body, r.Context()
	handed := false
	stop := context.AfterFunc(ctx, func() {
		defer func() { _ = recover() }() // it panics again where it is closed below
		_ = given.Close()
	}) // which ends a Read
	defer func() {
		if stop(); !handed {
			_ = given.Close() // a RoundTripper has nobody to tell
		}
	}()
	read, err := io.ReadAll(io.LimitReader(given, e.transport.bufferBytes+1))
	if !stop() {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	if int64(len(read)) > e.transport.bufferBytes {
		handed = true
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(read), given), given}
		e.sent()
		return nil
	}
	e.mu.Lock()
	e.kept, e.whole = read, true
	e.mu.Unlock()
	e.kept.give(r)
	return nil
}

// close closes the caller's body where no attempt did.
func (e *exchange) close() {
	e.mu.Lock()
	taken := e.taken
	e.taken = true
	e.mu.Unlock()
	if !taken && e.request.Body != nil {
		_ = e.request.Body.Close() // a RoundTripper has nobody to tell
	}
}
