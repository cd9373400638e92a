// Package ductilehttp puts pipelines around HTTP requests.
//
// A [Transport] is an http.RoundTripper that keeps the contract of net/http: it is safe to put into any http.Client, in place of the
// transport that it has inside. Two lines make a client that you have resilient:
//
//	pipeline := standard.Client("inventory")
//	client.Transport = ductilehttp.NewTransport(client.Transport, pipeline)
//
// [NewClient] makes one that is. Where a client talks to many hosts, [NewKeyedTransport] has a pipeline for each.
//
// A [Handler] sheds what is too much for a server, before work is done for it.
//
// # What may be repeated
//
//	request                                                     repeated by a retry    copied by a hedge
//	GET, HEAD, OPTIONS, TRACE                                    yes                    yes
//	PUT, DELETE; an Idempotency-Key; Repeatable                  yes                    no
//	any other method                                             if it never left       no
//	a body without GetBody                                       see BufferBody         no
//	an Upgrade, CONNECT                                          no                     no
//
// A request never left where no connection could be made. One that may not be repeated counts for all other policies as any does.
//
// # What an answer means
//
//	status                          class
//	429, 503                        overload, with the answer's Retry-After
//	408, 500, 502, 504              transient
//	any other                       success: 404 is an answer, and 501 the caller's own mistake
//
//	error                           class
//	of a certificate, or a TLS that
//	the two cannot agree upon       permanent
//	of the request's URL            permanent
//	any other                       timeout or transient, as package fault says
//
// [Classify] overrides both. Whatever it means to policies, an answer is returned as an answer: the last 503 with its body, not an error.
package ductilehttp

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/internal/refuse"
)

// A Transport sends requests through pipelines. It is made by [NewTransport], or by [NewKeyedTransport] for one pipeline for each host, and
// safe for concurrent use.
//
// The contexts that a pipeline makes live until the answer's body has been read to its end or closed: so a timeout of the pipeline
// limits the reading of the body, too, as http.Client.Timeout does. A failed answer that might be followed by another attempt is read at
// once where it is small, 16 KiB at most, so that its connection is free while the retry waits. Answers that are not returned are drained,
// as far as that is cheap, and closed, for the same reason. Attempts share the header of the request, which a base transport must not write
// to. Upgraded connections (101) have no timeout, as with net/http.
type Transport struct {
	base http.RoundTripper
	pick func(*http.Request) ductile.Composed
	toss ductile.Option[*http.Response] // answers that are not returned
	// example returns a pipeline that pick may return.
	example func() ductile.Composed
	config
}

// NewTransport returns a transport that sends each request through p, which may be of either kind, and on by base: http.DefaultTransport
// where that is nil. The Timeout of a client that has one goes on holding: it is a deadline of the request, around the whole pipeline.
//
// It panics where p is nil, and on options that make no sense; [Validate] says the same of options as an error.
func NewTransport(base http.RoundTripper, p ductile.Composed, options ...Option) *Transport {
	if v := reflect.ValueOf(p); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic(errors.New("ductilehttp: NewTransport was given a nil pipeline: make one by ductile.New"))
	}
	t := transport(base, options)
	if t.key != nil {
		panic(refuse.Value("ductilehttp", "Key", "…", "left out of NewTransport, which has one pipeline for all requests: see NewKeyedTransport"))
	}
	t.pick = func(*http.Request) ductile.Composed { return p }
	t.example = func() ductile.Composed { return p }
	return t
}

func transport(base http.RoundTripper, options []Option) *Transport {
	c, err := configure(options)
	if err != nil {
		panic(err)
	}
	if base == nil {
		base = http.DefaultTransport
	}
	t := &Transport{base: base, config: c}
	t.toss = ductile.Discard(t.discard) //nolint:bodyclose // it is what closes them
	return t
}

// RoundTrip sends a request and returns the answer. It never modifies the request, and closes its body in every case.
//
// The error of a request without an answer is the base transport's own where there was one attempt, and otherwise that of the pipeline,
// see ductile.Do.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	e := &exchange{transport: t, request: request}
	defer e.close()
	e.pipeline = t.pick(request)
	answer, err := ductile.DoConcurrent(e.permit(request.Context()), e.pipeline, e.attempt, t.toss)
	return e.outcome(answer, err)
}

// CloseIdleConnections closes the idle connections of the base transport: http.Client.CloseIdleConnections finds it.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// Unwrap returns the base transport.
func (t *Transport) Unwrap() http.RoundTripper { return t.base }
