package ductiletest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Stories of calls that are to end.

// stalls is a server that does not answer.
func stalls(_ http.ResponseWriter, r *http.Request, _ int64) { <-r.Context().Done() }

// isTimeout finds an error that is none of a timeout.
func (x *visit) isTimeout(err error) {
	asked, ok := errors.AsType[*url.Error](err)
	switch {
	case !ok:
		x.find("the error of http.Client is a %T: %v", err, err)
	case !asked.Timeout():
		x.find("Timeout of the url.Error returns false; it holds a %T: %v", asked.Err, err)
	case !errors.Is(err, context.DeadlineExceeded):
		x.find("the error is not context.DeadlineExceeded: %v", err)
	}
}

func heedsDead(x *visit) {
	s := x.serve(says("ok"))
	x.did("sent a GET whose context has been canceled")
	ctx, cancel := context.WithCancel(x.ctx)
	cancel()
	if err := x.fails(s.client(), x.askIn(ctx, http.MethodGet, s.URL)); !errors.Is(err, context.Canceled) {
		x.find("the error is not context.Canceled: %v", err)
	}
	if n := s.requests.Load(); n > 0 {
		x.find("the server has seen the request")
	}
}

func heedsCancel(x *visit) {
	s := x.serve(stalls)
	x.did("sent a GET that is not answered, and canceled its context")
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	x.spawn(func() {
		x.eventually(func() bool { return s.requests.Load() > 0 }, "the server has not seen the request")
		cancel()
	})
	if err := x.fails(s.client(), x.askIn(ctx, http.MethodGet, s.URL)); !errors.Is(err, context.Canceled) {
		x.find("the error is not context.Canceled: %v", err)
	}
}

// heedsCancelWaiting cancels a call that waits before it repeats.
func heedsCancelWaiting(x *visit) {
	s := x.serve(func(w http.ResponseWriter, _ *http.Request, _ int64) {
		w.Header().Set("Retry-After", "10")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	x.did("sent a GET that is answered 503 with a Retry-After of 10 seconds, and canceled its context while it waited")
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	c := x.begin(s.transport, x.askIn(ctx, http.MethodGet, s.URL))
	select {
	case <-c.returned:
	case <-time.After(x.lull):
	}
	waits := c.pending()
	cancel()
	answer, err := c.end()
	if err == nil {
		x.shut(answer)
	}
	if !waits {
		x.moot("does not wait before it repeats, or not for long")
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		x.find("the error is not context.Canceled: %v", err)
	}
}

// pending reports whether RoundTrip has not returned.
func (c *call) pending() bool {
	select {
	case <-c.returned:
		return false
	default:
		return true
	}
}

func heedsDeadline(x *visit) {
	s := x.serve(stalls)
	x.did("sent a GET that is not answered, and whose context has a deadline")
	ctx, cancel := context.WithTimeout(x.ctx, x.lull/2)
	defer cancel()
	x.isTimeout(x.fails(s.client(), x.askIn(ctx, http.MethodGet, s.URL)))
}

func heedsClient(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		if r.URL.Path == "/begun" {
			flush(w)
		}
		stalls(w, r, n)
	})
	client := s.client()
	client.Timeout = x.lull / 2
	x.did("sent a GET that is not answered, by an http.Client with a Timeout")
	x.isTimeout(x.fails(client, x.ask(http.MethodGet, s.URL)))
	x.did("sent a GET whose answer has no end, by an http.Client with a Timeout")
	answer, err := x.do(client, x.ask(http.MethodGet, s.URL+"/begun"))
	if err == nil {
		_, err = x.readAll(answer)
		x.shut(answer)
	}
	if late, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); !ok || !late.Timeout() {
		x.find("Timeout of the error returns false, or there is none: %v", err)
	}
}

func heedsChannel(x *visit) {
	s := x.serve(stalls)
	x.did("sent a GET that is not answered, and closed the request's Cancel")
	left := make(chan struct{})
	r := x.ask(http.MethodGet, s.URL)
	r.Cancel = left //nolint:staticcheck // callers may still use it
	c := x.begin(s.transport, r)
	x.eventually(func() bool { return s.requests.Load() > 0 }, "the server has not seen the request")
	close(left)
	if answer, err := c.end(); err == nil {
		x.shut(answer)
		x.find("there was an answer after all: %s", answer.Status)
	}
}

func saysTimeout(x *visit) {
	s := x.serve(stalls)
	x.did("sent a GET that is not answered, by an http.Client, and waited until the transport gave up by itself")
	r := x.ask(http.MethodGet, s.URL)
	c := x.begin(baseFunc(s.client().Do), r)
	select {
	case <-c.returned:
	case <-time.After(x.own):
	}
	if c.pending() {
		x.moot("has not given up by itself in %v", x.own)
	}
	answer, err := c.end()
	if err == nil {
		x.shut(answer)
		x.find("there was an answer after all: %s", answer.Status)
	}
	x.isTimeout(err)
}
