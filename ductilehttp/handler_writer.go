package ductilehttp

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// observed is the server's ResponseWriter, of which it notes what was answered. What it implements besides is in [observed.capable].
type observed struct {
	http.ResponseWriter
	status   int // zero while nothing final is written
	hijacked bool
}

func (o *observed) note(status int) {
	if o.status == 0 {
		o.status = status
	}
}

// WriteHeader implements http.ResponseWriter. It notes afterwards: a status that cannot be panics. One below 200 comes before the
// answer, except 101, which is one.
func (o *observed) WriteHeader(status int) {
	o.ResponseWriter.WriteHeader(status)
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		o.note(status)
	}
}

// Write implements http.ResponseWriter.
func (o *observed) Write(p []byte) (int, error) {
	o.note(http.StatusOK)
	return o.ResponseWriter.Write(p)
}

// WriteString implements io.StringWriter.
func (o *observed) WriteString(s string) (int, error) {
	o.note(http.StatusOK)
	return io.WriteString(o.ResponseWriter, s)
}

// Unwrap is for http.ResponseController, which looks there for what o does not implement. What it finds by that way must be noted, too.
func (o *observed) Unwrap() http.ResponseWriter { return (*beneath)(o) }

// beneath stands between an observed and the server's ResponseWriter. http.ResponseController may flush or hijack what is no http.Flusher
// or http.Hijacker itself, but wraps one. All else goes on to the server's.
type beneath observed

// Write implements http.ResponseWriter.
func (b *beneath) Write(p []byte) (int, error) { return (*observed)(b).Write(p) }

// WriteHeader implements http.ResponseWriter.
func (b *beneath) WriteHeader(status int) { (*observed)(b).WriteHeader(status) }

// Unwrap returns the server's ResponseWriter.
func (b *beneath) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// FlushError flushes as http.ResponseController does.
func (b *beneath) FlushError() error {
	err := http.NewResponseController(b.ResponseWriter).Flush()
	if !errors.Is(err, http.ErrNotSupported) {
		(*observed)(b).note(http.StatusOK)
	}
	return err
}

// Hijack implements http.Hijacker. Where it fails, the answer is still to be written.
func (b *beneath) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(b.ResponseWriter).Hijack()
	b.hijacked = b.hijacked || err == nil
	return conn, rw, err
}
