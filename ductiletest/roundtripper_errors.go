package ductiletest

import (
	"errors"
	"net/http"
	"strings"
)

// Stories of what the base says when it has no answer.

func keepsErrors(x *visit) {
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost} {
		transport := x.around(baseFunc(func(r *http.Request) (*http.Response, error) {
			if r.Body != nil {
				_ = r.Body.Close()
			}
			return nil, errSpoiled
		}))
		x.did("sent a %s by a base that fails each time", method)
		_, err := x.begin(transport, x.ask(method, "http://ductile.example")).end()
		if !errors.Is(err, errSpoiled) {
			x.find("the error is %q, in which the one of the base is not found", err)
		}
	}
}

func keepsTLS(x *visit) {
	s := x.serve(says("ok"))
	x.did("sent a GET for https to a server that speaks plain HTTP, by an http.Client")
	r := x.ask(http.MethodGet, "https"+strings.TrimPrefix(s.URL, "http"))
	if err := x.fails(s.client(), r); !errors.Is(err, http.ErrSchemeMismatch) {
		x.find("it does not say so, but: %v", err)
	}
}

// boom is what a base panics with. Where nobody hands it on to the caller, it ends the program, which says so.
type boom struct{}

// Error implements error.
func (boom) Error() string {
	return "ductiletest.RoundTripper: the base panicked on another goroutine than its caller's, and the transport did not hand that on. " + owesPanic
}

func passesPanics(x *visit) {
	panics := true
	transport := x.around(baseFunc(func(r *http.Request) (*http.Response, error) {
		if panics {
			panic(boom{})
		}
		return &http.Response{
			Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{}, Body: http.NoBody, Request: r,
		}, nil
	}))
	x.did("sent a GET by a base that panics")
	var passed any
	var answer *http.Response
	var err error
	x.await(x.spawn(func() {
		defer func() { passed = recover() }()
		answer, err = transport.RoundTrip(x.ask(http.MethodGet, "http://ductile.example")) //nolint:bodyclose // there is none
	}), "RoundTrip has not returned")
	if passed == nil {
		x.find("RoundTrip returned %v, and the error: %v", answer, err)
	}
	x.did("sent another GET after one whose base had panicked (%v)", passed)
	panics = false
	if answer, err := x.begin(transport, x.ask(http.MethodGet, "http://ductile.example")).end(); err == nil {
		x.shut(answer)
	}
}
