package ductiletest

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Stories of what the server hears.

// hears sends a request, to a server that answers 503 first, and compares what the server hears each time.
func hears(x *visit, r func(s *site) *http.Request, heard func(*http.Request) string, want string) {
	answer := busy(says("ok"))
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		if is := heard(r); is != want {
			x.note(fmt.Sprintf("request %d that the server saw has %s, and not %s", n, is, want), "")
		}
		answer(w, r, n)
	})
	x.read(s.get(r(s)))
}

func keepsTarget(x *visit) {
	const target = "/a%2Fb//c%20d/%C3%A9?x=1&x=%202&y"
	x.did("sent a PROPFIND for %s, which is answered 503 first", target)
	hears(x, func(s *site) *http.Request {
		return x.ask("PROPFIND", s.URL+target)
	}, func(r *http.Request) string { return r.Method + " " + r.RequestURI }, "PROPFIND "+target)
}

func keepsOpaque(x *visit) {
	x.did("sent a GET whose URL is Opaque, which is answered 503 first")
	hears(x, func(s *site) *http.Request {
		r := x.ask(http.MethodGet, s.URL)
		r.URL = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Opaque: "/%61%2f"}
		return r
	}, func(r *http.Request) string { return r.RequestURI }, "/%61%2f")
}

func keepsHost(x *visit) {
	x.did("sent a GET with a Host that is not that of the URL, which is answered 503 first")
	hears(x, func(s *site) *http.Request {
		r := x.ask(http.MethodGet, s.URL)
		r.Host = "elsewhere.example"
		return r
	}, func(r *http.Request) string { return r.Host }, "elsewhere.example")
}

func keepsHeader(x *visit) {
	x.did("sent a GET with a header, and without a User-Agent, which is answered 503 first")
	hears(x, func(s *site) *http.Request {
		r := x.ask(http.MethodGet, s.URL)
		r.Header = http.Header{"X-Many": {"a", "b", "a"}, "X-Empty": {""}, "Authorization": {"Bearer 7"}, "User-Agent": {""}}
		return r
	}, func(r *http.Request) string {
		_, named := r.Header["User-Agent"]
		_, empty := r.Header["X-Empty"]
		return fmt.Sprint(r.Header["X-Many"], empty, r.Header["Authorization"], named)
	}, "[a b a] true [Bearer 7] false")
}

func keepsLength(x *visit) {
	known := func(r *http.Request) string {
		text, _ := io.ReadAll(r.Body)
		return fmt.Sprintf("the length %d (%v) and the body %q", r.ContentLength, r.TransferEncoding, text)
	}
	chunks := "[]"
	if x.over == http1 {
		chunks = "[chunked]"
	}
	for _, test := range []struct {
		name string
		give func(*http.Request)
		want string
	}{
		{"a length", func(r *http.Request) { (&parcel{text: "payload"}).give(r) }, `the length 7 ([]) and the body "payload"`},
		{"an unknown length", func(r *http.Request) {
			(&parcel{text: "payload"}).give(r)
			r.ContentLength = -1
		}, `the length -1 (` + chunks + `) and the body "payload"`},
		{"a length of 0, which is unknown", func(r *http.Request) {
			(&parcel{text: "payload"}).give(r)
			r.ContentLength = 0
		}, `the length -1 (` + chunks + `) and the body "payload"`},
		{"a nil Body", func(*http.Request) {}, `the length 0 ([]) and the body ""`},
		{"http.NoBody", func(r *http.Request) { r.Body = http.NoBody }, `the length 0 ([]) and the body ""`},
	} {
		x.did("sent a PUT with %s, which is answered 503 first", test.name)
		hears(x, func(s *site) *http.Request {
			r := x.ask(http.MethodPut, s.URL)
			test.give(r)
			return r
		}, known, test.want)
	}
}

// summing sets a trailer at the end of what it reads.
type summing struct {
	io.Reader
	set func()
}

func (s *summing) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil {
		s.set()
	}
	return n, err
}

func sendsTrailers(x *visit) {
	x.did("sent a PUT whose trailer is set at the end of its body, and which is answered 503 first")
	s := x.serve(busy(func(w http.ResponseWriter, r *http.Request, _ int64) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, r.Trailer.Get("Sum")) //nolint:gosec // a kit's
	}))
	for range 2 { // what is not repeated is answered the second time
		r := x.ask(http.MethodPut, s.URL)
		r.Trailer = http.Header{"Sum": nil}
		r.ContentLength = -1
		r.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(&summing{strings.NewReader("payload"), func() { r.Trailer.Set("Sum", "42") }}), nil
		}
		r.Body, _ = r.GetBody()
		answer := s.get(r)
		if sum := x.read(answer); answer.StatusCode == http.StatusOK && sum != "42" {
			x.find("the server heard of %q, and not of 42", sum)
		}
	}
}

func streamsRequest(x *visit) {
	heard := make(chan struct{})
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		if _, err := io.ReadFull(r.Body, make([]byte, 5)); err == nil && n == 1 {
			close(heard)
		}
		_, _ = io.Copy(w, r.Body)
	})
	x.did("sent a PUT whose body goes on once the server has its beginning; it has a GetBody")
	from, to := io.Pipe()
	x.later(func() { _ = from.Close() })
	r := x.put(s.URL, &parcel{text: "begun and ended"})
	r.Body, r.ContentLength = from, -1
	x.spawn(func() { _, _ = io.WriteString(to, "begun") })
	c := x.begin(s.transport, r)
	x.await(heard, "the server has not seen the beginning of the body")
	x.spawn(func() {
		_, _ = io.WriteString(to, " and ended")
		_ = to.Close()
	})
	answer, err := c.end()
	if err != nil {
		x.find("RoundTrip returned the error %q", err)
	}
	if text := x.read(answer); text != " and ended" {
		x.find("the server read %q after the beginning", text)
	}
}
