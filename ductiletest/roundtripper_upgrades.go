package ductiletest

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync/atomic"
)

// Stories of what is more than a request and an answer.

// echo upgrades its connections, and says again what they say.
func echo(w http.ResponseWriter, r *http.Request, _ int64) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil || r.Header.Get("Upgrade") != "echo" {
		return
	}
	defer conn.Close() //nolint:errcheck // whoever hears of it
	_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	for err == nil {
		_ = rw.Flush()
		var line string
		line, err = rw.ReadString('\n')
		_, _ = rw.WriteString(line)
	}
}

// upgrade makes a connection that says again what it is told.
func (x *visit) upgrade() (*site, reply) {
	s := x.serve(echo)
	x.later(s.CloseClientConnections)
	r := x.ask(http.MethodGet, s.URL)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	answer := s.get(r)
	if answer.StatusCode != http.StatusSwitchingProtocols {
		x.find("the answer's status is %d", answer.StatusCode)
	}
	return s, answer
}

func upgrades(x *visit) {
	x.did("sent a GET that is answered 101, and wrote to the answer's body")
	_, answer := x.upgrade()
	conn, ok := answer.Body.(io.ReadWriteCloser)
	if !ok {
		x.find("the body, a %T, is no io.ReadWriteCloser: a reverse proxy refuses it", answer.Body)
	}
	lines := bufio.NewReader(conn)
	for _, said := range []string{"one\n", "two\n", strings.Repeat("three", 1000) + "\n"} {
		var heard string
		var err error
		x.await(x.spawn(func() {
			if _, err = io.WriteString(conn, said); err == nil {
				heard, err = lines.ReadString('\n')
			}
		}), "what was said has not come back")
		if heard != said {
			x.find("what came back is not what was said, but %d bytes, and the error %v", len(heard), err)
		}
	}
	x.shut(answer)
}

func closesHalf(x *visit) {
	x.did("called CloseWrite of the body of an answer 101, which the base's body has")
	s, answer := x.upgrade()
	conn, ok := answer.Body.(interface{ CloseWrite() error })
	if !ok {
		x.find("the body, a %T, has no such method any more", answer.Body)
	}
	_ = conn.CloseWrite()
	if body := s.base.upgraded.Load(); body == nil || !body.half.Load() {
		x.find("the base has not heard of it")
	}
	x.shut(answer)
}

func traces(x *visit) {
	s := x.serve(func(w http.ResponseWriter, _ *http.Request, _ int64) {
		w.Header().Set("Link", "</style.css>")
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.WriteString(w, "hello")
	})
	var conns, wrote, first, hints atomic.Int64
	x.did("sent a GET with hooks of httptrace, which is answered 103 and then 200")
	ctx := httptrace.WithClientTrace(x.ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { conns.Add(1) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { wrote.Add(1) },
		GotFirstResponseByte: func() { first.Add(1) },
		Got1xxResponse:       func(int, textproto.MIMEHeader) error { hints.Add(1); return nil },
	})
	x.read(s.get(x.askIn(ctx, http.MethodGet, s.URL)))
	for hook, count := range map[string]*atomic.Int64{
		"GotConn": &conns, "WroteRequest": &wrote, "GotFirstResponseByte": &first, "Got1xxResponse": &hints,
	} {
		x.eventually(func() bool { return count.Load() > 0 }, "%s was not called", hook)
	}
}

func expects(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.URL.Path == "/no" {
			w.WriteHeader(http.StatusExpectationFailed)
			return
		}
		_, _ = io.Copy(w, r.Body)
	})
	for path, want := range map[string]string{"/": "payload", "/no": ""} {
		x.did("sent a PUT for %s with Expect: 100-continue; the server wants the body, but for /no", path)
		r := x.put(s.URL+path, &parcel{text: "payload"})
		r.Header.Set("Expect", "100-continue")
		if text := x.read(s.get(r)); text != want {
			x.find("the server has read %q", text)
		}
		if s.base.blunt.Load() { // the server does not say so over HTTP/2
			x.find("the request that reached the base had no expectation")
		}
	}
}
