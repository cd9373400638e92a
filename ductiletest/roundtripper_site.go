package ductiletest

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
)

// A protocol is what a request travels over.
type protocol int

const (
	none protocol = iota // the base is no transport at all
	http1
	http2
	h2c
)

// String returns the name that net/http and others give it.
func (p protocol) String() string {
	switch p {
	case http1:
		return "HTTP/1.1"
	case http2:
		return "HTTP/2"
	case h2c:
		return "h2c"
	case none:
		return ""
	default:
		return "?"
	}
}

// A site is a server, and the transport to be judged in front of it.
type site struct {
	*httptest.Server
	x         *visit
	base      *base
	transport http.RoundTripper
	requests  atomic.Int64 // how many have arrived
	conns     atomic.Int64 // how many connections have been made
}

// A serving answers the request with a number, from one on.
type serving func(w http.ResponseWriter, r *http.Request, n int64)

// serve starts a server. It is closed after the story, with every request that it has: a serving waits for the context of its request.
func (x *visit) serve(answer serving) *site {
	s := &site{x: x}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.requests.Add(1))
	}))
	s.Config.ErrorLog = quiet()
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.conns.Add(1)
		}
	}
	under := new(http.Transport)
	x.unmarked(func() {
		switch x.over {
		case http2:
			s.EnableHTTP2 = true
			s.StartTLS()
			under, _ = s.Client().Transport.(*http.Transport)
		case h2c:
			s.Config.Protocols, under.Protocols = new(http.Protocols), new(http.Protocols)
			s.Config.Protocols.SetUnencryptedHTTP2(true)
			under.Protocols.SetUnencryptedHTTP2(true)
			s.Start()
		default:
			s.Start()
		}
	})
	under.DialContext = dial
	under.Proxy = nil
	under.ExpectContinueTimeout = x.watch
	x.later(func() {
		_ = s.Listener.Close()
		_ = s.Config.Close() // at once, whoever is still there
		under.CloseIdleConnections()
	})
	s.base = &base{under: under}
	s.transport = x.around(s.base)
	return s
}

// around returns a new transport to be judged.
func (x *visit) around(base http.RoundTripper) http.RoundTripper {
	transport := x.wrap(base)
	if transport == nil {
		x.find("it returned nil")
	}
	return transport
}

// client returns an http.Client that uses the transport.
func (s *site) client() *http.Client {
	return &http.Client{Transport: s.transport, CheckRedirect: asIs}
}

// asIs is for clients to whom a redirect is an answer.
func asIs(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// flush sends what has been written.
func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// hangUp ends a request without an answer, or in the middle of one.
func hangUp() { panic(http.ErrAbortHandler) }

// much is a body that no buffer on the way holds.
func much() []byte { return bytes.Repeat([]byte("much "), 1<<18) }
