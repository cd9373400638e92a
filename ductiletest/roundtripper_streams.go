package ductiletest

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Stories of bodies of answers that take their time.

func streamsAnswer(x *visit) {
	read := make(chan struct{})
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		_, _ = io.WriteString(w, "begun")
		flush(w)
		select {
		case <-read:
			_, _ = io.WriteString(w, " and ended")
		case <-r.Context().Done():
		}
	})
	x.did("sent a GET whose answer goes on once its beginning has been read")
	answer := s.get(x.ask(http.MethodGet, s.URL))
	x.begins(answer, "begun")
	close(read)
	if text := x.read(answer); text != " and ended" {
		x.find("the rest of the answer is %q", text)
	}
}

// outlives sends an answer's rest after RoundTrip has returned, and what ends then has ended.
func outlives(x *visit, s *site, returned chan struct{}, r *http.Request) {
	answer := s.get(r)
	soon(func() { close(returned) })
	text, err := x.readAll(answer)
	if want := len("begun") + len(much()); err != nil || len(text) != want {
		x.find("reading the body after RoundTrip had returned ended after %d bytes of %d: %v", len(text), want, err)
	}
	x.shut(answer)
}

// lengthy serves what outlives reads.
func lengthy(returned chan struct{}) serving {
	return func(w http.ResponseWriter, r *http.Request, _ int64) {
		_, _ = io.WriteString(w, "begun")
		flush(w)
		select {
		case <-returned:
			_, _ = w.Write(much())
		case <-r.Context().Done():
		}
	}
}

func readsWhole(x *visit) {
	returned := make(chan struct{})
	s := x.serve(lengthy(returned))
	x.did("sent a GET whose answer begins, and of which more than a megabyte follows after RoundTrip has returned")
	outlives(x, s, returned, x.ask(http.MethodGet, s.URL))
}

func readsWinner(x *visit) {
	returned, second := make(chan struct{}), make(chan struct{})
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		if n > 1 {
			if n == 2 {
				close(second)
			}
			lengthy(returned)(w, r, n)
			return
		}
		if x.waits(r, second) {
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, "slow")
	})
	x.did("sent a GET that is not answered, and its copy is: with a beginning, and a megabyte after RoundTrip has returned")
	r := x.ask(http.MethodGet, s.URL)
	c := x.begin(s.transport, r)
	answer, err := c.end()
	if err != nil {
		x.find("RoundTrip returned the error %q", err)
	}
	if s.requests.Load() == 1 {
		x.shut(answer)
		x.moot("sent no copy of a GET that took %v", x.lull)
	}
	soon(func() { close(returned) })
	text, err := x.readAll(answer)
	if want := len("begun") + len(much()); err != nil || len(text) != want {
		x.find("reading the body of the copy's answer ended after %d bytes of %d: %v", len(text), want, err)
	}
	x.shut(answer)
}

// waits is a slow server: until a copy has come, and reports whether it has.
func (x *visit) waits(r *http.Request, copied <-chan struct{}) bool {
	timer := time.NewTimer(x.lull)
	defer timer.Stop()
	select {
	case <-copied:
		return true
	case <-timer.C:
	case <-r.Context().Done():
	}
	return false
}

func endsReading(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		_, _ = io.WriteString(w, "begun")
		flush(w)
		<-r.Context().Done()
	})
	x.did("canceled the context of a request while its answer was read")
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	answer := s.get(x.askIn(ctx, http.MethodGet, s.URL))
	x.begins(answer, "begun")
	soon(cancel)
	if text, err := x.readAll(answer); err == nil {
		x.find("the body came to its end, without an error, after %q", text)
	}
	x.shut(answer)
}

func breaksOff(x *visit) {
	for _, length := range []string{"100", ""} {
		s := x.serve(func(w http.ResponseWriter, _ *http.Request, _ int64) {
			if length != "" {
				w.Header().Set("Content-Length", length)
			}
			_, _ = io.WriteString(w, "begun")
			flush(w)
			hangUp()
		})
		x.did("sent a GET whose answer breaks off after 5 bytes (its Content-Length: %q)", length)
		answer, err := s.send(x.ask(http.MethodGet, s.URL))
		if err != nil {
			continue // it broke off before there was one
		}
		if text, err := x.readAll(answer); err == nil {
			x.find("the body came to its end without an error: %q", text)
		}
		x.shut(answer)
	}
}

func closesEarly(x *visit) {
	left := make(chan struct{}, 1)
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		_, _ = io.WriteString(w, "begun")
		for r.Context().Err() == nil {
			flush(w)
			select {
			case <-time.After(time.Millisecond):
				_, _ = io.WriteString(w, " and on")
			case <-r.Context().Done():
			}
		}
		left <- struct{}{}
	})
	x.did("closed an answer's body that has no end")
	answer := s.get(x.ask(http.MethodGet, s.URL))
	x.begins(answer, "begun")
	x.shut(answer)
	gone := make(chan struct{})
	x.spawn(func() { <-left; close(gone) })
	x.await(gone, "the server was not told")
}

func answersTrailers(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.URL.Path == "/announced" {
			w.Header().Set("Trailer", "Sum")
		}
		_, _ = io.WriteString(w, "hello")
		flush(w)
		w.Header().Set(http.TrailerPrefix+"Sum", "42")
		if r.URL.Path == "/announced" {
			w.Header().Set("Sum", "42")
		}
	})
	for _, path := range []string{"/announced", "/unannounced"} {
		x.did("sent a GET for %s, whose answer has a trailer", path)
		answer := s.get(x.ask(http.MethodGet, s.URL+path))
		if _, ok := answer.Trailer["Sum"]; path == "/announced" && !ok {
			x.find("the answer's Trailer does not announce it: %v", answer.Trailer)
		}
		x.read(answer)
		if answer.Trailer.Get("Sum") != "42" {
			x.find("after the end of the body, the answer's Trailer is %v", answer.Trailer)
		}
	}
}
