package ductiletest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Stories of bodies that are closed, and sent whole.

// closesAfter sends a PUT, whatever becomes of it, and looks whether its bodies are closed.
func (x *visit) closesAfter(s *site, r *http.Request, body *parcel) {
	if answer, err := s.send(r); err == nil {
		x.read(answer)
	}
	x.closes(body)
}

func closesAnswered(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.URL.Path == "/read" {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	})
	for _, path := range []string{"/read", "/unread"} {
		body := &parcel{text: "payload"}
		x.did("sent a PUT for %s, which is answered 200", path)
		x.closesAfter(s, x.put(s.URL+path, body), body)
	}
}

func closesRepeated(x *visit) {
	s := x.serve(busy(says("ok")))
	body := &parcel{text: "payload"}
	x.did("sent a PUT that is answered 503, and then 200")
	x.closesAfter(s, x.put(s.URL, body), body)
}

func closesBroken(x *visit) {
	s := x.serve(func(http.ResponseWriter, *http.Request, int64) { hangUp() })
	body := &parcel{text: "payload"}
	x.did("sent a PUT on which the server hangs up each time")
	x.closesAfter(s, x.put(s.URL, body), body)
}

func closesUnreachable(x *visit) {
	s := x.serve(says(""))
	body := &parcel{text: "payload"}
	x.did("sent a PUT to where nobody listens")
	x.closesAfter(s, x.put(nowhere, body), body)
}

func closesInvalid(x *visit) {
	s := x.serve(says(""))
	for what, spoil := range map[string]func(*http.Request){
		"without a Host in its URL":       func(r *http.Request) { r.URL.Host = "" },
		"with a method that is none":      func(r *http.Request) { r.Method = "not one" },
		"with a header that is none":      func(r *http.Request) { r.Header["bad name"] = []string{"x"} },
		"with a scheme that nobody knows": func(r *http.Request) { r.URL.Scheme = "gopher" },
	} {
		body := &parcel{text: "payload"}
		r := x.put(s.URL, body)
		spoil(r)
		x.did("sent a PUT %s", what)
		x.closesAfter(s, r, body)
	}
}

func closesDead(x *visit) {
	s := x.serve(says(""))
	ctx, cancel := context.WithCancel(x.ctx)
	cancel()
	body := &parcel{text: "payload"}
	x.did("sent a PUT whose context has ended")
	x.closesAfter(s, x.put(s.URL, body).WithContext(ctx), body)
}

func closesCanceled(x *visit) {
	s := x.serve(func(_ http.ResponseWriter, r *http.Request, _ int64) { <-r.Context().Done() })
	for _, text := range []string{"payload", string(much())} {
		ctx, cancel := context.WithCancel(x.ctx)
		x.later(cancel)
		body := &parcel{text: text}
		x.did("sent a PUT with a body of %d bytes, and canceled its context when it had arrived", len(text))
		arrived := s.requests.Load()
		c := x.begin(s.transport, x.put(s.URL, body).WithContext(ctx))
		x.eventually(func() bool { return s.requests.Load() > arrived }, "the request has not arrived")
		cancel()
		if answer, err := c.end(); err == nil {
			x.shut(answer)
		}
		x.closes(body)
	}
}

// wholly sends a request, and finds what the base has to say of later attempts.
func (x *visit) wholly(s *site, r *http.Request) {
	if answer, err := s.send(r); err == nil {
		x.read(answer)
	}
	for _, failed := range s.base.failures() {
		x.find("the base was called %d times, and said: %v", s.base.count(), failed)
	}
}

// whole finds a request without the whole body.
func (x *visit) whole(r *http.Request, n int64) {
	if text, err := io.ReadAll(r.Body); err == nil && string(text) != "payload" {
		x.note(fmt.Sprintf("request %d that the server saw came with the body %q, and not %q", n, text, "payload"), "")
	}
}

func sendsWhole(x *visit) {
	repeated := false
	for _, length := range []int64{7, -1} {
		for _, unread := range []bool{false, true} {
			s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
				if n > 1 || !unread {
					x.whole(r, n)
				}
				if n == 1 {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			})
			x.did("sent a PUT with GetBody and ContentLength %d, which is answered 503 first (with its body unread: %t)", length, unread)
			r := x.put(s.URL, &parcel{text: "payload"})
			r.ContentLength = length
			x.wholly(s, r)
			repeated = repeated || s.base.count() > 1
		}
	}
	if !repeated {
		x.moot("does not repeat a PUT that is answered 503")
	}
}

func copiesWhole(x *visit) {
	second := make(chan struct{})
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		x.whole(r, n)
		if n == 1 && x.waits(r, second) {
			<-r.Context().Done()
		}
		if n == 2 {
			close(second)
		}
	})
	x.did("sent a PUT with GetBody to a server that takes %v, unless there is a copy", x.lull)
	x.wholly(s, x.put(s.URL, &parcel{text: "payload"}))
	if s.base.count() == 1 {
		x.moot("sends no copy of a PUT that takes %v", x.lull)
	}
}

func sendsOnce(x *visit) {
	for _, length := range []int64{7, -1} {
		s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
			x.whole(r, n)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		x.did("sent a PUT without GetBody and with ContentLength %d, which is always answered 503", length)
		r := x.ask(http.MethodPut, s.URL)
		r.Header.Set("Idempotency-Key", "7")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("payload")), length
		x.wholly(s, r)
	}
}

func failsWithGetBody(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		if text, _ := io.ReadAll(r.Body); string(text) != "payload" {
			x.note("there was a second request, with the body "+string(text), "")
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	x.did("sent a PUT whose GetBody fails, and which is answered 503")
	asked := make(chan struct{}, 100)
	r := x.put(s.URL, &parcel{text: "payload"})
	r.ContentLength = -1
	r.GetBody = func() (io.ReadCloser, error) {
		asked <- struct{}{}
		return nil, errSpoiled
	}
	answer, err := s.send(r)
	switch {
	case err == nil && answer.StatusCode != http.StatusServiceUnavailable:
		x.find("the answer's status is %d", answer.StatusCode)
	case err == nil:
		x.shut(answer)
	case len(asked) > 0 && !errors.Is(err, errSpoiled):
		x.find("RoundTrip returned the error %q, in which the one of GetBody is not found", err)
	}
	if len(asked) == 0 {
		x.moot("does not ask GetBody for another body")
	}
}
